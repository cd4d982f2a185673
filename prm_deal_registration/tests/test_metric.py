from datetime import timedelta

from odoo import fields

from .common import DealCase


class TestMetric(DealCase):
    def _measure(self, code, date_from=None, date_to=None):
        return self.env["prm.metric"]._measure(
            code,
            self.partner | self.rival,
            date_from,
            date_to or fields.Date.today(),
            self.company,
        )

    def test_counts(self):
        won = self._register()
        self._register(name="initech")
        self._register(name="large", amount=200000)
        self._register(self.rival_user, name="rival")
        self._order(won).action_confirm()
        for code, counts in {
            "deals_registered": (3, 1),
            "deals_approved": (2, 1),
            "deals_won": (1, 0),
        }.items():
            with self.subTest(code=code):
                self.assertEqual(
                    self._measure(code), {self.partner.id: counts[0], self.rival.id: counts[1]}
                )
                yesterday = fields.Date.today() - timedelta(days=1)
                self.assertFalse(any(self._measure(code, date_to=yesterday).values()))
                self.assertEqual(
                    self._measure(code, date_from=fields.Date.today()), self._measure(code)
                )

    def test_other_company(self):
        self._register()
        company = self.env["res.company"].create({"name": "B"})
        result = self.env["prm.metric"]._measure(
            "deals_registered", self.partner, None, fields.Date.today(), company
        )
        self.assertEqual(result, {self.partner.id: 0})
