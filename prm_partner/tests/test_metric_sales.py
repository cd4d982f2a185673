from datetime import date

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@tagged("post_install", "-at_install")
class TestMetricSales(AccountTestInvoicingCommon):
    """Revenue, deal size and pipeline, in any currency at the rate of the fact's own day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.partner, cls.other = cls.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("One", "Two")]
        )
        cls.contact = cls.env["res.partner"].create({"name": "P", "parent_id": cls.partner.id})
        cls.foreign = cls.env["res.currency"].create({"name": "TCU", "symbol": "T"})
        cls.third = cls.env["res.currency"].create({"name": "TCV", "symbol": "V"})
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": day, "rate": rate, "company_id": company}
                for currency, day, rate, company in (
                    (cls.foreign, "2026-01-01", 2.0, cls.company.id),
                    (cls.foreign, "2026-03-15", 4.0, cls.company.id),
                    (cls.foreign, "2026-03-20", 99.0, False),  # the company's own rates win
                    (cls.third, "2026-02-01", 10.0, False),
                )
            ]
        )

    def _measure(self, code, period=MARCH, currency=None, partners=None):
        return self.env["prm.metric"]._measure(
            code, partners or self.partner | self.other, *period, self.company, currency
        )

    def _invoice(self, amount, day, currency=None):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": day,
                "date": day,
                "currency_id": (currency or self.company.currency_id).id,
                "invoice_line_ids": [
                    Command.create({"name": "X", "price_unit": amount, "tax_ids": False})
                ],
            }
        )
        move.action_post()
        return move

    def _order(self, amount, day, partner=None, currency=None, confirm=True):
        pricelist = self.env["product.pricelist"].sudo().create(
            {"name": "P", "currency_id": (currency or self.company.currency_id).id}
        )
        order = self.env["sale.order"].sudo().create(
            {
                "partner_id": (partner or self.partner).id,
                "pricelist_id": pricelist.id,
                "date_order": day,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product_a.id,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        if confirm:
            with freeze_time(day):
                order.action_confirm()
        return order

    def _lead(self, amount, day, **values):
        lead = self.env["crm.lead"].sudo().create(
            {
                "name": "L",
                "type": "opportunity",
                "partner_id": self.partner.id,
                "expected_revenue": amount,
                "company_id": self.company.id,
                **values,
            }
        )
        lead.flush_recordset()
        self.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", (day, lead.id))
        lead.invalidate_recordset()
        return lead

    def test_revenue_at_the_rate_of_each_invoice(self):
        self._invoice(100.0, "2026-03-14")
        self._invoice(100.0, "2026-03-15")
        self.assertEqual(self._measure("revenue")[self.partner.id], 200.0)
        converted = self._measure("revenue", currency=self.foreign)
        self.assertAlmostEqual(converted[self.partner.id], 100 * 2 + 100 * 4)
        self.assertEqual(converted[self.other.id], 0.0)

    def test_revenue_in_the_currency_of_the_invoice_is_not_converted(self):
        self._invoice(333.33, "2026-03-16", self.foreign)
        self.assertAlmostEqual(
            self._measure("revenue", currency=self.foreign)[self.partner.id], 333.33
        )
        self.assertAlmostEqual(self._measure("revenue")[self.partner.id], 83.33)
        self.assertAlmostEqual(
            self._measure("revenue", currency=self.third)[self.partner.id], 833.3
        )

    def test_revenue_before_the_first_rate(self):
        """As in Odoo, the first rate holds for the time before it."""
        self._invoice(100.0, "2025-12-30")
        self._invoice(100.0, "2026-03-15")
        for period in ((date(2025, 12, 1), date(2026, 3, 31)), (None, date(2026, 3, 31))):
            with self.subTest(period=period):
                converted = self._measure("revenue", period, self.foreign)
                self.assertAlmostEqual(converted[self.partner.id], 100 * 2 + 100 * 4)

    def test_same_rates_as_odoo(self):
        self._invoice(1.0, "2026-03-10")
        for day in ("2025-11-05", "2026-02-01", "2026-03-14", "2026-03-15", "2026-03-25"):
            for currency in (self.foreign, self.third):
                with self.subTest(day=day, currency=currency.name):
                    expected = self.company.currency_id._convert(
                        100.0, currency, self.company, date.fromisoformat(day)
                    )
                    rates = self.env["prm.metric"]._get_rates_by_day(
                        self.company, currency, day, day
                    )
                    self.cr.execute(rates)
                    [(_day, factor)] = self.cr.fetchall()
                    self.assertAlmostEqual(100.0 * float(factor), expected, 2)

    def test_average_deal_size(self):
        self._order(100.0, "2026-03-02")
        self._order(300.0, "2026-03-31 23:30:00", partner=self.contact)
        self._order(5000.0, "2026-03-03", confirm=False)
        self._order(7000.0, "2026-04-01")
        self.assertEqual(
            self._measure("avg_deal_size"), {self.partner.id: 200.0, self.other.id: 0.0}
        )
        self.assertAlmostEqual(
            self._measure("avg_deal_size", currency=self.foreign)[self.partner.id],
            (100 * 2 + 300 * 4) / 2,
        )

    def test_average_deal_size_of_a_foreign_order(self):
        self._order(800.0, "2026-03-16", currency=self.foreign)
        self.assertAlmostEqual(self._measure("avg_deal_size")[self.partner.id], 200.0)
        self.assertAlmostEqual(
            self._measure("avg_deal_size", currency=self.foreign)[self.partner.id], 800.0
        )

    def test_mean_of_all_orders_with_companies_below(self):
        self.other.parent_id = self.partner
        for amount in (100.0, 100.0, 100.0):
            self._order(amount, "2026-03-02")
        self._order(500.0, "2026-03-02", partner=self.other)
        values = self.env["prm.metric"]._measure(
            "avg_deal_size", self.partner, *MARCH, self.company, scope="children"
        )
        self.assertEqual(values, {self.partner.id: 200.0})

    def test_pipeline_is_what_was_open_on_the_day(self):
        self._lead(1000.0, "2026-03-01")
        self._lead(200.0, "2026-03-10", partner_id=self.contact.id)
        closed = self._lead(50.0, "2026-02-01")
        with freeze_time("2026-03-20 12:00:00"):
            closed.action_set_lost()
        self._lead(7.0, "2026-03-05", type="lead")
        expected = {
            date(2026, 2, 28): 50.0,
            date(2026, 3, 5): 1050.0,
            date(2026, 3, 19): 1250.0,
            date(2026, 3, 31): 1200.0,
        }
        for day, amount in expected.items():
            with self.subTest(day=day):
                values = self._measure("pipeline", (None, day))
                self.assertEqual(values, {self.partner.id: amount, self.other.id: 0.0})
        converted = self._measure("pipeline", currency=self.foreign)
        self.assertAlmostEqual(converted[self.partner.id], 4800.0)

    def test_other_company(self):
        self._invoice(100.0, "2026-03-14")
        self._order(100.0, "2026-03-02")
        self._lead(100.0, "2026-03-02")
        company = self.env["res.company"].create({"name": "B"})
        for code in ("revenue", "avg_deal_size", "pipeline"):
            with self.subTest(code=code):
                values = self.env["prm.metric"]._measure(code, self.partner, *MARCH, company)
                self.assertEqual(values, {self.partner.id: 0.0})
