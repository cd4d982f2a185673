from odoo import fields, models


class PrmDealRefuse(models.TransientModel):
    _name = "prm.deal.refuse"
    _description = "Refuse Requests"

    request_ids = fields.Many2many(
        "prm.deal.request",
        string="Requests",
        required=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    note = fields.Text(string="Note to the Partner", required=True)

    def action_refuse(self):
        """Refuse the requests; the partners get a mail with the note."""
        self.ensure_one()
        self.request_ids.action_refuse(self.note)
        return {"type": "ir.actions.act_window_close"}
