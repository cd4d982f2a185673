from odoo import fields, models


class PrmDealReject(models.TransientModel):
    _name = "prm.deal.reject"
    _description = "Reject Deals"

    registration_ids = fields.Many2many(
        "prm.deal.registration",
        string="Deals",
        required=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    reason_id = fields.Many2one("prm.deal.reason", required=True)
    note = fields.Text(string="Note to the Partner")

    def action_reject(self):
        """Reject the deals; the partners get a mail with reason and note."""
        self.ensure_one()
        self.registration_ids.action_reject(self.reason_id.id, self.note)
        return {"type": "ir.actions.act_window_close"}
