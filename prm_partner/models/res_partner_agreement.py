from odoo import fields, models

from ..tools.groups import STAFF_AND_FINANCE


class ResPartner(models.Model):
    _inherit = "res.partner"

    prm_agreement_count = fields.Integer(
        string="Agreements",
        compute="_compute_prm_agreement_count",
        groups=STAFF_AND_FINANCE,
    )

    def _compute_prm_agreement_count(self):
        groups = self.env["prm.agreement"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.prm_agreement_count = counts.get(partner.id, 0)

    def action_prm_agreements(self):
        """Open the agreements of this company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_agreement_action")
        return {**action, "domain": [("partner_id", "=", self.id)], "context": {}}
