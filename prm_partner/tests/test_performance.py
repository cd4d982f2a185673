from datetime import date

from .common import PartnerCase


class TestPerformance(PartnerCase):
    """The number of queries does not depend on the number of partners."""

    def _partners(self, count):
        return self.env["res.partner"].create(
            [{"name": f"P{number}", "is_company": True} for number in range(count)]
        )

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_revenue(self):
        def measure(partners):
            return self._count(
                lambda: self.env["prm.metric"]._measure(
                    "revenue", partners, None, date(2026, 1, 1), self.company
                )
            )

        measure(self._partners(1))
        self.assertEqual(measure(self._partners(10)), 1)
        self.assertEqual(measure(self._partners(100)), 1)

    def test_is_partner(self):
        few, many = self._partners(10), self._partners(100)
        few.mapped("is_prm_partner")
        few_count = self._count(lambda: few.mapped("is_prm_partner"))
        self.assertEqual(few_count, self._count(lambda: many.mapped("is_prm_partner")))
