from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import CommissionCase


@freeze_time("2026-04-20")
class TestSettlement(CommissionCase):
    def _earn(self, date="2026-02-10", amount=12000.0, partner=None):
        invoice = self._new_invoice(amount, prm_partner_id=(partner or self.partner).id)
        self._pay(invoice, date=date)
        return self._get_entries(invoice)

    def _get_bill(self, settlement):
        settlement.action_create_bill()
        return settlement.bill_id.sudo()

    def test_one_draft_per_partner(self):
        mine, theirs = self._earn(), self._earn(partner=self.rival, amount=1000)
        settlements, report = self._settle()
        self.assertRecordValues(
            settlements.sorted("amount"),
            [
                {"partner_id": self.rival.id, "amount": 80.0, "entry_ids": theirs.ids},
                {"partner_id": self.partner.id, "amount": 960.0, "entry_ids": mine.ids},
            ],
        )
        self.assertEqual(set(settlements.mapped("state")), {"draft"})
        self.assertEqual(settlements.prepared_by_id, self.officer)
        self.assertEqual(set((mine | theirs).mapped("state")), {"open"})
        settlements._mark_sent()
        self.assertEqual(set((mine | theirs).mapped("state")), {"settled"})
        self.assertIn("Acme Partners: COM/", report)
        self.assertIn("Rival Partners: COM/", report)

    def test_settling_twice_takes_nothing_twice(self):
        self._earn()
        first, _report = self._settle()
        again, report = self._settle()
        self.assertFalse(again)
        self.assertIn("No partner has open entries", report)
        self.assertEqual(first.amount, 960.0)

    def test_only_the_chosen_partners(self):
        self._earn()
        theirs = self._earn(partner=self.rival)
        idle, _contact = self._new_partner("Idle Partners", "idle.example")
        chosen = self.partner | idle
        settlements, report = self._settle(partner_ids=[Command.set(chosen.ids)])
        self.assertEqual(settlements.partner_id, self.partner)
        self.assertEqual(theirs.state, "open")
        self.assertIn("Idle Partners: nothing to settle", report)

    def test_later_entries_wait(self):
        early, late = self._earn("2026-02-28"), self._earn("2026-03-01")
        settlements, _report = self._settle()
        self.assertEqual(settlements.entry_ids, early)
        self.assertEqual(late.state, "open")

    def test_late_entry_goes_into_the_next_settlement(self):
        self._earn()
        settlement, _report = self._settle()
        self._approve(settlement)
        late = self._earn("2026-02-20", 1000)
        none, report = self._settle()
        self.assertFalse(none)
        self.assertIn(settlement.name, report)
        following, _report = self._settle(date_from="2026-03-01", date_to="2026-03-31")
        self.assertEqual(following.entry_ids, late)
        self.assertEqual(settlement.amount, 960.0)

    def test_late_entry_goes_into_a_draft_of_the_same_period(self):
        self._earn()
        settlement, _report = self._settle()
        self._earn("2026-02-20", 1000)
        again, _report = self._settle()
        self.assertEqual(again, settlement)
        self.assertEqual(settlement.amount, 1040.0)
        more = self._earn("2026-02-21", 1000)
        settlement.action_refresh()
        self.assertIn(more, settlement.entry_ids)
        self.assertEqual((settlement.amount, settlement.entry_count), (1120.0, 3))

    def test_database_refuses_a_second_settlement_of_a_period(self):
        self._earn()
        settlement, _report = self._settle()
        vals = settlement.sudo().copy_data()[0]
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.env["prm.commission.settlement"].create({**vals, "name": "X"})

    def test_negative_balance_is_carried(self):
        invoice = self._new_invoice(1000)
        self._pay(invoice)
        settlement, _report = self._settle()
        self._approve(settlement)
        self._credit(invoice)
        self._earn("2026-03-20", 600)
        none, report = self._settle(date_from="2026-03-01", date_to="2026-03-31")
        self.assertFalse(none)
        self.assertIn("negative", report)
        self._earn("2026-04-10", 2000)
        following, _report = self._settle(date_from="2026-04-01", date_to="2026-04-30")
        self.assertEqual(following.amount, 128.0)
        self.assertEqual(following.entry_count, 3)

    def test_negative_balance_on_request_becomes_a_vendor_credit_note(self):
        invoice = self._new_invoice(1000)
        self._pay(invoice)
        self._approve(self._settle()[0])
        self._credit(invoice)
        settlement, _report = self._settle(
            date_from="2026-03-01", date_to="2026-03-31", settle_negative=True
        )
        self.assertEqual(settlement.amount, -80.0)
        bill = self._get_bill(self._approve(settlement))
        self.assertEqual((bill.move_type, bill.amount_untaxed), ("in_refund", 80.0))

    def test_entries_that_add_up_to_nothing_stay_open(self):
        invoice = self._new_invoice(1000)
        self._pay(invoice)
        self._credit(invoice)
        none, report = self._settle(date_to="2026-03-31")
        self.assertFalse(none)
        self.assertIn("add up to", report)

    def test_currencies_are_never_added(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        program, bronze, _gold = self._new_program("Euro Program")
        self._new_rule(self._new_plan(program, currency_id=currency.id), 10)
        self.membership.is_primary = False
        self._enroll(self.partner, bronze, is_primary=True)
        in_euro = self._earn(amount=1000)
        self.membership.sudo().search([("partner_id", "=", self.partner.id)]).filtered(
            "is_primary"
        ).is_primary = False
        self.membership.is_primary = True
        in_dollar = self._earn(amount=1000)
        self.assertEqual((in_euro.amount, in_euro.currency_id), (50.0, currency))
        settlements, _report = self._settle()
        self.assertEqual(
            {item.currency_id: item.amount for item in settlements},
            {currency: 50.0, in_dollar.currency_id: 80.0},
        )

    def test_cancel_opens_the_entries_again(self):
        entry = self._earn()
        settlement, _report = self._settle()
        self._approve(settlement).action_cancel()
        self.assertEqual((settlement.state, settlement.amount), ("cancelled", 0.0))
        self.assertEqual((entry.state, entry.settlement_id.id), ("open", False))
        again, _report = self._settle()
        self.assertEqual(again.entry_ids, entry)

    def test_deleted_draft_opens_the_entries_again(self):
        entry = self._earn()
        settlement, _report = self._settle()
        settlement.unlink()
        self.assertEqual((entry.state, entry.settlement_id.id), ("open", False))

    def test_sent_settlement_is_not_deleted(self):
        self._earn()
        settlement, _report = self._settle()
        self._approve(settlement)
        with self.assertRefused(UserError, "no draft any more"):
            settlement.unlink()

    def test_steps_in_order_only(self):
        self._earn()
        settlement, _report = self._settle()
        for step in ("action_confirm", "action_create_bill"):
            with self.assertRefused(UserError, "“Draft”"):
                getattr(settlement, step)()
        with self.assertRefused(UserError, "“Draft”"):
            settlement.with_user(self.approver).action_approve()

    def test_statement_is_mailed_to_those_who_may_see_money(self):
        self._new_portal_user(self.contact, "finance")
        technician = self.env["res.partner"].create(
            {"name": "T", "parent_id": self.partner.id, "email": "t@acme-partners.example"}
        )
        self._new_portal_user(technician, "technical")
        self._earn()
        settlement, _report = self._settle()
        settlement.action_send()
        self.assertEqual((settlement.state, str(settlement.date_sent)), ("sent", "2026-04-20"))
        mail = self.env["mail.mail"].search(
            [("model", "=", settlement._name), ("res_id", "=", settlement.id)]
        )
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn(settlement.name, mail.subject)
        self.assertEqual(len(mail.attachment_ids), 1)

    def test_partner_with_a_language_that_is_not_active(self):
        self._earn()
        settlement, _report = self._settle()
        self.assertEqual(settlement._get_lang(), "en_US")
        # As imports and older databases leave it; Odoo's own forms refuse such a language.
        self.cr.execute("UPDATE res_partner SET lang = 'eo_XX' WHERE id = %s", [self.partner.id])
        self.partner.invalidate_recordset(["lang"])
        self.assertEqual(settlement._get_lang(), self.officer.lang)
        settlement.action_send()
        self.assertEqual(settlement.state, "sent")

    def test_statement_falls_back_to_the_company(self):
        self._earn()
        settlement, _report = self._settle()
        self.assertEqual(settlement._get_recipients(), self.partner)
        self.partner.email = False
        with self.assertRefused(UserError, "invite a contact"):
            settlement.action_send()
        self.assertEqual(settlement.state, "draft")

    def test_four_eyes(self):
        self._earn()
        settlement, _report = self._settle(user=self.approver)
        settlement._mark_sent()
        settlement.action_confirm()
        with self.assertRefused(UserError, "prepared .* yourself"):
            settlement.with_user(self.approver).action_approve()
        with self.assertRaises(AccessError):
            settlement.with_user(self.officer).action_approve()
        other = self._new_staff("t_other", "prm_commission.group_commission_approver")
        settlement.with_user(other).action_approve()
        self.assertEqual((settlement.state, settlement.approved_by_id), ("approved", other))

    def test_four_eyes_cannot_be_written_away(self):
        self._earn()
        settlement, _report = self._settle(user=self.approver)
        for vals in (
            {"prepared_by_id": self.officer.id},
            {"state": "approved"},
            {"amount": 1.0},
            {"entry_ids": [Command.clear()]},
        ):
            with self.assertRefused(UserError, "buttons only"):
                settlement.write(vals)
        with self.assertRefused(UserError, "buttons only"):
            settlement.create({"partner_id": self.partner.id, "state": "approved"})

    def test_four_eyes_cannot_be_avoided_by_defaults(self):
        entry = self._earn()
        defaults = {
            "default_partner_id": self.partner.id,
            "default_company_id": self.company.id,
            "default_currency_id": self.company.currency_id.id,
            "default_date_from": "2026-02-01",
            "default_date_to": "2026-02-28",
            "default_prepared_by_id": self.officer.id,
            "default_state": "approved",
            "default_approved_by_id": self.officer.id,
        }
        settlements = self.env["prm.commission.settlement"].with_user(self.approver).sudo(False)
        with self.assertRefused(UserError, "buttons only"):
            settlements.with_context(**defaults).create({})
        wizard = self.env["prm.commission.settle"].with_user(self.approver).sudo(False)
        wizard = wizard.create({"date_from": "2026-02-01", "date_to": "2026-02-28"})
        wizard.with_context(**defaults).action_settle()
        made = wizard.settlement_ids
        self.assertEqual(made.entry_ids, entry)
        self.assertEqual((made.state, made.prepared_by_id), ("draft", self.approver))
        self.assertFalse(made.approved_by_id)

    def test_bill(self):
        self._earn()
        settlement = self._approve(self._settle()[0])
        self.partner.property_account_position_id = self.fiscal_pos_a
        product = self.env.ref("prm_commission.product_commission")
        product.supplier_taxes_id = self.tax_purchase_a
        bill = self._get_bill(settlement)
        self.assertRecordValues(
            bill,
            [
                {
                    "move_type": "in_invoice",
                    "state": "draft",
                    "partner_id": self.partner.id,
                    "amount_untaxed": 960.0,
                    "ref": settlement.name,
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(bill.journal_id.type, "purchase")
        self.assertEqual(bill.invoice_line_ids.product_id, product)
        self.assertEqual(bill.invoice_line_ids.tax_ids, self.tax_purchase_b)
        self.assertEqual((settlement.state, settlement.entry_ids.state), ("billed", "billed"))

    def test_bill_of_another_amount_is_not_posted(self):
        self._earn()
        settlement = self._approve(self._settle()[0])
        bill = self._get_bill(settlement)
        bill.invoice_line_ids.price_unit = 99999
        with self.assertRefused(UserError, r"960\.00.* without taxes"):
            bill.action_post()
        self.assertEqual(bill.state, "draft")
        bill.invoice_line_ids.price_unit = 960
        bill.action_post()
        self.assertEqual(bill.state, "posted")

    def test_bill_with_the_tax_in_the_price(self):
        self._earn()
        tax = self.tax_purchase_a
        tax.price_include_override = "tax_included"
        self.env.ref("prm_commission.product_commission").supplier_taxes_id = tax
        bill = self._get_bill(self._approve(self._settle()[0]))
        bill.action_post()
        self.assertEqual((bill.state, bill.amount_total), ("posted", 960.0))

    def test_bill_in_the_chosen_journal(self):
        journal = self.company_data["default_journal_purchase"].copy({"code": "COMM"})
        self.company.prm_commission_journal_id = journal
        self._earn()
        self.assertEqual(self._get_bill(self._approve(self._settle()[0])).journal_id, journal)

    def test_two_clicks_one_bill(self):
        self._earn()
        settlement = self._approve(self._settle()[0])
        bill = self._get_bill(settlement)
        with self.assertRefused(UserError, "already has the bill"):
            settlement.action_create_bill()
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.env["account.move"].create(settlement.sudo()._prepare_bill_vals())
        self.assertEqual(settlement.bill_ids, bill)

    def test_many_bills_at_once(self):
        self._earn()
        self._earn(partner=self.rival)
        settlements = self._approve(self._settle()[0])
        action = settlements.action_create_bill()
        self.assertEqual(len(settlements.bill_ids), 2)
        self.assertEqual(action["domain"], [("id", "in", settlements.bill_ids.ids)])

    def test_paid_bill_pays_the_entries_and_back(self):
        entry = self._earn()
        settlement = self._approve(self._settle()[0])
        bill = self._get_bill(settlement)
        bill.action_post()
        self.assertEqual(settlement.state, "billed")
        self._pay(bill, bill.amount_total / 2)
        self.assertEqual((settlement.state, entry.state), ("billed", "billed"))
        self._pay(bill)
        self.assertEqual((settlement.state, entry.state), ("paid", "paid"))
        bill.line_ids.remove_move_reconcile()
        self.assertEqual((settlement.state, entry.state), ("billed", "billed"))

    def test_cancelled_bill_can_be_made_again(self):
        entry = self._earn()
        settlement = self._approve(self._settle()[0])
        bill = self._get_bill(settlement)
        bill.button_cancel()
        self.assertEqual((settlement.state, entry.state), ("approved", "settled"))
        again = self._get_bill(settlement)
        self.assertNotEqual(again, bill)
        self.assertEqual(settlement.state, "billed")
        self.assertEqual(settlement.bill_ids, bill | again)

    def test_deleted_bill_can_be_made_again(self):
        self._earn()
        settlement = self._approve(self._settle()[0])
        self._get_bill(settlement).unlink()
        self.assertEqual(settlement.state, "approved")
        self._get_bill(settlement)
        self.assertEqual(settlement.state, "billed")

    def test_reversed_bill_can_be_made_again(self):
        self._earn()
        settlement = self._approve(self._settle()[0])
        bill = self._get_bill(settlement)
        bill.action_post()
        bill._reverse_moves([{"invoice_date": "2026-04-20"}], cancel=True)
        self.assertEqual((bill.payment_state, settlement.state), ("reversed", "approved"))
        self._get_bill(settlement)
        self.assertEqual(settlement.state, "billed")

    def test_billed_settlement_is_not_cancelled(self):
        self._earn()
        settlement = self._approve(self._settle()[0])
        self._get_bill(settlement)
        with self.assertRefused(UserError, "already has the bill"):
            settlement.action_cancel()

    def test_refund_after_the_bill_goes_into_the_next_settlement(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        settlement = self._approve(self._settle()[0])
        bill = self._get_bill(settlement)
        self._credit(invoice, 3600)
        self._earn("2026-03-10")
        following, _report = self._settle(date_from="2026-03-01", date_to="2026-03-31")
        self.assertEqual(following.amount, 960.0 - 288.0)
        self.assertEqual((settlement.amount, bill.amount_untaxed), (960.0, 960.0))

    def test_settled_invoice_posted_again_is_not_paid_twice(self):
        invoice = self._new_invoice()
        self._pay(invoice)
        self._approve(self._settle()[0])
        invoice.button_draft()
        invoice.partner_id = self.partner_b
        invoice.action_post()
        self._pay(invoice, invoice.amount_total)
        self.assertEqual(sum(self._get_entries(invoice).mapped("amount")), 960.0)
        none, _report = self._settle(date_from="2026-03-01", date_to="2026-04-30")
        self.assertFalse(none)

    def test_archived_partner_is_still_settled(self):
        self._earn()
        self.partner.sudo().prm_membership_ids.action_end()
        self.partner.active = False
        settlements, _report = self._settle()
        self.assertEqual(settlements.amount, 960.0)

    def test_period_the_wrong_way_round(self):
        with self.assertRefused(UserError, "must end after it starts"):
            self._settle(date_from="2026-03-31", date_to="2026-03-01")

    def test_default_period_is_last_month(self):
        wizard = self.env["prm.commission.settle"].create({})
        self.assertEqual((str(wizard.date_from), str(wizard.date_to)), ("2026-03-01", "2026-03-31"))

    def test_statement_shows_the_figures(self):
        self._earn()
        settlement, _report = self._settle()
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html("prm_commission.report_statement", settlement.ids)[0]
        text = html.decode()
        for expected in (settlement.name, "Acme Partners", "960.00", "12,000.00", "tier Gold"):
            self.assertIn(expected, text)
