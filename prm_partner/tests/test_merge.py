from odoo import fields
from odoo.exceptions import UserError, ValidationError

from .common import PartnerCase


class TestMerge(PartnerCase):
    """Odoo's wizard makes one contact of two that are members."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_program = cls.program.copy({"name": "Other Program"})
        cls.rival.email = cls.partner.email  # only the administrator merges different ones

    def _merge(self, *sources, into=None):
        target = into or self.partner
        partners = target.union(*sources)
        wizards = self.env["base.partner.merge.automatic.wizard"].with_user(self.program_manager)
        wizards._merge(partners.ids, target.with_user(self.program_manager))
        self.assertFalse(target.union(*sources).exists() - target)

    def test_members_of_the_same_program(self):
        self._enroll(self.partner)
        self._enroll(self.rival, state="applicant", user=self.other_manager)
        with self.assertRaisesRegex(
            UserError, "Acme Partners, Rival Partners are .*: “Test Resellers”. End one"
        ):
            self._merge(self.rival)
        self.assertTrue(self.rival.exists())

    def test_one_of_them_has_ended(self):
        kept = self._enroll(self.partner, self.gold)
        ended = self._enroll(self.rival, self.silver)
        ended.action_end("Merged")
        self._merge(self.rival)
        self.assertEqual((kept | ended).partner_id, self.partner)
        self.assertEqual(self.partner.grade_id, self.gold)

    def test_history_moves_with_its_membership(self):
        moved = self._enroll(self.rival, self.gold)
        moved._set_tier(self.platinum, "Well done")
        facts = moved.change_ids.read(["reason", "date", "old_grade_id", "new_grade_id"])
        self._merge(self.rival)
        self.assertEqual(moved.change_ids.partner_id, self.partner)
        self.assertEqual(
            moved.change_ids.read(["reason", "date", "old_grade_id", "new_grade_id"]), facts
        )
        self.assertEqual(self.partner.grade_id, self.platinum)
        self.assertTrue(moved.is_primary)

    def test_history_is_protected_again_after_it(self):
        moved = self._enroll(self.rival, self.gold)
        self._merge(self.rival)
        self.cr.execute("SELECT current_setting('prm.merged_column')")
        self.assertEqual(self.cr.fetchone()[0], "")
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            moved.change_ids.write({"partner_id": self.partner.id})

    def test_primary_of_the_one_that_is_left(self):
        third, _contact = self._new_partner("Third Partners", "acme-partners.example")
        third.email = self.partner.email
        moved = self._enroll(self.rival, self.gold)
        more = self._enroll(third, program=self.program.copy({"name": "Third Program"}))
        kept = self._enroll(self.partner, program=self.other_program)
        self._merge(self.rival, third)
        self.assertEqual((kept | moved | more).partner_id, self.partner)
        self.assertEqual((kept | moved | more).filtered("is_primary"), kept)
        self.assertEqual(self.partner.grade_id, kept.grade_id)

    def test_level_comes_from_the_primary_membership(self):
        """Odoo would write the tier of a contact that goes to one that has none."""
        pricelist = self.env["product.pricelist"].create({"name": "Gold"})
        self.gold.default_pricelist_id = pricelist
        self._enroll(self.rival, self.gold)
        kept = self.env["prm.membership"].create(
            {"partner_id": self.partner.id, "program_id": self.other_program.id}
        )
        self._merge(self.rival)
        self.assertTrue(kept.is_primary)
        self.assertFalse(self.partner.grade_id)
        self.assertFalse(self.partner.specific_property_product_pricelist)

    def test_a_contact_that_is_no_member(self):
        membership = self._enroll(self.partner, self.gold)
        self.rival.grade_id = self.env["res.partner.grade"].create({"name": "From before"})
        self._merge(self.rival)
        self.assertEqual((self.partner.grade_id, membership.grade_id), (self.gold, self.gold))

    def test_contacts_of_a_member(self):
        membership = self._enroll(self.partner, self.gold)
        colleague = self.contact.copy({"name": "The same", "email": self.contact.email})
        visits = self.env["prm.portal.visit"].create(
            [
                {"partner_id": person.id, "company_partner_id": self.partner.id,
                 "date": "2030-01-01"}
                for person in (self.contact, colleague)
            ]
        )
        self._merge(colleague, into=self.contact)
        self.assertEqual(visits.exists().partner_id, self.contact)
        self.assertEqual(membership.grade_id, self.gold)

    def test_figures_of_the_same_day(self):
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        days = {self.partner: ("2030-01-01",), self.rival: ("2030-01-01", "2030-01-02")}
        for partner, dates in days.items():
            for day in dates:
                self.cr.execute(
                    "INSERT INTO prm_metric_value (metric_id, partner_id, company_id, date, value)"
                    " VALUES (%s, %s, %s, %s, %s)",
                    (metric.id, partner.id, self.company.id, day, partner.id),
                )
        self._enroll(self.partner)
        self._merge(self.rival)
        values = self.env["prm.metric.value"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual(
            {(value.date, value.value) for value in values},
            {
                (fields.Date.to_date("2030-01-01"), self.partner.id),
                (fields.Date.to_date("2030-01-02"), self.rival.id),
            },
        )

    def test_distributor_and_its_reseller(self):
        distribution = self.env["prm.program"].create({"name": "D", "kind": "distributor"})
        self._enroll(self.rival, program=distribution)
        self._enroll(self.partner).distributor_id = self.rival
        with self.assertRaisesRegex(ValidationError, "its own distributor"):
            self._merge(self.rival)

    def test_resellers_go_with_their_distributor(self):
        distribution = self.env["prm.program"].create({"name": "D", "kind": "distributor"})
        self._enroll(self.rival, program=distribution)
        reseller, _contact = self._new_partner("Third Partners", "third.example")
        membership = self._enroll(reseller)
        membership.distributor_id = self.rival
        self._merge(self.rival)
        self.assertEqual(membership.distributor_id, self.partner)
