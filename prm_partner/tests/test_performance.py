from datetime import date

from odoo.fields import Command

from .common import PartnerCase


class TestPerformance(PartnerCase):
    """The number of queries does not depend on the number of partners."""

    def _partners(self, count):
        return self.env["res.partner"].create(
            [
                {
                    "name": f"P{number}",
                    "is_company": True,
                    "child_ids": [Command.create({"name": f"C{number}"})],
                }
                for number in range(count)
            ]
        )

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _get_codes(self):
        metrics = self.env["prm.metric"].search([])
        return [code for code in metrics.mapped("code") if metrics._get_measure(code)]

    def test_metrics(self):
        currency = self.env.ref("base.EUR") | self.env.ref("base.USD")
        few, many = self._partners(10), self._partners(100)
        for code in self._get_codes():
            for foreign in (None, (currency - self.company.currency_id)[:1]):
                with self.subTest(code=code, foreign=bool(foreign)):
                    few_count, many_count = (
                        self._count(
                            lambda partners=partners, code=code, foreign=foreign: self.env[
                                "prm.metric"
                            ]._measure(
                                code, partners, None, date(2026, 1, 1), self.company, foreign
                            )
                        )
                        for partners in (few, few, many)[1:]
                    )
                    self.assertEqual(few_count, many_count)
                    self.assertLessEqual(many_count, 6)

    def test_all_metrics_of_this_add_on_are_there(self):
        self.assertLessEqual(
            {
                "revenue",
                "avg_deal_size",
                "pipeline",
                "customer_rating",
                "portal_activity",
                "days_since_contact",
                "days_to_onboard",
            },
            set(self._get_codes()),
        )

    def test_snapshot(self):
        """A day's history of a metric takes as many queries for 100 partners as for 10."""
        metric = self.env.ref("prm_partner.prm_metric_revenue")
        history = self.env["prm.metric.value"]

        def snapshot(day):
            return self._count(lambda: history._snapshot(metric, self.company, day))

        for partner in self._partners(10):
            self._enroll(partner)
        snapshot(date(2026, 1, 1))
        few = snapshot(date(2026, 1, 2))
        for partner in self._partners(90):
            self._enroll(partner)
        self.assertEqual(snapshot(date(2026, 1, 3)), few)
        rows = history.search_count(
            [("date", "=", "2026-01-03"), ("partner_id.name", "=like", "P%")]
        )
        self.assertGreaterEqual(rows, 100)

    def test_is_partner(self):
        few, many = self._partners(10), self._partners(100)
        few.mapped("is_prm_partner")
        few_count = self._count(lambda: few.mapped("is_prm_partner"))
        self.assertEqual(few_count, self._count(lambda: many.mapped("is_prm_partner")))
