from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError

from .common import PartnerCase


@freeze_time("2026-03-02")
class TestProgramEnd(PartnerCase):
    """The terms of the members end with their program at the latest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.duration_months = 0
        cls.endless = cls._enroll(cls.partner)
        cls.short = cls._enroll(cls.rival)
        cls.short.date_end = "2026-05-31"

    def _ends(self):
        return [
            fields.Date.to_string(one.date_end) or None for one in self.endless | self.short
        ]

    def test_members_end_with_the_program(self):
        self.program.date_end = "2026-06-30"
        self.assertEqual(self._ends(), ["2026-06-30", "2026-05-31"])
        self.program.date_end = "2026-04-30"
        self.assertEqual(self._ends(), ["2026-04-30", "2026-04-30"])
        with freeze_time("2026-05-01"), self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_renew").method_direct_trigger()
        self.assertEqual((self.endless | self.short).mapped("state"), ["ended", "ended"])
        self.assertIn("was valid until", self.endless.state_reason)

    def test_a_longer_program_takes_along_what_ended_with_it(self):
        self.program.date_end = "2026-06-30"
        self.program.date_end = "2026-12-31"
        self.assertEqual(self._ends(), ["2026-12-31", "2026-05-31"])
        self.program.date_end = False
        self.assertEqual(self._ends(), [None, "2026-05-31"])

    def test_a_program_with_members_is_not_archived(self):
        with self.assertRaisesRegex(UserError, "2 open memberships"):
            self.program.active = False
        (self.endless | self.short).action_end()
        self.program.active = False
        self.assertFalse(self.program.active)

    def test_currency_of_the_company(self):
        currency = self.env["res.currency"].create({"name": "XPE", "symbol": "E"})
        company = self.env["res.company"].create({"name": "Other", "currency_id": currency.id})
        programs = self.env["prm.program"]
        made = programs.create({"name": "Theirs", "company_id": company.id})
        self.assertEqual(made.currency_id, currency)
