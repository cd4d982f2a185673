from datetime import date

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMetric(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("One", "Two", "Three")]
        )
        cls.one, cls.two, cls.three = cls.partners
        cls.contact = cls.env["res.partner"].create({"name": "Person", "parent_id": cls.one.id})

    def _invoice(self, partner, amount, day, move_type="out_invoice", post=True):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": partner.id,
                "invoice_date": day,
                "date": day,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product_a.id,
                            "price_unit": amount,
                            "tax_ids": [Command.set(self.tax_sale_a.ids)],
                        }
                    )
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def _revenue(self, date_from, date_to):
        return self.env["prm.metric"]._measure(
            "revenue", self.partners, date_from, date_to, self.env.company
        )

    def test_revenue(self):
        self._invoice(self.one, 100.0, "2026-03-01")
        self._invoice(self.contact, 50.0, "2026-03-31")
        self._invoice(self.one, 30.0, "2026-03-15", move_type="out_refund")
        self._invoice(self.one, 7.0, "2026-04-01")
        self._invoice(self.two, 9.0, "2026-03-10", post=False)
        march = self._revenue(date(2026, 3, 1), date(2026, 3, 31))
        self.assertEqual(march, {self.one.id: 120.0, self.two.id: 0.0, self.three.id: 0.0})
        self.assertEqual(self._revenue(None, date(2026, 4, 30))[self.one.id], 127.0)

    def test_revenue_of_another_company_does_not_count(self):
        other = self.setup_other_company()["company"]
        self._invoice(self.one, 100.0, "2026-03-01")
        values = self.env["prm.metric"]._measure(
            "revenue", self.partners, None, date(2026, 12, 31), other
        )
        self.assertEqual(values[self.one.id], 0.0)

    def test_unknown_metric(self):
        with self.assertRaisesRegex(UserError, "t_unknown"):
            self.env["prm.metric"]._measure(
                "t_unknown", self.partners, None, date(2026, 1, 1), self.env.company
            )

    def test_no_partner_no_query(self):
        empty = self.env["res.partner"]
        with self.assertQueryCount(0):
            values = self.env["prm.metric"]._measure(
                "revenue", empty, None, date(2026, 1, 1), self.env.company
            )
        self.assertEqual(values, {})

    def _reach(self, scope):
        reach = self.env["prm.metric"]._get_reach(self.partners, scope, self.env.company)
        return {partner_id: sorted(members) for partner_id, members in reach.items()}

    def test_scope(self):
        """Companies below count where asked for, and resellers of a distributor."""
        one, two, three = self.partners.ids
        self.two.parent_id = self.one
        distribution, resale = self.env["prm.program"].sudo().create(
            [{"name": "D", "kind": "distributor"}, {"name": "R"}]
        )
        memberships = self.env["prm.membership"].sudo()
        memberships.create({"partner_id": two, "program_id": distribution.id})
        membership = memberships.create(
            {"partner_id": three, "program_id": resale.id, "distributor_id": two}
        )
        own = {one: [one], two: [two], three: [three]}
        self.assertEqual(self._reach("own"), own)
        self.assertEqual(self._reach("children"), {**own, one: [one, two]})
        resellers = {**own, one: [one, two, three], two: [two, three]}
        self.assertEqual(self._reach("resellers"), resellers)
        membership.state = "ended"
        self.assertEqual(self._reach("resellers"), self._reach("children"))

    def test_revenue_with_companies_below(self):
        self.two.parent_id = self.one
        self._invoice(self.one, 100.0, "2026-03-01")
        self._invoice(self.two, 5.0, "2026-03-01")
        values = self.env["prm.metric"]._measure(
            "revenue", self.one, None, date(2026, 12, 31), self.env.company, scope="children"
        )
        self.assertEqual(values, {self.one.id: 105.0})
