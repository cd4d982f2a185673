from odoo.exceptions import UserError, ValidationError

from .common import PartnerCase


class TestMemberCompany(PartnerCase):
    """A member is a company of its own, and stays one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner)

    def test_member_stays_a_company(self):
        for values in (
            {"is_company": False},
            {"company_type": "person"},
            {"is_company": False, "parent_id": self.rival.id},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, "Acme.*“Test Resellers”.*End the member"),
                self.cr.savepoint(),
            ):
                self.partner.with_user(self.program_manager).write(values)

    def test_membership_of_another_manager_holds_as_well(self):
        self.membership.user_id = self.other_manager
        with self.assertRaisesRegex(ValidationError, "End the membership"):
            self.partner.with_user(self.manager).is_company = False

    def test_member_may_belong_to_a_group_of_companies(self):
        self.partner.parent_id = self.rival
        self.assertEqual(self.partner.commercial_partner_id, self.partner)

    def test_after_the_end_it_may_become_a_contact(self):
        self.membership.action_end()
        self.partner.write({"is_company": False, "parent_id": self.rival.id})
        with self.assertRaisesRegex(ValidationError, "is a contact of Rival"):
            self.membership.action_resume()
        self.assertEqual(self.membership.state, "ended")
        self.partner.parent_id = False
        self.membership.action_resume()
        self.assertEqual(self.membership.state, "active")

    def test_end_is_not_undone_for_an_archived_contact(self):
        self.membership.action_end()
        self.partner.active = False
        with self.assertRaisesRegex(UserError, "Acme Partners is archived"):
            self.membership.action_resume()
        self.partner.active = True
        self.membership.action_resume()
        self.assertEqual(self.membership.state, "active")

    def test_others_are_free(self):
        self.rival.write({"is_company": False, "parent_id": self.partner.id})
        self.assertEqual(self.rival.commercial_partner_id, self.partner)
