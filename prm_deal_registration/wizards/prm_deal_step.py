from odoo import fields, models


class PrmDealStep(models.TransientModel):
    """A step of an approved deal that needs a word of whoever takes it."""

    _name = "prm.deal.step"
    _description = "Step of an Approved Deal"

    registration_id = fields.Many2one("prm.deal.registration", string="Deal", required=True)
    kind = fields.Selection(
        [
            ("extension", "Extend"),
            ("milestone", "Milestone"),
            ("revoke", "Revoke"),
            ("transfer", "Give to another partner"),
        ],
        required=True,
    )
    reason = fields.Text(required=True)
    date = fields.Date(string="Reached On", default=fields.Date.context_today)
    partner_id = fields.Many2one(
        "res.partner", string="New Partner", domain=[("is_prm_partner", "=", True)]
    )

    def action_confirm(self):
        """Take the step."""
        self.ensure_one()
        deal = self.registration_id
        if self.kind == "extension":
            deal.action_request_extension(self.reason)
        elif self.kind == "milestone":
            deal.action_report_milestone(self.reason, self.date)
        elif self.kind == "revoke":
            deal.action_revoke(self.reason)
        else:
            deal.action_transfer(self.partner_id.id, self.reason)
        return {"type": "ir.actions.act_window_close"}
