from odoo.addons.prm_deal_registration.tests.common import DealCase
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PortalCase

URL = "/my/partner/resellers"


@tagged("post_install", "-at_install")
class TestResellers(PortalCase):
    """A distributor sees which resellers it has, and nothing of how they perform."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distribution = cls.env["prm.program"].create(
            {"name": "Distribution", "kind": "distributor"}
        )
        cls.distributor, cls.buyer = cls._new_partner("Depot", "depot.example")
        cls.role = cls._enroll(cls.distributor, program=cls.distribution)
        cls.user = cls._new_portal_user(cls.buyer, "admin")
        cls.resellers = cls.env["prm.membership"].search(
            [("partner_id", "in", (cls.partner | cls.rival).ids)]
        )

    def _flag(self, memberships):
        memberships.write({"distributor_id": self.distributor.id, "distributor_access": True})

    def test_list(self):
        self._flag(self.resellers)
        self.resellers[1].distributor_access = False
        shown, hidden = self.resellers
        self._login(self.user)
        page = self._parse(self._get(URL))
        text = page.xpath("string(//main)")
        self.assertIn(shown.partner_id.name, text)
        self.assertIn(shown.program_id.name, text)
        self.assertIn(shown.grade_id.name, text)
        self.assertNotIn(hidden.partner_id.name, text)
        self.assertTrue(page.xpath(f"//a[@href='{URL}']"), "a way to the page")

    def test_no_way_to_an_empty_page(self):
        self._login(self.user)
        self.assertIn("No resellers yet", self._get(URL))
        self.assertNotIn(URL, self._get("/my/partner"))

    def test_others_have_no_such_page(self):
        self._flag(self.resellers)
        for user in (*self.people.values(), self.rival_user):
            self._login(user)
            self._get(URL, 404)
            self.assertNotIn(URL, self._get("/my/partner"))

    def test_a_suspended_distributor_sees_nobody(self):
        self._flag(self.resellers)
        self.role.action_suspend("Unpaid")
        self._login(self.user)
        self._get(URL, 404)

    def test_queries_are_constant(self):
        self._flag(self.resellers)
        self._login(self.user)
        for _warm_up in range(3):
            self._get(URL)
        before = self.cr.sql_log_count
        self._get(URL)
        few = self.cr.sql_log_count - before
        for number in range(12):
            partner, _contact = self._new_partner(f"Shop {number}", f"shop{number}.example")
            self._flag(self._enroll(partner))
        self._get(URL)
        before = self.cr.sql_log_count
        self._get(URL)
        self.assertEqual(self.cr.sql_log_count - before, few)


class TestResellerRecords(DealCase):
    """By any other way than the page, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        distribution = cls.env["prm.program"].create(
            {"name": "Distribution", "kind": "distributor"}
        )
        cls.distributor, buyer = cls._new_partner("Depot", "depot.example")
        cls.role = cls._enroll(cls.distributor, program=distribution)
        cls.reseller = cls.env["prm.membership"].search([("partner_id", "=", cls.partner.id)])
        cls.reseller.write({"distributor_id": cls.distributor.id, "distributor_access": True})
        cls.memberships = cls.env["prm.membership"].with_user(
            cls._new_portal_user(buyer, "admin")
        )

    def test_own_and_resellers_are_listed_together(self):
        found = self.memberships.search([])
        self.assertEqual(found.sudo(), self.role | self.reseller)
        names = {row["display_name"] for row in found.read(["display_name"])}
        self.assertEqual(names, set((self.role | self.reseller).mapped("display_name")))

    def test_what_hangs_on_a_membership_is_not_searched(self):
        fields = self.env["prm.membership"]._fields
        lists = [name for name, field in fields.items() if field.type == "one2many"]
        self.assertIn("agreement_ids", lists)
        for name in lists:
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.memberships.search([(name, "!=", False)])
