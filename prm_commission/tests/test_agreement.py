from odoo.exceptions import UserError
from odoo.fields import Command

from .common import CommissionCase


class TestAgreement(CommissionCase):
    """No commission is billed while a mandatory agreement is not signed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        invoice = cls._new_invoice(1000.0, prm_partner_id=cls.partner.id)
        cls._pay(invoice)
        cls.settlement = cls._approve(cls._settle()[0])
        cls.template = cls.env["prm.agreement.template"].create(
            {
                "name": "Test Agreement",
                "company_id": cls.company.id,
                "program_ids": [Command.set(cls.program.ids)],
                "body": "<p>Be fair.</p>",
            }
        )
        cls.template.action_publish()

    def test_unsigned_agreement_blocks_the_bill(self):
        with self.assertRaisesRegex(UserError, "Test Agreement"):
            self.settlement.action_create_bill()
        self.assertFalse(self.settlement.bill_id)

    def test_unless_the_program_says_otherwise(self):
        self.program.unsigned_blocks_payout = False
        self.settlement.action_create_bill()
        self.assertTrue(self.settlement.bill_id)

    def test_what_other_programs_ask_for_does_not_count(self):
        other, silver, _gold = self._new_program("Others")
        self.template.program_ids = other
        self._enroll(self.partner, silver)
        self.settlement.action_create_bill()
        self.assertTrue(self.settlement.bill_id)

    def test_who_has_left_is_paid(self):
        self.membership.action_end()
        self.settlement.action_create_bill()
        self.assertTrue(self.settlement.bill_id)
