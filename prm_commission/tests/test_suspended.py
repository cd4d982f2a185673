from odoo.exceptions import UserError

from .common import CommissionCase


class TestSuspended(CommissionCase):
    """No commission is billed for a partner whose membership is suspended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for partner in (cls.partner, cls.rival):
            cls._pay(cls._new_invoice(1000.0, prm_partner_id=partner.id))
        cls.settlements = cls._approve(cls._settle()[0])
        cls.settlement = cls.settlements.filtered(lambda one: one.partner_id == cls.partner)

    def _assert_blocked(self, settlements):
        """Nothing is billed, and the message says whose membership it is, and why."""
        with self.assertRaises(UserError) as caught:
            settlements.action_create_bill()
        message = str(caught.exception)
        self.assertIn(self.settlement.name, message)
        self.assertIn(self.partner.name, message)
        self.assertIn("“Test Resellers” is suspended: Unpaid", message)
        self.assertNotIn(self.rival.name, message)
        self.assertFalse(settlements.bill_id)

    def test_suspended_is_not_billed(self):
        self.membership.action_suspend("Unpaid")
        self._assert_blocked(self.settlement)

    def test_one_of_several(self):
        self.membership.action_suspend("Unpaid")
        self._assert_blocked(self.settlements)
        (self.settlements - self.settlement).action_create_bill()
        self.assertTrue((self.settlements - self.settlement).bill_id)

    def test_officer_who_does_not_manage_the_partner(self):
        self.membership.action_suspend("Unpaid")
        self._assert_blocked(self.settlement.with_user(self.officer))

    def test_resumed_is_billed(self):
        self.membership.action_suspend("Unpaid")
        self.membership.action_resume()
        self.settlement.action_create_bill()
        self.assertTrue(self.settlement.bill_id)

    def test_another_program_does_not_matter(self):
        _program, silver, _gold = self._new_program("Others")
        self._enroll(self.partner, silver).action_suspend("Elsewhere")
        self.settlement.action_create_bill()
        self.assertTrue(self.settlement.bill_id)
