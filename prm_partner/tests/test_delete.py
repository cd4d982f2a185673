from odoo.exceptions import UserError

from .common import PartnerCase


class TestDelete(PartnerCase):
    """What was used is ended or archived; what was made by mistake can be deleted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, cls.gold)

    def _assert_kept(self, record, message):
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            record.with_user(self.program_manager).unlink()
        self.assertTrue(record.exists())

    def test_membership_with_a_history(self):
        self._assert_kept(self.membership, "Acme Partners.*: Tier Change. End it instead")

    def test_what_others_manage_holds_as_well(self):
        membership = self.env["prm.membership"].create(
            {"partner_id": self.rival.id, "program_id": self.program.id}
        )
        self.env["prm.business.plan"].create(
            {
                "name": "Plan",
                "membership_id": membership.id,
                "date_start": "2030-01-01",
                "date_end": "2030-12-31",
                "user_id": self.other_manager.id,
            }
        )
        self._assert_kept(membership, "Business Plan")

    def test_membership_made_by_mistake(self):
        membership = self.env["prm.membership"].create(
            {"partner_id": self.rival.id, "program_id": self.program.id}
        )
        membership.with_user(self.program_manager).unlink()
        self.assertFalse(membership.exists())

    def test_tier_in_the_history(self):
        self.membership._set_tier(self.silver, "Too early")
        self._assert_kept(self.gold, "The tier “Gold”.*: Tier Change. Archive it instead")
        self.platinum.with_user(self.program_manager).unlink()
        self.assertFalse(self.platinum.exists())

    def test_program_with_members(self):
        self._assert_kept(self.program, "“Test Resellers”.*Program Membership.*Archive it instead")
        empty = self.env["prm.program"].create({"name": "Empty"})
        empty.with_user(self.program_manager).unlink()
        self.assertFalse(empty.exists())
