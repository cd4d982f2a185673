from odoo.exceptions import AccessError, ValidationError

from .common import PartnerCase


class TestDistributor(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distribution = cls.env["prm.program"].create(
            {"name": "Distribution", "kind": "distributor"}
        )
        cls.distributor, cls.buyer = cls._new_partner("Depot", "depot.example")
        cls.role = cls._enroll(cls.distributor, program=cls.distribution)
        cls.membership = cls._enroll(cls.partner, cls.gold)
        cls.membership.write({"distributor_id": cls.distributor.id, "distributor_access": True})
        cls.user = cls._new_portal_user(cls.buyer, "admin")
        cls.memberships = cls.env["prm.membership"]

    def _seen(self, user=None):
        return self.memberships.with_user(user or self.user).search([]).sudo()

    def test_own_distributor(self):
        with self.assertRaisesRegex(ValidationError, "its own distributor"):
            self.role.distributor_id = self.distributor

    def test_distributor_is_member_of_a_distributor_program(self):
        self._enroll(self.rival)
        with self.assertRaisesRegex(ValidationError, "no member of a distributor program"):
            self.membership.distributor_id = self.rival

    def test_circle_of_distributors(self):
        top, _contact = self._new_partner("Top", "top.example")
        top_role = self._enroll(top, program=self.distribution)
        self.role.distributor_id = top
        with self.assertRaisesRegex(ValidationError, "that it supplies itself"):
            top_role.distributor_id = self.distributor

    def test_distributor_reads_its_flagged_resellers(self):
        self.assertEqual(self._seen(), self.role | self.membership)
        values = self.membership.with_user(self.user).read(["grade_id", "state", "partner_id"])
        self.assertEqual(values[0]["grade_id"][0], self.gold.id)

    def test_not_without_the_flag(self):
        self.membership.distributor_access = False
        self.assertEqual(self._seen(), self.role)

    def test_not_after_the_end(self):
        self.membership.action_end()
        self.assertEqual(self._seen(), self.role)

    def test_not_while_the_distributor_is_suspended(self):
        self.role.action_suspend()
        self.assertEqual(self._seen(), self.role)

    def test_only_the_distributor(self):
        self._enroll(self.rival)
        rival = self._new_portal_user(self.rival_contact, "admin")
        self.assertNotIn(self.membership, self._seen(rival))
        reseller = self._new_portal_user(self.contact, "admin")
        self.assertEqual(self._seen(reseller), self.membership)

    def test_flag_comes_from_the_program(self):
        self.program.distributor_access = True
        self.assertTrue(self._enroll(self.rival).distributor_access)

    def test_nothing_more_than_the_membership(self):
        membership = self.membership.with_user(self.user)
        self.membership.action_suspend("A matter between us")
        for field in ("state_reason", "tier_progress_html", "suspended_from", "change_ids"):
            with self.subTest(field=field), self.assertRaises(AccessError):
                membership.read([field])
        self.assertFalse(membership.has_access("write"))
        with self.assertRaises(AccessError):
            membership.action_end()
        with self.assertRaises(AccessError):
            self.partner.with_user(self.user).read(["vat"])

    def test_no_results_of_the_reseller(self):
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        self.env["prm.tier.requirement"].create(
            {"grade_id": self.platinum.id, "metric_id": metric.id, "threshold": 10.0}
        )
        reseller = self._new_portal_user(self.contact, "admin")
        self.env.invalidate_all()
        self.assertFalse(self.membership.with_user(self.user).next_grade_id)
        self.env.invalidate_all()
        self.assertEqual(self.membership.with_user(reseller).next_grade_id, self.platinum)

    def test_no_messages_of_the_reseller(self):
        message = self.membership.message_post(
            body="Only for Acme", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        reseller = self._new_portal_user(self.contact, "admin")
        self.assertTrue(message.with_user(reseller).has_access("read"))
        self.assertFalse(message.with_user(self.user).has_access("read"))
        messages = self.env["mail.message"].with_user(self.user)
        self.assertFalse(messages.search([("id", "=", message.id)]))
        with self.assertRaises(AccessError):
            self.membership.with_user(self.user).read(["message_ids"])
