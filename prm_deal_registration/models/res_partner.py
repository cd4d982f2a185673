from odoo import fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    prm_registration_ids = fields.One2many(
        "prm.deal.registration",
        "partner_id",
        string="Deals",
        groups="prm_partner.group_partner_manager",
    )
    prm_registration_count = fields.Integer(
        string="Number of Deals",
        compute="_compute_prm_registration_count",
        groups="prm_partner.group_partner_manager",
    )

    def _compute_prm_registration_count(self):
        groups = self.env["prm.deal.registration"]._read_group(
            [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.prm_registration_count = counts.get(partner.id, 0)

    def action_prm_registrations(self):
        """Open the deals of this company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_deal_registration.prm_deal_registration_action"
        )
        partner = self.commercial_partner_id
        return {
            **action,
            "domain": [("partner_id", "=", partner.id)],
            "context": {"default_partner_id": partner.id},
        }

    def _prm_get_pipeline_domain(self):
        """Opportunities that the partner brought or was given are its business, too."""
        assigned = Domain("partner_assigned_id", "=", self.commercial_partner_id.id)
        return super()._prm_get_pipeline_domain() | assigned
