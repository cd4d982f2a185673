from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date


class PrmCommissionSettle(models.TransientModel):
    _name = "prm.commission.settle"
    _description = "Settle a Period"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._get_last_month()[0]
    )
    date_to = fields.Date(
        string="To", required=True, default=lambda self: self._get_last_month()[1]
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Partners",
        domain=[("is_prm_partner", "=", True)],
        help="Empty: every partner with open entries.",
    )
    settle_negative = fields.Boolean(
        string="Negative Balances Too",
        help="Settle also what a partner owes: the bill becomes a vendor credit note."
        " Otherwise the balance stays open and is set off against the next commissions.",
    )
    settlement_ids = fields.Many2many("prm.commission.settlement", readonly=True)
    report = fields.Text(readonly=True)

    @api.model
    def _get_last_month(self):
        last = fields.Date.context_today(self).replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    def action_settle(self):
        """Make one draft settlement per partner and currency with all open entries up to the date.

        Says for each partner what was made, and what waits and why.

        :return: action that shows the result
        :raise UserError: the period ends before it starts, or the user may not settle
        """
        self.ensure_one()
        self.env["prm.commission.settlement"].check_access("create")
        if self.date_to < self.date_from:
            raise UserError(self.env._("The period must end after it starts. Check its dates."))
        lines = self._settle()
        self.report = "\n".join(lines)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settle a Period"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (self.env.ref("prm_commission.prm_commission_settle_view_result").id, "form")
            ],
            "target": "new",
        }

    def action_view_settlements(self):
        """Open the settlements that this run made."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_commission.prm_commission_settlement_action"
        )
        return {**action, "domain": [("id", "in", self.settlement_ids.ids)], "context": {}}

    def _settle(self):
        balances = self._get_balances()
        taken = self._get_existing()
        lines, vals_list, drafts = [], [], self.env["prm.commission.settlement"]
        for (partner, currency), amount in balances.items():
            existing = taken.get((partner, currency))
            reason = self._get_refusal(partner, currency, amount, existing)
            if reason:
                lines.append(reason)
            elif existing:
                drafts |= existing
            else:
                vals_list.append(self._prepare_settlement_vals(partner, currency))
        # sudo: the fields of a settlement are protected from hand-written values; see its `write`.
        drafts |= self.env["prm.commission.settlement"].sudo().create(vals_list).sudo(False)
        if drafts:
            drafts._claim_entries()
        self.settlement_ids = drafts
        made = [self._get_made_text(settlement) for settlement in drafts]
        return made + lines + self._get_idle_lines(balances)

    def _get_entry_domain(self):
        domain = [
            ("company_id", "=", self.company_id.id),
            ("settlement_id", "=", False),
            ("date", "<=", self.date_to),
        ]
        if self.partner_ids:
            domain.append(("partner_id", "in", self.partner_ids.commercial_partner_id.ids))
        return domain

    def _get_balances(self):
        groups = self.env["prm.commission.entry"]._read_group(
            self._get_entry_domain(), ["partner_id", "currency_id"], ["amount:sum"]
        )
        return {(partner, currency): amount for partner, currency, amount in groups}

    def _get_existing(self):
        """Settlements of exactly this period by partner and currency."""
        settlements = self.env["prm.commission.settlement"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date_from", "=", self.date_from),
                ("date_to", "=", self.date_to),
                ("state", "!=", "cancelled"),
            ]
        )
        return {(item.partner_id, item.currency_id): item for item in settlements}

    def _get_refusal(self, partner, currency, amount, existing):
        """Why this balance is not settled now, None if it is."""
        money = format_amount(self.env, amount, currency)
        if existing and existing.state != "draft":
            return self.env._(
                "%(partner)s: %(amount)s came late; %(settlement)s is no draft any more. It goes"
                " into the next settlement.",
                partner=partner.name,
                amount=money,
                settlement=existing.name,
            )
        negative = currency.compare_amounts(amount, 0) < 0
        if existing or not (currency.is_zero(amount) or (negative and not self.settle_negative)):
            return None
        if negative:
            return self.env._(
                "%(partner)s: the balance of %(amount)s is negative. It stays open and is set off"
                " against the next commissions.",
                partner=partner.name,
                amount=money,
            )
        return self.env._(
            "%(partner)s: the entries add up to %(amount)s. They stay open.",
            partner=partner.name,
            amount=money,
        )

    def _prepare_settlement_vals(self, partner, currency):
        return {
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "currency_id": currency.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "prepared_by_id": self.env.uid,
        }

    def _get_made_text(self, settlement):
        return self.env._(
            "%(partner)s: %(settlement)s, %(count)s entries, %(amount)s",
            partner=settlement.partner_id.name,
            settlement=settlement.name,
            count=settlement.entry_count,
            amount=format_amount(self.env, settlement.amount, settlement.currency_id),
        )

    def _get_idle_lines(self, balances):
        """Chosen partners without any open entry; or the whole run, if nothing is open at all."""
        date = format_date(self.env, self.date_to)
        if not self.partner_ids:
            nothing = self.env._("No partner has open entries up to %(date)s.", date=date)
            return [] if balances else [nothing]
        idle = self.partner_ids.commercial_partner_id - self.env["res.partner"].union(
            *(partner for partner, _currency in balances)
        )
        return [
            self.env._(
                "%(partner)s: nothing to settle up to %(date)s.", partner=partner.name, date=date
            )
            for partner in idle
        ]
