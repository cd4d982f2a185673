from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from .tier_common import TierCase


@freeze_time("2026-03-02")
class TestTierSimulationHistory(TierCase):
    """The what-if reads from the history what cannot be measured for a past day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM prm_metric_value")
        metric_class = type(cls.env["prm.metric"])
        original = metric_class._get_present_codes
        cls.classPatch(
            metric_class, "_get_present_codes", lambda metrics: original(metrics) | {"t_sales"}
        )

    def setUp(self):
        super().setUp()
        self.program.write({"hold_months": 0, "grace_days": 20, "notice_days": 10})
        self.climber = self._join(self.partner, self.silver)
        self.other = self._join(self.rival, self.silver)
        self.sales[self.partner.id] = 10.0  # what is known today
        self.simulation = (
            self.env["prm.tier.simulation"]
            .with_user(self.program_manager)
            .create({"name": "Test", "program_id": self.program.id})
        )

    def _keep(self, day, partner, value):
        self.env.cr.execute(
            """INSERT INTO prm_metric_value (metric_id, company_id, date, partner_id, value)
               VALUES (%s, %s, %s, %s, %s)""",
            (self.metric.id, self.company.id, day, partner.id, value),
        )

    def _simulate(self, threshold=70.0):
        lines = self.simulation.line_ids
        gold = lines.filtered(lambda line: line.grade_id == self.gold)
        gold.threshold_new = threshold
        self.simulation.action_simulate()
        return set(lines.mapped("source"))

    def _keep_every_month(self, value):
        for day in self.simulation._get_days():
            for partner in (self.partner, self.rival):
                self._keep(day, partner, value if partner == self.partner else 0.0)

    def test_history_counts(self):
        self._keep_every_month(80.0)
        self.assertEqual(self._simulate(), {"history"})
        result = self.simulation.result_ids
        self.assertEqual((result.membership_id, result.direction), (self.climber, "up"))
        self.assertEqual(result.date, self.simulation._get_days()[0])

    def test_today_is_measured(self):
        self.simulation.write({"date_from": "2026-02-10", "date_to": "2026-03-02"})
        self._keep(date(2026, 3, 1), self.partner, 80.0)
        self.assertEqual(self._simulate(), {"present"})
        self.assertFalse(self.simulation.result_ids)

    def test_without_history_the_facts_of_today_count(self):
        self.assertEqual(self._simulate(), {"present"})
        self.assertFalse(self.simulation.result_ids)

    def test_partly(self):
        self._keep(date(2025, 12, 20), self.partner, 80.0)  # for 2 January
        self._keep(date(2026, 1, 25), self.partner, 80.0)  # for 2 February
        self.assertEqual(self._simulate(), {"mixed"})
        self.assertEqual(self.simulation.result_ids.date, date(2026, 1, 2))

    def test_another_period_or_reach_is_another_number(self):
        self._keep_every_month(80.0)
        self.metric.snapshot_window = "rolling_3"
        self.assertEqual(self._simulate(), {"present"})
        self.metric.snapshot_window = "rolling_12"
        self.program.grade_ids.requirement_ids.scope = "children"
        self.simulation.action_reset()
        self.assertEqual(self._simulate(), {"present"})

    def test_money_of_the_history_in_the_currency_of_the_program(self):
        currency = self.env["res.currency"].create({"name": "TST", "symbol": "T"})
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": "2025-01-01",
                "company_rate": 4.0,
            }
        )
        self.metric.unit = "money"
        with patch.object(type(self.program), "_check_no_amounts"):  # it has members already
            self.program.currency_id = currency
        self._keep_every_month(20.0)
        self.assertEqual(self._simulate(), {"history"})
        self.assertEqual(self.simulation.result_ids.membership_id, self.climber, "20 are 80")

    def test_what_can_be_measured_again_is(self):
        self._keep_every_month(80.0)
        self.assertNotIn("revenue", self.metric._get_present_codes())
        requirement = self.gold.requirement_ids
        requirement.metric_id = self.env.ref("prm_partner.prm_metric_revenue")
        self.simulation.action_reset()
        self._simulate()
        sources = {line.metric_id.code: line.source for line in self.simulation.line_ids}
        self.assertEqual(sources, {"revenue": "facts", "t_sales": "history"})

    def test_the_pipeline_of_the_past_is_not_known(self):
        self.assertIn("pipeline", self.metric._get_present_codes())
