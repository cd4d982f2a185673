"""The number of queries does not grow with the number of invoices, entries or partners."""

from odoo.tests import freeze_time

from .common import CommissionCase


@freeze_time("2026-04-20")
class TestPerformance(CommissionCase):
    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _paid_invoices(self, count):
        """Invoices that were paid before there was a plan, so that nothing was accrued."""
        self.plan.active = False
        invoices = self.env["account.move"]
        for _i in range(count):
            invoices |= self._new_invoice(100)
        self._pay(invoices, group_payment=True)
        self.plan.active = True
        self.assertFalse(self._get_entries(*invoices))
        return invoices

    def test_accrual(self):
        self._paid_invoices(2)._prm_accrue()  # fills the registry's caches
        few, many = self._paid_invoices(2), self._paid_invoices(20)
        few_count = self._count(few._prm_accrue)
        many_count = self._count(many._prm_accrue)
        self.assertEqual(len(self._get_entries(*many)), 20)
        self.assertEqual(few_count, many_count)

    def test_repeated_accrual(self):
        invoices = self._paid_invoices(10)
        invoices._prm_accrue()
        self.assertEqual(self._count(invoices[:2]._prm_accrue), self._count(invoices._prm_accrue))

    def test_claiming(self):
        settlement_vals = {
            "partner_id": self.partner.id,
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "date_to": "2026-02-28",
        }
        counts = []
        for number, size in enumerate((2, 20), start=1):
            self._paid_invoices(size)._prm_accrue()
            settlement = self.env["prm.commission.settlement"].create(
                {**settlement_vals, "date_from": f"2026-02-0{number}"}
            )
            counts.append(self._count(settlement._claim_entries))
            self.assertEqual(settlement.entry_count, size)
        self.assertEqual(counts[0], counts[1])

    def test_invoices_of_no_partner_cost_nothing(self):
        """Accounting that has nothing to do with partners runs no query of ours."""
        invoice = self._new_invoice(100, prm_partner_id=False)
        invoice.line_ids.fetch(["move_id"])
        self.env["account.move"].browse(invoice.id).sudo().fetch(
            ["move_type", "prm_partner_id", "reversed_entry_id"]
        )
        before = self.cr.sql_log_count
        invoice._prm_get_sources()._prm_accrue()
        self.assertEqual(self.cr.sql_log_count, before)
