from odoo import fields, models


class PrmTierReject(models.TransientModel):
    _name = "prm.tier.reject"
    _description = "Reject Tier Changes"

    line_ids = fields.Many2many("prm.tier.review.line", string="Tier Changes", required=True)
    reason = fields.Char(required=True)

    def action_reject(self):
        """Leave the tiers as they are, with the reason on each of the proposed changes."""
        self.ensure_one()
        self.line_ids._reject(self.reason)
