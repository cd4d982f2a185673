"""Order, invoice, payments, ledger, settlement, bill."""

import io
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from pypdf import PdfReader

from .client import Client, RpcError, plain
from .deals import Deals

# By hand. Net 12,345.67 and 20 % tax of 2,469.134, that is 2,469.13: 14,814.80 in all, half of it
# is 7,407.40. Eight percent of net are 987.6536; half of that is 493.8268.
NET = Decimal("12345.67")
TOTAL = Decimal("14814.80")
HALF = Decimal("7407.40")
FIRST_COMMISSION = Decimal("493.83")
# The whole is 987.65, so the second half gets a cent less than the first.
SECOND_COMMISSION = Decimal("493.82")
# Credited are 2,345.67 net and 469.13 tax (469.134): 2,814.80 in all. Of 14,814.80 there remain
# 12,000.00, that is 987.6536 × 12,000.00 / 14,814.80 = 800.0002.
CREDIT_NET = Decimal("2345.67")
CREDIT_TOTAL = Decimal("2814.80")
CLAWBACK = Decimal("-187.65")
COMMISSION = Decimal("800.00")


def money(value: float) -> Decimal:
    """An amount as the server sends it, without rounding it."""
    return Decimal(str(value)).quantize(Decimal("0.00001")).normalize() + Decimal("0.00")


class Money(Deals):
    """Steps 7 to 9."""

    def step_07_order_invoice_and_first_payment(self) -> None:
        """Odoo's own documents, from the opportunity to half of the money."""
        self.order_id = self._make_order()
        self.olivia.button("sale.order", "action_confirm", self.order_id)
        order = self.olivia.read(
            "sale.order", self.order_id, "state", "registration_id", "prm_partner_id"
        )
        self._check(
            order,
            state="sale",
            registration_id=self.deal_id,
            prm_partner_id=self.ours.company_id,
        )
        deal = self.olivia.read("prm.deal.registration", self.deal_id, "state")
        self._check(deal, state="won")
        self.invoice_id = self._make_invoice()
        self.finn.button("account.move", "action_post", self.invoice_id)
        invoice = self._read_move(self.invoice_id)
        assert money(invoice["amount_untaxed"]) == NET, invoice
        assert money(invoice["amount_total"]) == TOTAL, invoice
        self._check(invoice, prm_partner_id=self.ours.company_id, registration_id=self.deal_id)
        assert not self._find_entries(), "commission accrued before anything was paid"
        self._pay(self.invoice_id, HALF)
        self._check(self._read_move(self.invoice_id), payment_state="partial")

    def step_08_ledger_follows_payments_and_credit_note(self) -> None:
        """Each half accrues its part, the credit note takes its part back, no cent is lost."""
        [first] = self._find_entries()
        self._check_entry(first, "accrual", FIRST_COMMISSION, self.invoice_id)
        for text in ("8 % of", "12,345.67", "50 %", "7,407.40", "493.83", "v1"):
            assert text in first["trace"], f"“{text}” is not in the trace: {first['trace']}"
        self._pay(self.invoice_id, HALF)
        self._check(self._read_move(self.invoice_id), payment_state="paid")
        _first, second = self._find_entries()
        self._check_entry(second, "accrual", SECOND_COMMISSION, self.invoice_id)
        self.credit_id = self._make_credit_note()
        *_others, clawback = entries = self._find_entries()
        assert len(entries) == 3, f"not three entries: {entries}"
        self._check_entry(clawback, "clawback", CLAWBACK, self.credit_id)
        self._check(clawback, parent_id=second["id"])
        assert sum(money(entry["amount"]) for entry in entries) == COMMISSION, entries
        self.entry_ids = [entry["id"] for entry in entries]
        self._try_to_change_ledger()

    def step_09_settlement_statement_bill_and_payment(self) -> None:
        """A statement that the partner confirms, four eyes, one bill; paid bill, paid entries."""
        self.settlement_id = self._settle()
        self.finn.button("prm.commission.settlement", "action_send", self.settlement_id)
        self._send_queued_mail()
        mail = self.mailbox.wait_for(self.ours.email, self.settlement_number)
        [(_name, content)] = mail.attachments
        assert "Draft" not in self._check_statement_pdf(content), "the statement is a draft"
        self._confirm_as_partner()
        self._try_to_approve_own()
        self.admin.button("prm.commission.settlement", "action_approve", self.settlement_id)
        self._check_settlement(state="approved")
        self._make_bill()
        self._check_settlement(state="billed", bill_id=self.bill_id)
        self._pay(self.bill_id, None)
        self._check_settlement(state="paid")
        states = {entry["state"] for entry in self._find_entries()}
        assert states == {"paid"}, f"the bill is paid, the entries are {states}"

    def _make_order(self) -> int:
        action = self.olivia.button("crm.lead", "action_sale_quotations_new", self.lead_id)
        assert action["res_model"] == "crm.quotation.partner", action
        context = {"active_model": "crm.lead", "active_id": self.lead_id}
        action = self.olivia.wizard(
            "crm.quotation.partner",
            {"action": "create", "lead_id": self.lead_id},
            "action_apply",
            context,
        )
        line = {"product_id": self._make_product(), "product_uom_qty": 1, "price_unit": float(NET)}
        return self.olivia.create(
            "sale.order",
            {"partner_id": action["context"]["default_partner_id"], "order_line": [[0, 0, line]]},
            action["context"],
        )

    def _make_product(self) -> int:
        self.tax_id = self.admin.create(
            "account.tax",
            {"name": f"20 % {self.run_id}", "amount": 20.0, "type_tax_use": "sale"},
        )
        return self.admin.create(
            "product.product",
            {
                "name": f"Nordlicht Edge {self.run_id}",
                "type": "service",
                "invoice_policy": "order",
                "taxes_id": [[6, 0, [self.tax_id]]],
            },
        )

    def _make_invoice(self) -> int:
        self.olivia.wizard(
            "sale.advance.payment.inv",
            {"advance_payment_method": "delivered"},
            "create_invoices",
            {
                "active_model": "sale.order",
                "active_id": self.order_id,
                "active_ids": [self.order_id],
            },
        )
        [invoice_id] = self.olivia.read("sale.order", self.order_id, "invoice_ids")["invoice_ids"]
        return invoice_id

    def _read_move(self, move_id: int) -> dict:
        return self.finn.read(
            "account.move",
            move_id,
            "name",
            "amount_untaxed",
            "amount_total",
            "payment_state",
            "prm_partner_id",
            "registration_id",
            "move_type",
            "partner_id",
        )

    def _pay(self, move_id: int, amount: Decimal | None) -> None:
        """Register a payment; without an amount, of all that is open."""
        action = self.finn.button("account.move", "action_register_payment", move_id)
        values = {} if amount is None else {"amount": float(amount)}
        self.finn.wizard(
            "account.payment.register", values, "action_create_payments", action["context"]
        )

    def _find_entries(self) -> list[dict]:
        return self.finn.search(
            "prm.commission.entry",
            [("partner_id", "=", self.ours.company_id)],
            "kind",
            "amount",
            "move_id",
            "source_move_id",
            "registration_id",
            "parent_id",
            "rule_version",
            "rate",
            "date",
            "state",
            "trace",
        )

    def _check_entry(self, entry: dict, kind: str, amount: Decimal, move_id: int) -> None:
        self._check(
            entry,
            kind=kind,
            move_id=move_id,
            source_move_id=self.invoice_id,
            registration_id=self.deal_id,
            rule_version=1,
            rate=8.0,
            state="open",
        )
        assert money(entry["amount"]) == amount, f"{entry['amount']} and should be {amount}"

    def _make_credit_note(self) -> int:
        """A credit note for part of the invoice, by Odoo's own dialog."""
        invoice = self.finn.read("account.move", self.invoice_id, "journal_id")
        action = self.finn.wizard(
            "account.move.reversal",
            {"reason": "One gateway was broken", "journal_id": invoice["journal_id"][0]},
            "refund_moves",
            {
                "active_model": "account.move",
                "active_id": self.invoice_id,
                "active_ids": [self.invoice_id],
            },
        )
        credit_id = action["res_id"]
        [line] = self.finn.search(
            "account.move.line",
            [("move_id", "=", credit_id), ("display_type", "=", "product")],
        )
        self.finn.write(
            "account.move",
            credit_id,
            {"invoice_line_ids": [[1, line["id"], {"price_unit": float(CREDIT_NET)}]]},
        )
        self.finn.button("account.move", "action_post", credit_id)
        credit = self._read_move(credit_id)
        assert money(credit["amount_total"]) == CREDIT_TOTAL, credit
        self._check(credit, move_type="out_refund", prm_partner_id=self.ours.company_id)
        return credit_id

    def _try_to_change_ledger(self) -> None:
        entry_id = self.entry_ids[0]
        for method, args in (("write", [{"amount": 1.0}]), ("unlink", []), ("copy", [])):
            for client in (self.finn, self.admin):
                self._check_refused(client, "prm.commission.entry", method, [entry_id], *args)
        assert sum(money(entry["amount"]) for entry in self._find_entries()) == COMMISSION

    def _check_refused(self, client: Client, model: str, method: str, *args: object) -> str:
        try:
            client.call(model, method, *args)
        except RpcError as error:
            assert error.kind in ("AccessError", "UserError", "ValidationError"), str(error)
            return error.message
        raise AssertionError(f"{client.login_name} could do {method} on {model}")

    def _settle(self) -> int:
        """Settle the month of the last entry, for our partner only."""
        last = max(date.fromisoformat(entry["date"]) for entry in self._find_entries())
        start = last.replace(day=1)
        values = {
            "date_from": start.isoformat(),
            "date_to": (start + relativedelta(months=1, days=-1)).isoformat(),
            "partner_ids": [[6, 0, [self.ours.company_id]]],
        }
        shown = self.finn.wizard("prm.commission.settle", values, "action_settle")
        result = self.finn.read(
            "prm.commission.settle", shown["res_id"], "settlement_ids", "report"
        )
        assert self.ours.company in result["report"], f"the report says {result['report']}"
        [settlement_id] = result["settlement_ids"]
        settlement = self.finn.read("prm.commission.settlement", settlement_id, "name")
        self.settlement_number = settlement["name"]
        self.settlement_id = settlement_id
        self._check_settlement(state="draft", partner_id=self.ours.company_id)
        claimed = self.finn.read("prm.commission.settlement", settlement_id, "entry_ids")
        assert sorted(claimed["entry_ids"]) == sorted(self.entry_ids), claimed
        hidden = self.ours.client.page(f"/my/statements/{settlement_id}")
        assert hidden.status == 404, f"the partner sees a draft: {hidden.status}"
        return settlement_id

    def _check_settlement(self, **expected: object) -> None:
        settlement = self.finn.read(
            "prm.commission.settlement", self.settlement_id, "amount", *expected
        )
        assert money(settlement["amount"]) == COMMISSION, settlement
        self._check(settlement, **expected)

    def _check_statement_pdf(self, content: bytes) -> str:
        assert content.startswith(b"%PDF"), f"no PDF: {content[:200]!r}"
        (self.artefacts / "statement.pdf").write_bytes(content)
        pages = PdfReader(io.BytesIO(content)).pages
        text = plain(" ".join(page.extract_text() for page in pages))
        for part in (self.ours.company, self.settlement_number, "800.00", "493.83", "-187.65"):
            assert part in text, f"“{part}” is not in the statement: {text}"
        return text

    def _confirm_as_partner(self) -> None:
        contact = self.ours.client
        address = f"/my/statements/{self.settlement_id}"
        assert address in contact.page("/my/statements").links("/my/statements/"), "no statement"
        page = contact.page(address)
        assert self.settlement_number in page.text and "800.00" in page.text, page.text
        self._check_statement_pdf(contact.get(page.links("/pdf")[0]).content)
        page = contact.send(page, action="/confirm")
        assert "Confirmed" in page.text, f"the statement is not confirmed: {page.text}"
        self._check_settlement(state="confirmed")

    def _try_to_approve_own(self) -> None:
        model, ids = "prm.commission.settlement", [self.settlement_id]
        message = self._check_refused(self.finn, model, "action_approve", ids)
        assert "Another person" in message, message
        self._check_refused(self.ours.client, model, "action_approve", ids)
        self._check_refused(self.olivia, model, "action_approve", ids)

    def _make_bill(self) -> None:
        model, ids = "prm.commission.settlement", [self.settlement_id]
        action = self.finn.button(model, "action_create_bill", ids)
        self.bill_id = action["res_id"]
        message = self._check_refused(self.finn, model, "action_create_bill", ids)
        assert "already has the bill" in message, message
        bill = self._read_move(self.bill_id)
        self._check(bill, move_type="in_invoice", partner_id=self.ours.company_id)
        assert money(bill["amount_untaxed"]) == COMMISSION, bill
        self.finn.button("account.move", "action_post", self.bill_id)
        bill = self._read_move(self.bill_id)
        # With the taxes that the company's settings put on it.
        self.bill_number, self.bill_total = bill["name"], f"{money(bill['amount_total']):,.2f}"
