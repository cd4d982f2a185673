from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command
from odoo.tools import SQL, clean_context, format_date

STAFF = "base.group_user"
# Set by the buttons only, so that the four eyes cannot be avoided by writing a field.
PROTECTED_FIELDS = {
    "name",
    "state",
    "partner_id",
    "company_id",
    "currency_id",
    "date_from",
    "date_to",
    "amount",
    "entry_ids",
    "bill_ids",
    "prepared_by_id",
    "confirmed_by_id",
    "approved_by_id",
    "date_sent",
    "date_confirmed",
    "date_approved",
}
PAID_STATES = ("paid", "in_payment")


class PrmCommissionSettlement(models.Model):
    _name = "prm.commission.settlement"
    _description = "Commission Settlement"
    _inherit = ["prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "date_to desc, id desc"

    name = fields.Char(string="Number", required=True, readonly=True, copy=False)
    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("confirmed", "Confirmed"),
            ("approved", "Approved"),
            ("billed", "Billed"),
            ("paid", "Paid"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        required=True,
        default="draft",
        index=True,
        tracking=True,
        group_expand=True,
        copy=False,
    )
    entry_ids = fields.One2many(
        "prm.commission.entry", "settlement_id", string="Entries", readonly=True
    )
    entry_count = fields.Integer(compute="_compute_amount", store=True)
    amount = fields.Monetary(compute="_compute_amount", store=True, tracking=True)
    date_sent = fields.Date(string="Sent On", readonly=True, copy=False)
    date_confirmed = fields.Date(string="Confirmed On", readonly=True, copy=False)
    date_approved = fields.Date(string="Approved On", readonly=True, copy=False)

    # For staff
    bill_ids = fields.One2many(
        "account.move", "prm_settlement_id", string="Commission Bills", readonly=True, groups=STAFF
    )
    bill_id = fields.Many2one(
        "account.move", compute="_compute_bill_id", compute_sudo=True, groups=STAFF
    )
    prepared_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        groups=STAFF,
        default=lambda self: self.env.user,
    )
    confirmed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        copy=False,
        groups=STAFF,
    )
    approved_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        copy=False,
        groups=STAFF,
    )

    _dates_check = models.Constraint(
        "CHECK(date_to >= date_from)", "A period must end after it starts. Check its dates."
    )
    _period_uniq = models.UniqueIndex(
        "(partner_id, company_id, currency_id, date_from, date_to) WHERE state != 'cancelled'",
        "This partner already has a settlement for this period.",
    )

    @api.depends("bill_ids.state", "bill_ids.payment_state")
    def _compute_state(self):
        """The last two states follow the bill, in both directions."""
        for settlement in self:
            settlement.state = settlement.state or "draft"
            if settlement.state not in ("approved", "billed", "paid"):
                continue
            bill = settlement._get_live_bill()
            if not bill:
                settlement.state = "approved"
            else:
                settlement.state = "paid" if bill.payment_state in PAID_STATES else "billed"

    @api.depends("entry_ids.amount")
    def _compute_amount(self):
        groups = self.env["prm.commission.entry"]._read_group(
            [("settlement_id", "in", self.ids)], ["settlement_id"], ["amount:sum", "__count"]
        )
        totals = {settlement.id: (amount, count) for settlement, amount, count in groups}
        for settlement in self:
            settlement.amount, settlement.entry_count = totals.get(settlement._origin.id, (0.0, 0))

    @api.depends("bill_ids.state", "bill_ids.payment_state")
    def _compute_bill_id(self):
        for settlement in self:
            settlement.bill_id = settlement._get_live_bill()

    def _get_live_bill(self):
        """The bill in force: a cancelled or reversed one does not count, and can be replaced."""
        return self.bill_ids.filtered(
            lambda bill: bill.state != "cancel" and bill.payment_state != "reversed"
        )[:1]

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self._get_protected_message())
        for vals in vals_list:
            vals.setdefault(
                "name", self.env["ir.sequence"].next_by_code("prm.commission.settlement")
            )
            vals.setdefault("state", "draft")
        # The context comes from the caller: its defaults must not fill in who approved what.
        settlements = self.with_context(clean_context(self.env.context))
        return super(PrmCommissionSettlement, settlements).create(vals_list)

    def write(self, vals):
        self.check_access("write")
        if not self.env.su and PROTECTED_FIELDS & vals.keys():
            raise UserError(self._get_protected_message())
        return super().write(vals)

    def _get_protected_message(self):
        return self.env._(
            "A settlement is made by “Settle a Period” and changed by its buttons only."
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        for settlement in self.filtered(lambda s: s.state not in ("draft", "cancelled")):
            raise UserError(
                self.env._(
                    "%(settlement)s is no draft any more. Cancel it instead of deleting it.",
                    settlement=settlement.name,
                )
            )

    def action_refresh(self):
        """Take open entries up to the end of the period into these drafts.

        :raise UserError: a settlement is no draft
        """
        self._check_step(("draft",))
        self._claim_entries()

    def action_send(self):
        """Draft → sent: mail the statement to the partner's finance contacts and administrators.

        :raise UserError: wrong state, no entries, or nobody at the partner to send it to
        """
        self._check_step(("draft", "sent"))
        for settlement in self:
            settlement._check_entries()
        # First the state, then the mail: the attached statement says when it was sent.
        self._mark_sent()
        for settlement in self:
            settlement._send_statement()

    def action_confirm(self):
        """Sent → confirmed: the partner agrees with the statement; staff may note it for them.

        The only step for portal users: administrators and finance contacts of the partner.

        :raise AccessError: neither such a contact nor a commission officer
        :raise UserError: the settlement was not sent, or is further on already
        """
        self._check_may_confirm()
        # sudo: who may confirm was checked, and only the fields below are written.
        settlements = self.sudo()
        settlements._check_state(("sent",))
        settlements.write(
            {
                "state": "confirmed",
                "confirmed_by_id": self.env.uid,
                "date_confirmed": fields.Date.context_today(self),
            }
        )

    def action_approve(self):
        """Confirmed → approved, by another person than the one who prepared the settlement.

        :raise AccessError: the user is no commission approver
        :raise UserError: wrong state, or prepared by the same person
        """
        if not self.env.user.has_group("prm_commission.group_commission_approver"):
            raise AccessError(self.env._("Only a commission approver can approve a settlement."))
        self._check_step(("confirmed",))
        self._check_four_eyes()
        self._write_step(
            state="approved",
            approved_by_id=self.env.uid,
            date_approved=fields.Date.context_today(self),
        )

    def action_create_bill(self):
        """Approved → billed: make one draft vendor bill or credit note per settlement.

        :return: action that opens the bills
        :raise UserError: wrong state, a bill exists, somebody else is making it right now, or the
            partner is not to be paid yet
        """
        self.check_access("write")
        self._lock()
        self._check_not_billed()
        self._check_state(("approved",))
        self._check_payable()
        bills = self.env["account.move"].create(
            [settlement._prepare_bill_vals() for settlement in self]
        )
        return self._get_bill_action(bills)

    def action_cancel(self):
        """Cancel: the entries are open again and go into the next settlement.

        :raise UserError: a bill is in force
        """
        self.check_access("write")
        self._lock()
        self._check_not_billed()
        self._check_state(("draft", "sent", "confirmed", "approved"))
        self._write_step(state="cancelled")
        self._release_entries()

    def action_view_bill(self):
        """Open the bills of this settlement, cancelled ones included."""
        self.ensure_one()
        return self._get_bill_action(self.bill_ids)

    def action_view_entries(self):
        """Open the ledger entries of this settlement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_commission.prm_commission_entry_action"
        )
        return {**action, "domain": [("settlement_id", "=", self.id)], "context": {}}

    def action_print(self):
        """Print the statement."""
        return self.env.ref("prm_commission.action_report_statement").report_action(self)

    def _get_bill_action(self, bills):
        action = {"type": "ir.actions.act_window", "res_model": "account.move"}
        if len(bills) == 1:
            return {**action, "view_mode": "form", "res_id": bills.id}
        return {
            **action,
            "name": self.env._("Commission Bills"),
            "view_mode": "list,form",
            "domain": [("id", "in", bills.ids)],
        }

    # Checks of the steps

    def _check_step(self, states):
        self.check_access("write")
        self._lock()
        self._check_state(states)

    def _lock(self):
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is working on this settlement. Try again in a moment.")
            ) from error

    def _check_entries(self):
        if not self.entry_count:
            raise UserError(self.env._("%(settlement)s has no entries.", settlement=self.name))

    def _check_may_confirm(self):
        self.check_access("read")
        user = self.env.user
        if user.has_group("prm_commission.group_commission_officer"):
            return
        may = user.has_group("prm_partner.group_partner_admin") or user.has_group(
            "prm_partner.group_partner_finance"
        )
        if not may or self.partner_id != user.partner_id.commercial_partner_id:
            raise AccessError(
                self.env._("Only administrators and finance contacts of the partner can confirm.")
            )

    def _check_four_eyes(self):
        own = self.filtered(lambda settlement: settlement.prepared_by_id == self.env.user)
        if own:
            raise UserError(
                self.env._(
                    "You prepared %(settlement)s yourself. Another person has to approve it.",
                    settlement=own[0].name,
                )
            )

    def _check_not_billed(self):
        billed = self.filtered("bill_id")
        if billed:
            raise UserError(
                self.env._(
                    "%(settlement)s already has the bill %(bill)s.",
                    settlement=billed[0].name,
                    bill=billed[0].bill_id.sudo().display_name,  # sudo: only its number is shown
                )
            )

    def _check_payable(self):
        """Refuse to bill for partners who are suspended or lack what their program asks for.

        :raise UserError: which settlements cannot be billed, each with the reasons
        """
        blocked = [
            self.env._(
                "%(settlement)s of %(partner)s cannot be billed now: %(reasons)s",
                settlement=settlement.name,
                partner=settlement.partner_id.name,
                reasons=" ".join(reasons),
            )
            for settlement, reasons in self._get_payout_reasons().items()
            if reasons
        ]
        if blocked:
            raise UserError("\n".join(blocked))

    def _get_payout_reasons(self):
        """Why settlements must not be paid out now.

        :return: ``{settlement: sentences}``, no sentences where nothing is in the way
        """
        # sudo: the reasons are the partner's, whoever of the company manages it.
        settlements = self.sudo()
        programs = {one: one.entry_ids.rule_id.plan_id.program_id for one in settlements}
        memberships = settlements.env["prm.membership"].search(
            [
                ("partner_id", "in", settlements.partner_id.ids),
                ("program_id", "in", settlements.entry_ids.rule_id.plan_id.program_id.ids),
                ("state", "!=", "ended"),
            ]
        )
        return {
            settlement: [
                reason
                for member in memberships
                if member.partner_id == settlement.partner_id
                and member.program_id in programs[settlement]
                for reason in member._block_reasons("payout")
            ]
            for settlement in settlements
        }

    # Business

    def _write_step(self, **vals):
        # sudo: the steps, which have checked user and state, are the only writers of these fields.
        self.sudo().write(vals)

    def _mark_sent(self):
        self._write_step(state="sent", date_sent=fields.Date.context_today(self))

    def _get_recipients(self):
        """Contacts of the partner who may see money; else the company's own address."""
        roles = self.env.ref("prm_partner.group_partner_admin") | self.env.ref(
            "prm_partner.group_partner_finance"
        )
        # sudo: an officer need not be able to read the portal users' groups.
        users = (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("partner_id", "child_of", self.partner_id.id),
                    ("group_ids", "in", roles.ids),
                    ("email", "!=", False),
                ]
            )
        )
        return users.partner_id.filtered(
            lambda contact: contact.commercial_partner_id == self.partner_id
        ) or self.partner_id.filtered("email")

    def _get_lang(self):
        """Language of the partner if it is active in this database, else the user's."""
        return self.env["res.lang"]._get_code(self.partner_id.lang) or self.env.user.lang

    def _send_statement(self):
        recipients = self._get_recipients()
        if not recipients:
            raise UserError(
                self.env._(
                    "Nobody at %(partner)s can get the statement of %(settlement)s: invite a"
                    " contact as Finance or Administrator, or give the company an e-mail address.",
                    partner=self.partner_id.name,
                    settlement=self.name,
                )
            )
        template = self.env.ref("prm_commission.mail_template_statement")
        template.send_mail(
            self.id,
            email_layout_xmlid="prm_partner.mail_layout",
            email_values={"recipient_ids": [Command.set(recipients.ids)]},
        )

    def _prepare_bill_vals(self):
        return {
            "move_type": "in_refund" if self.amount < 0 else "in_invoice",
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": fields.Date.context_today(self),
            "ref": self.name,
            "prm_settlement_id": self.id,
            "invoice_line_ids": [Command.create(self._prepare_bill_line_vals())],
            **self._prepare_bill_journal_vals(),
        }

    def _prepare_bill_journal_vals(self):
        """The journal of the settings; without one Odoo takes its first purchase journal."""
        # sudo: a setting of the company that the settlement belongs to.
        journal = self.company_id.sudo().prm_commission_journal_id
        return {"journal_id": journal.id} if journal else {}

    def _prepare_bill_line_vals(self):
        """Account and taxes follow from the product and the partner's fiscal position."""
        return {
            # sudo: a setting of the company that the settlement belongs to.
            "product_id": self.company_id.sudo()._get_prm_commission_product().id,
            "name": self._get_bill_label(),
            "quantity": 1,
            "price_unit": abs(self.amount),
        }

    def _get_bill_label(self):
        settlement = self.with_context(lang=self._get_lang())
        return settlement.env._(
            "Commission %(from)s to %(to)s, statement %(name)s",
            **{"from": format_date(settlement.env, self.date_from)},
            to=format_date(settlement.env, self.date_to),
            name=self.name,
        )

    def _claim_entries(self):
        """Take all open entries up to the end of the period, by one statement for all settlements.

        Entries of earlier periods that came late are taken along, so nothing is lost.

        :return: the claimed entries
        """
        self.flush_recordset()
        entries = self.env["prm.commission.entry"]
        entries.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE prm_commission_entry entry
                   SET settlement_id = settlement.id
                  FROM prm_commission_settlement settlement
                 WHERE settlement.id IN %s
                   AND entry.settlement_id IS NULL
                   AND entry.partner_id = settlement.partner_id
                   AND entry.company_id = settlement.company_id
                   AND entry.currency_id = settlement.currency_id
                   AND entry.date <= settlement.date_to
             RETURNING entry.id
                """,
                tuple(self.ids),
            )
        )
        claimed = entries.browse([entry_id for [entry_id] in rows])
        self._follow_entries(claimed)
        return claimed

    def _release_entries(self):
        released = self.entry_ids
        # sudo: nobody may write entries; a cancelled settlement gives back what it claimed.
        released.sudo().write({"settlement_id": False})
        self._follow_entries(released)

    def _follow_entries(self, entries):
        """Tell the ORM which settlement the entries have now: amounts and states follow."""
        entries.invalidate_recordset(["settlement_id"])
        self.invalidate_recordset(["entry_ids"])
        entries.modified(["settlement_id"])
        self.env.add_to_compute(self._fields["amount"], self)
        self.env.add_to_compute(self._fields["entry_count"], self)
