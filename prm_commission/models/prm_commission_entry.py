from collections import Counter
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.prm_partner.tools import append_only
from odoo.exceptions import UserError
from odoo.tools import clean_context, format_amount, format_date, formatLang

from ..tools.amounts import Figures, commission_due, decimal, entry_kind

STAFF = "base.group_user"


class Account(NamedTuple):
    """What the ledger tells apart: an invoice, the rule that covers it, and who is paid."""

    move_id: int
    rule_id: int
    partner_id: int


class PrmCommissionEntry(models.Model):
    _name = "prm.commission.entry"
    _description = "Commission Entry"
    _order = "date desc, id desc"

    name = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("accrual", "Accrual"),
            ("adjustment", "Adjustment"),
            ("clawback", "Clawback"),
            ("carry_over", "Carry-over"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict", readonly=True
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, index=True, ondelete="restrict", readonly=True
    )
    amount = fields.Monetary(required=True, readonly=True)
    base_amount = fields.Monetary(
        string="Net Amount",
        currency_field="base_currency_id",
        readonly=True,
        aggregator=None,
        help="Net amount of the invoice lines that the rule covers.",
    )
    base_currency_id = fields.Many2one(
        "res.currency", index=True, ondelete="restrict", readonly=True
    )
    currency_rate = fields.Float(
        digits=0,
        readonly=True,
        aggregator=None,
        help="Units of the commission's currency for one unit of the invoice's currency.",
    )
    currency_date = fields.Date(string="Date of the Currency Rate", readonly=True)
    rate = fields.Float(string="Rate (%)", digits=(6, 3), readonly=True, aggregator=None)
    registration_id = fields.Many2one(
        "prm.deal.registration",
        string="Deal Registration",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    source_name = fields.Char(
        string="Invoice Number", compute="_compute_source_name", compute_sudo=True
    )
    trace = fields.Text(
        string="Explanation",
        compute="_compute_trace",
        compute_sudo=True,
        help="How the amount was computed.",
    )
    state = fields.Selection(
        [("open", "Open"), ("settled", "Settled"), ("billed", "Billed"), ("paid", "Paid")],
        compute="_compute_state",
        compute_sudo=True,
        store=True,
        precompute=True,
    )
    settlement_id = fields.Many2one(
        "prm.commission.settlement",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )

    # For staff: the customer's documents and how the entry came about.
    move_id = fields.Many2one(
        "account.move",
        string="Caused By",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
        groups=STAFF,
        help="The invoice or the credit note that this entry is about.",
    )
    source_move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
        groups=STAFF,
    )
    rule_id = fields.Many2one(
        "prm.commission.rule",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
        groups=STAFF,
    )
    rule_version = fields.Integer(readonly=True, groups=STAFF, aggregator=None)
    parent_id = fields.Many2one(
        "prm.commission.entry",
        string="Corrects",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        groups=STAFF,
    )
    trace_data = fields.Json(readonly=True, groups=STAFF, help="The inputs of the computation.")
    idempotency_key = fields.Char(required=True, readonly=True, groups=STAFF)

    _key_uniq = models.Constraint(
        "UNIQUE(idempotency_key)", "This commission entry was booked already."
    )
    _account_idx = models.Index("(source_move_id, rule_id, partner_id)")
    # What a settlement looks for, however long the ledger is.
    _open_idx = models.Index("(partner_id, currency_id, date) WHERE settlement_id IS NULL")

    def _auto_init(self):
        res = super()._auto_init()
        append_only.protect(self.env.cr, self._table, mutable=("settlement_id", "state"))
        return res

    @api.depends("source_move_id.name")
    def _compute_source_name(self):
        for entry in self:
            entry.source_name = entry.source_move_id.name

    @api.depends("settlement_id.state")
    def _compute_state(self):
        """To the partner an entry is open until its statement is sent."""
        states = {"draft": "open", "cancelled": "open", "billed": "billed", "paid": "paid"}
        for entry in self:
            settled = states.get(entry.settlement_id.state, "settled")
            entry.state = settled if entry.settlement_id else "open"

    @api.depends("trace_data", "amount", "move_id.name", "source_move_id.name")
    @api.depends_context("lang")
    def _compute_trace(self):
        for entry in self:
            entry.trace = "\n".join(filter(None, entry._get_trace_lines()))

    def _get_trace_lines(self):
        return [self._get_due_text(), self._get_difference_text(), self._get_source_text()]

    def _get_due_text(self):
        """“8 % of 12,000.00 $ net × 50 % paid (6,900.00 $ of 13,800.00 $) = 480.00 $”"""
        data, base_currency = self.trace_data, self.base_currency_id
        share = data["eligible"] / data["total"] * 100 if data["total"] else 0
        rate = ""
        if self.base_currency_id != self.currency_id:
            rate = self.env._(
                " × %(rate)s (exchange rate of %(date)s)",
                rate=formatLang(self.env, self.currency_rate, digits=6),
                date=format_date(self.env, self.currency_date),
            )
        paid = self.env._("paid and not credited") if data.get("credited") else self.env._("paid")
        return self.env._(
            "%(rate)s %% of %(base)s net × %(share)s %% %(paid)s (%(eligible)s of %(total)s)"
            "%(exchange)s = %(due)s",
            paid=paid,
            rate=self._format_percent(self.rate),
            base=format_amount(self.env, self.base_amount, base_currency),
            share=self._format_percent(share),
            eligible=format_amount(self.env, data["eligible"], base_currency),
            total=format_amount(self.env, data["total"], base_currency),
            exchange=rate,
            due=format_amount(self.env, data["due"], self.currency_id),
        )

    def _get_difference_text(self):
        if not self.trace_data["booked"]:
            return None
        return self.env._(
            "Booked before: %(booked)s, difference: %(amount)s",
            booked=format_amount(self.env, self.trace_data["booked"], self.currency_id),
            amount=format_amount(self.env, self.amount, self.currency_id),
        )

    def _get_source_text(self):
        data = self.trace_data
        parts = [
            self.env._("rule %(rule)s v%(version)s", rule=data["rule"], version=data["version"])
        ]
        if data.get("tier"):
            parts.append(self.env._("tier %s", data["tier"]))
        parts.append(self.env._("invoice %s", self.source_move_id.name))
        if self.move_id != self.source_move_id:
            parts.append(self.env._("credit note %s", self.move_id.name))
        return ", ".join(parts)

    @api.model
    def _format_percent(self, value):
        """Up to three decimals, without zeros at the end."""
        value = round(value, 3)
        digits = next(digits for digits in range(4) if round(value, digits) == value)
        return formatLang(self.env, value, digits=digits)

    @api.model_create_multi
    def create(self, vals_list):
        # The context comes from whoever pays: its defaults have no say in the ledger.
        entries = self.with_context(clean_context(self.env.context))
        return super(PrmCommissionEntry, entries).create(vals_list)

    def write(self, vals):
        if not self.env.su or vals.keys() - {"settlement_id"}:
            raise UserError(
                self.env._(
                    "Entries of the commission ledger are never changed. Correct the invoice, the"
                    " payment or the credit note: the ledger books the difference."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Entries of the commission ledger are never deleted."))

    def action_view_source(self):
        """Open the invoice or credit note that this entry is about."""
        self.ensure_one()
        return self.move_id.get_formview_action()

    @api.model
    def _accrue(self, invoices):
        """Book what changed since the last time for each invoice, rule and partner.

        :param invoices: customer invoices whose rows this transaction has locked
        :return: the new entries
        """
        bases = {
            Account(basis.move_id.id, basis.rule_id.id, basis.partner_id.id): basis
            for basis in self.env["prm.commission.basis"]._ensure(invoices)
        }
        booked = self._get_booked(invoices)
        figures = invoices._prm_get_figures()
        accounts = sorted(bases.keys() | booked.keys())
        vals_list = [
            self._prepare_entry_vals(
                account, bases.get(account), *booked.get(account, (0.0, 0, self)), figures
            )
            for account in accounts
        ]
        return self.create(self._number([vals for vals in vals_list if vals], booked))

    @api.model
    def _number(self, vals_list, booked):
        """Name the new entries of each invoice, counting on from the earlier ones."""
        numbers = Counter()
        for account, (_amount, count, _last) in booked.items():
            numbers[account.move_id] += count
        for vals in vals_list:
            numbers[vals["source_move_id"]] += 1
            vals["name"] += f" #{numbers[vals['source_move_id']]}"
        return vals_list

    @api.model
    def _get_booked(self, invoices):
        """``{account: (sum of the amounts, number of entries, last entry)}`` of these invoices."""
        groups = self._read_group(
            [("source_move_id", "in", invoices.ids)],
            ["source_move_id", "rule_id", "partner_id"],
            ["amount:sum", "__count", "id:max"],
        )
        last_ids = [last_id for *_rest, last_id in groups]
        return {
            Account(move.id, rule.id, partner.id): (
                amount,
                count,
                self.browse(last_id).with_prefetch(last_ids),
            )
            for move, rule, partner, amount, count, last_id in groups
        }

    @api.model
    def _prepare_entry_vals(self, account, basis, booked, count, last, all_figures):
        """Values of the entry that brings one account up to date, None if it is."""
        # Without a basis the invoice no longer counts for this partner: nothing is due any more.
        terms = basis or last
        currency = terms.currency_id
        figures, cash_date, credit_id = all_figures[account.move_id]
        due = commission_due(
            decimal(terms.rule_id.rate if basis else last.rate),
            decimal(terms.base_amount if basis else 0),
            figures,
            decimal(currency.rounding),
            decimal(terms.currency_rate),
        )
        change = due - decimal(currency.round(booked))
        if not change:
            return None
        kind = entry_kind(change, last._get_figures(figures), figures)
        invoice = self.env["account.move"].browse(account.move_id)
        credit_note = invoice.browse(credit_id if kind == "clawback" else False)
        return {
            "name": invoice.name,
            "kind": kind,
            "date": self._get_entry_date(kind, cash_date, credit_note),
            "amount": float(change),
            "move_id": (credit_note or invoice).id,
            "source_move_id": invoice.id,
            "registration_id": invoice.registration_id.id,
            "parent_id": last.id if kind != "accrual" else False,
            "idempotency_key": "/".join(map(str, (*account, count + 1))),
            "trace_data": self._prepare_trace_data(terms, figures, due, booked),
            **self._prepare_terms_vals(terms),
        }

    @api.model
    def _get_entry_date(self, kind, cash_date, credit_note):
        """A payment and a credit note count on their own date, a correction today."""
        if kind == "accrual":
            return cash_date
        if kind == "clawback":
            return credit_note.invoice_date or credit_note.date
        return fields.Date.context_today(self)

    @api.model
    def _prepare_terms_vals(self, terms):
        """What is copied to the entry from the basis, or from the entry that is taken back."""
        is_basis = terms._name == "prm.commission.basis"
        return {
            "partner_id": terms.partner_id.id,
            "company_id": terms.company_id.id,
            "currency_id": terms.currency_id.id,
            "base_amount": terms.base_amount,
            "base_currency_id": terms.base_currency_id.id,
            "currency_rate": terms.currency_rate,
            "currency_date": terms.date if is_basis else terms.currency_date,
            "rule_id": terms.rule_id.id,
            "rule_version": terms.rule_id.version if is_basis else terms.rule_version,
            "rate": terms.rule_id.rate if is_basis else terms.rate,
        }

    @api.model
    def _prepare_trace_data(self, terms, figures, due, booked):
        is_basis = terms._name == "prm.commission.basis"
        return {
            "total": float(figures.total),
            "cash": float(figures.cash),
            "credited": float(figures.credited),
            "eligible": float(figures.eligible if is_basis else 0),
            "due": float(due),
            "booked": booked,
            "rule": terms.rule_id.name,
            "version": terms.rule_id.version,
            "tier": terms.grade_id.name if is_basis else terms.trace_data["tier"],
        }

    def _get_figures(self, now):
        """The figures of the invoice when this entry was booked, zero without an entry."""
        data = self.trace_data or {}
        return Figures(now.total, decimal(data.get("cash", 0)), decimal(data.get("credited", 0)))
