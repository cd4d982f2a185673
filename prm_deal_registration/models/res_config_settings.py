from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    prm_conflict_customer_months = fields.Integer(
        related="company_id.prm_conflict_customer_months", readonly=False
    )
