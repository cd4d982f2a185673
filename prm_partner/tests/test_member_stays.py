from psycopg2.errors import RestrictViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import PartnerCase


class TestMemberStays(PartnerCase):
    """A membership is a company's, for good: it is neither deleted nor moved nor merged away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold)

    def _merge(self, partners, destination=None):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(partners.ids, destination, extra_checks=False)

    def test_membership_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "End it instead"):
            self.membership.with_user(self.program_manager).unlink()

    def test_what_is_used_says_so_when_it_is_deleted(self):
        with (
            self.assertRaises(RestrictViolation) as caught,
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.program.unlink()
        message = self.env["prm.membership"]._sql_error_to_message(caught.exception)
        self.assertIn("Program Membership", message)
        self.assertIn("Archive the record instead", message)

    def test_member_does_not_become_a_contact(self):
        holding = self.env["res.partner"].create({"name": "Holding", "is_company": True})
        message = "“Test Resellers”.*End the membership first"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            self.partner.write({"parent_id": holding.id, "is_company": False})
        self.partner.parent_id = holding  # a company of a group stays a company
        self.assertEqual(self.partner.commercial_partner_id, self.partner)
        self.membership.action_end()
        self.partner.is_company = False
        with self.assertRaisesRegex(ValidationError, "is a contact of Holding"):
            self.membership.action_resume()

    def test_others_are_merged_into_the_member(self):
        double = self.env["res.partner"].create(
            {"name": "Double", "is_company": True, "email": self.partner.email}
        )
        person = self.env["res.partner"].create({"name": "Person", "parent_id": double.id})
        with self.assertRaisesRegex(UserError, "as the destination contact"):
            self._merge(self.partner | double, double)
        self._merge(self.partner | double)
        self.assertFalse(double.exists())
        self.assertEqual(self.membership.partner_id, self.partner)
        self.assertEqual(person.commercial_partner_id, self.partner)
        self.assertEqual(self.partner.grade_id, self.gold)

    def test_two_members_are_not_merged(self):
        self._enroll(self.rival).action_end()
        with self.assertRaisesRegex(UserError, "archive that contact instead"):
            self._merge(self.partner | self.rival)
        self.assertTrue(self.rival.exists())
