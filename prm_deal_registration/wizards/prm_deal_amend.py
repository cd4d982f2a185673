from odoo import api, fields, models


class PrmDealAmend(models.TransientModel):
    _name = "prm.deal.amend"
    _description = "Amend a Deal"

    registration_id = fields.Many2one("prm.deal.registration", string="Deal", required=True)
    currency_id = fields.Many2one(related="registration_id.currency_id")
    amount = fields.Monetary(compute="_compute_values", store=True, readonly=False)
    date_close = fields.Date(
        string="Expected Closing", compute="_compute_values", store=True, readonly=False
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        compute="_compute_values",
        store=True,
        readonly=False,
    )
    reason = fields.Text()

    @api.depends("registration_id")
    def _compute_values(self):
        for wizard in self:
            deal = wizard.registration_id
            wizard.amount = deal.amount
            wizard.date_close = deal.date_close
            wizard.category_id = deal.category_id

    def action_amend(self):
        """Change the deal, or ask for a decision where the change is large."""
        self.ensure_one()
        deal = self.registration_id
        changed = {
            "amount": self.amount,
            "date_close": self.date_close,
            "category_id": self.category_id.id,
        }
        present = deal._convert_to_write({name: deal[name] for name in changed})
        vals = {name: value for name, value in changed.items() if value != present[name]}
        deal.action_amend(vals, self.reason)
        return {"type": "ir.actions.act_window_close"}
