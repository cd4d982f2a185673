from odoo import api, fields, models
from odoo.tools import format_amount

COMMISSION_GROUPS = "prm_partner.group_partner_manager,prm_commission.group_commission_auditor"


class ResPartner(models.Model):
    _inherit = "res.partner"

    prm_settlement_ids = fields.One2many(
        "prm.commission.settlement",
        "partner_id",
        string="Commission Settlements",
        groups=COMMISSION_GROUPS,
    )
    prm_settlement_count = fields.Integer(
        compute="_compute_prm_settlement_count", groups=COMMISSION_GROUPS
    )
    prm_commission_due = fields.Char(
        string="Commission Due",
        compute="_compute_prm_commission_due",
        groups=COMMISSION_GROUPS,
        help="Commission that is not paid yet, by currency.",
    )

    @api.depends("prm_settlement_ids")
    def _compute_prm_settlement_count(self):
        groups = self.env["prm.commission.settlement"]._read_group(
            [("partner_id", "in", self.commercial_partner_id.ids), ("state", "!=", "cancelled")],
            ["partner_id"],
            ["__count"],
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.prm_settlement_count = counts.get(partner.commercial_partner_id.id, 0)

    def _compute_prm_commission_due(self):
        groups = self.env["prm.commission.entry"]._read_group(
            [("partner_id", "in", self.commercial_partner_id.ids), ("state", "!=", "paid")],
            ["partner_id", "currency_id"],
            ["amount:sum"],
        )
        due = {}
        for partner, currency, amount in groups:
            due.setdefault(partner.id, []).append(format_amount(self.env, amount, currency))
        for partner in self:
            partner.prm_commission_due = " + ".join(due.get(partner.commercial_partner_id.id, []))

    def action_view_prm_commission_entries(self):
        """Open the commission ledger of this company."""
        return self._get_prm_commission_action("prm_commission.prm_commission_entry_action")

    def action_view_prm_settlements(self):
        """Open the settlements of this company."""
        return self._get_prm_commission_action("prm_commission.prm_commission_settlement_action")

    def _get_prm_commission_action(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        domain = [("partner_id", "=", self.commercial_partner_id.id)]
        return {**action, "domain": domain, "context": {}}
