from odoo import fields, models


class PrmDealReturn(models.TransientModel):
    _name = "prm.deal.return"
    _description = "Return Deals"

    registration_ids = fields.Many2many(
        "prm.deal.registration",
        string="Deals",
        required=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    reason = fields.Text(string="What Is Missing", required=True)

    def action_return(self):
        """Return the deals; the partners get a mail with the text."""
        self.ensure_one()
        self.registration_ids.action_return(self.reason)
        return {"type": "ir.actions.act_window_close"}
