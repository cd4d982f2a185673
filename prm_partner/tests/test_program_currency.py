from odoo.exceptions import UserError

from .tier_common import TierCase


class TestProgramCurrency(TierCase):
    """Amounts of a program are in its currency: it does not change under them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.currency"].create({"name": "XPR", "symbol": "X"})

    def test_members(self):
        self._join(self.partner, self.silver)
        self.program.grade_ids.requirement_ids.unlink()
        with self.assertRaisesRegex(UserError, "has members"):
            self.program.currency_id = self.other

    def test_thresholds_of_money(self):
        self.metric.unit = "money"
        with self.assertRaisesRegex(UserError, self.gold.requirement_ids.display_name):
            self.program.currency_id = self.other
        self.program.currency_id = self.program.currency_id  # nothing changes
        self.metric.unit = "count"
        self.program.currency_id = self.other

    def test_costs_of_benefits(self):
        self.program.grade_ids.requirement_ids.unlink()
        benefit = self.env["prm.tier.benefit"].create(
            {"grade_id": self.gold.id, "kind": "extensions", "value": 2, "annual_cost": 100}
        )
        with self.assertRaisesRegex(UserError, "Extensions of a protection"):
            self.program.currency_id = self.other
        benefit.annual_cost = 0
        self.program.currency_id = self.other
        self.assertEqual(self.program.currency_id, self.other)
