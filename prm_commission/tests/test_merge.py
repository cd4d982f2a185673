from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import CommissionCase


@freeze_time("2026-04-20")
class TestMerge(CommissionCase):
    def test_two_partners_with_statements_are_not_merged(self):
        for partner in (self.partner, self.rival):
            self._pay(self._new_invoice(prm_partner_id=partner.id))
        settlements, _report = self._settle()
        self.assertEqual(settlements.partner_id, self.partner | self.rival)
        wizards = self.env["base.partner.merge.automatic.wizard"]
        with self.assertRaisesRegex(UserError, "statements of commissions"):
            wizards._update_foreign_keys(self.rival, self.partner)
