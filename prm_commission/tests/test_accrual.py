"""Payments, credit notes and corrections of one invoice, and what the ledger makes of them."""

from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import CommissionCase


@freeze_time("2026-04-20")
class TestAccrual(CommissionCase):
    def test_posting_accrues_nothing_but_knows_the_basis(self):
        invoice = self._new_invoice()
        self.assertFalse(self._get_entries(invoice))
        basis = self.env["prm.commission.basis"].search([("move_id", "=", invoice.id)])
        self.assertRecordValues(
            basis,
            [{"rule_id": self.rule.id, "base_amount": 12000.0, "amount_expected": 960.0}],
        )

    def test_full_payment(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        self.assertRecordValues(
            self._get_entries(invoice),
            [
                {
                    "kind": "accrual",
                    "amount": 960.0,
                    "base_amount": 12000.0,
                    "rate": 8.0,
                    "partner_id": self.partner.id,
                    "date": self.env["account.move"]._fields["date"].to_date("2026-02-10"),
                    "move_id": invoice.id,
                    "state": "open",
                }
            ],
        )

    def test_half_then_half(self):
        invoice = self._new_invoice()
        self._pay(invoice, 6900)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 480.0)])
        self._pay(invoice, date="2026-03-10")
        self.assertEqual(self._get_amounts(invoice), [("accrual", 480.0), ("accrual", 480.0)])
        dates = self._get_entries(invoice).mapped("date")
        self.assertEqual([str(date) for date in dates], ["2026-02-10", "2026-03-10"])

    def test_parts_add_up_to_the_whole(self):
        """Rounding each third by itself would give 26.67 × 3 = 80.01."""
        invoice = self._new_invoice(1000)
        for amount in (383.33, 383.33, 383.34):
            self._pay(invoice, amount)
        entries = self._get_entries(invoice)
        self.assertEqual(len(entries), 3)
        self.assertAlmostEqual(sum(entries.mapped("amount")), 80.0, places=9)

    def test_hundred_tiny_invoices_paid_at_once(self):
        invoices = self.env["account.move"].union(*(self._new_invoice(0.99) for _i in range(12)))
        self._pay(invoices, group_payment=True)
        self.assertEqual(set(self._get_entries(*invoices).mapped("amount")), {0.08})

    def test_many_payments_never_exceed_what_is_due(self):
        invoice = self._new_invoice(100)
        for _i in range(4):
            self._pay(invoice, 28.75)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual([amount for _kind, amount in self._get_amounts(invoice)], [2.0] * 4)

    def test_credit_note_after_full_payment(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        refund = self._credit(invoice, 3600)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 960.0), ("clawback", -288.0)])
        clawback = self._get_entries(invoice)[1]
        self.assertEqual(clawback.move_id, refund)
        self.assertEqual(clawback.parent_id, self._get_entries(invoice)[0])
        self.assertEqual(str(clawback.date), "2026-03-05")

    def test_credit_note_of_a_never_paid_invoice(self):
        invoice = self._new_invoice()
        self._credit(invoice)
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertFalse(self._get_entries(invoice))

    def test_half_paid_and_other_half_credited(self):
        invoice = self._new_invoice()
        self._pay(invoice, 6900)
        self._credit(invoice, 6000)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 480.0)])

    def test_credited_before_it_is_paid(self):
        invoice = self._new_invoice()
        self._credit(invoice, 6000)
        self._pay(invoice)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 480.0)])

    def test_reversal_of_a_paid_invoice_is_one_clawback(self):
        """Odoo takes the payment off first: still not an adjustment and a clawback."""
        invoice = self._new_invoice()
        self._pay(invoice)
        refund = invoice._reverse_moves([{"invoice_date": "2026-03-05"}], cancel=True)
        self.assertEqual(refund.state, "posted")
        self.assertEqual(self._get_amounts(invoice), [("accrual", 960.0), ("clawback", -960.0)])

    def test_cancelled_credit_note_gives_the_commission_back(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        refund = self._credit(invoice, 3600)
        refund.button_draft()
        refund.button_cancel()
        self.assertEqual(
            self._get_amounts(invoice),
            [("accrual", 960.0), ("clawback", -288.0), ("adjustment", 288.0)],
        )

    def test_unreconciled_payment_is_taken_back_today(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._get_amounts(invoice), [("accrual", 960.0), ("adjustment", -960.0)])
        self.assertEqual(str(self._get_entries(invoice)[1].date), "2026-04-20")

    def _new_credit(self, amount):
        """A credit note that names no invoice."""
        credit = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-02-01",
                "invoice_line_ids": [
                    (0, 0, {"name": "Bonus", "price_unit": amount, "tax_ids": [(5,)]})
                ],
            }
        )
        credit.action_post()
        return credit

    def test_credit_note_that_names_no_invoice_is_no_payment(self):
        invoice = self._new_invoice()
        self._reconcile(invoice, self._new_credit(6900))
        self.assertFalse(self._get_entries(invoice))
        self._pay(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._get_amounts(invoice), [("accrual", 480.0)])
        self.assertEqual(self._get_entries(invoice).trace_data["credited"], 6900)

    def test_credit_note_of_another_invoice_is_no_payment(self):
        invoice, other = self._new_invoice(), self._new_invoice()
        self._pay(other)
        refund = self._credit(other)
        self._reconcile(invoice, refund)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self._get_entries(invoice))

    def test_bad_debt_is_no_payment(self):
        invoice = self._new_invoice()
        receivable = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        expense = self.company_data["default_account_expense"]
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "date": "2026-02-01",
                "line_ids": [
                    (0, 0, {"account_id": expense.id, "debit": 13800}),
                    (
                        0,
                        0,
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.partner_a.id,
                            "credit": 13800,
                        },
                    ),
                ],
            }
        )
        entry.action_post()
        self._reconcile(invoice, entry)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self._get_entries(invoice))

    def test_write_off_of_a_payment_is_not_paid(self):
        invoice = self._new_invoice()
        self._pay(
            invoice,
            1380,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 96.0)])

    def test_bank_statement_counts_as_far_as_money_came(self):
        invoice = self._new_invoice()
        receivable = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-02-10",
                "payment_ref": "Transfer",
                "partner_id": self.partner_a.id,
                "amount": 6900,
                "counterpart_account_id": receivable.account_id.id,
            }
        )
        self._reconcile(invoice, line.move_id)
        self.assertEqual(invoice.amount_residual, 6900)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 480.0)])

    def test_credit_note_made_from_the_order(self):
        self.product_a.invoice_policy = "order"
        self.rule.rate = 4
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.product_a.id,
                            "product_uom_qty": 2,
                            "price_unit": 500,
                            "tax_ids": [(5,)],
                        },
                    )
                ],
            }
        )
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.write({"prm_partner_id": self.partner.id, "invoice_date": "2026-01-15"})
        invoice.action_post()
        self._pay(invoice)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 40.0)])
        for quantity in (1, 0):
            order.order_line.product_uom_qty = quantity
            refund = order._create_invoices(final=True)
            self.assertFalse(refund.reversed_entry_id)
            refund.invoice_date = "2026-03-05"
            refund.action_post()
        self.assertEqual(
            self._get_amounts(invoice),
            [("accrual", 40.0), ("clawback", -20.0), ("clawback", -20.0)],
        )
        self.assertEqual(self._get_entries(invoice)[2].move_id, refund)

    def test_draft_and_posted_again_for_less(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        invoice.button_draft()
        self.assertEqual(sum(self._get_entries(invoice).mapped("amount")), 0)
        invoice.invoice_line_ids.price_unit = 6000
        invoice.action_post()
        self._pay(invoice)
        self.assertEqual(sum(self._get_entries(invoice).mapped("amount")), 480.0)

    def test_sale_moved_to_another_partner(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        invoice.prm_partner_id = self.rival
        entries = self._get_entries(invoice)
        by_partner = entries.grouped("partner_id")
        self.assertEqual(sum(by_partner[self.partner].mapped("amount")), 0)
        self.assertEqual(by_partner[self.rival].mapped("amount"), [960.0])

    def test_accruing_again_books_nothing(self):
        invoice = self._new_invoice()
        self._pay(invoice, 6900)
        self.assertFalse(invoice._prm_accrue())
        self.assertFalse(invoice._prm_accrue())
        self.assertEqual(self._get_amounts(invoice), [("accrual", 480.0)])

    def test_contact_of_the_partner_on_the_invoice(self):
        invoice = self._new_invoice(prm_partner_id=self.contact.id)
        self._pay(invoice)
        self.assertEqual(self._get_entries(invoice).partner_id, self.partner)

    def test_no_partner_no_commission(self):
        invoice = self._new_invoice(prm_partner_id=False)
        self._pay(invoice)
        self.assertFalse(self._get_entries(invoice))

    def test_no_membership_on_the_invoice_date(self):
        self.membership.date_start = "2026-02-01"
        early = self._new_invoice(date="2026-01-31")
        late = self._new_invoice(date="2026-02-01")
        self._pay(early | late)
        self.assertFalse(self._get_entries(early))
        self.assertEqual(self._get_amounts(late), [("accrual", 960.0)])

    def test_membership_ended_after_the_sale(self):
        invoice = self._new_invoice()
        self.membership.write({"state": "ended", "date_end": "2026-01-31"})
        self._pay(invoice)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 960.0)])

    def test_tax_included_in_the_price(self):
        self.tax_15.price_include_override = "tax_included"
        invoice = self._new_invoice(1150)
        self._pay(invoice, 575)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 40.0)])

    def test_invoice_in_another_currency(self):
        """The rate of the invoice's date counts, not that of the payment."""
        currency = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 0.5), ("2026-02-01", 0.8)]
        )
        invoice = self._new_invoice(1000, currency_id=currency.id)
        self._pay(invoice, 575, currency_id=currency.id)
        entry = self._get_entries(invoice)
        self.assertEqual(entry.base_currency_id, currency)
        self.assertEqual(entry.currency_id, self.company.currency_id)
        self.assertEqual((entry.base_amount, entry.amount), (1000.0, 80.0))
        self.assertEqual((entry.currency_rate, str(entry.currency_date)), (2.0, "2026-01-15"))
        self._pay(invoice, date="2026-03-01", currency_id=currency.id)
        self.assertEqual(sum(self._get_entries(invoice).mapped("amount")), 160.0)

    def test_payment_in_another_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self._new_invoice(1000)
        self._pay(invoice, 287.5, currency_id=currency.id)
        self.assertEqual(invoice.amount_residual, 575.0)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 40.0)])

    def test_payment_terms_in_instalments(self):
        invoice = self._new_invoice(invoice_payment_term_id=self.pay_terms_b.id)
        self._pay(invoice, 4140)
        self.assertEqual(self._get_amounts(invoice), [("accrual", 288.0)])

    def test_trace_recomputes_the_amount(self):
        invoice = self._new_invoice()
        self._pay(invoice, 6900)
        self._pay(invoice, 3450)
        first, second = self._get_entries(invoice)
        lines = [line.replace("\N{NO-BREAK SPACE}", "") for line in first.trace.split("\n")]
        self.assertEqual(
            lines[0], "8 % of $12,000.00 net × 50 % paid ($6,900.00 of $13,800.00) = $480.00"
        )
        self.assertEqual(lines[1], f"rule 8 percent v1, tier Gold, invoice {invoice.name}")
        self.assertIn("difference", second.trace)
        self.assertEqual(second.trace_data["due"], 720.0)

    def test_paid_invoice_cannot_be_deleted(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        invoice.button_draft()
        with self.assertRefused(UserError, "Commission was booked"):
            invoice.with_context(force_delete=True).unlink()

    def test_accountant_without_partner_rights_pays(self):
        accountant = self._new_staff("t_accountant", "account.group_account_invoice")
        invoice = self._new_invoice()
        wizard = self.env["account.payment.register"].with_user(accountant).sudo(False)
        wizard.with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"payment_date": "2026-02-10"}
        )._create_payments()
        self.assertEqual(self._get_amounts(invoice), [("accrual", 960.0)])
