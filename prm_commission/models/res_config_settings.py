from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    prm_commission_journal_id = fields.Many2one(
        related="company_id.prm_commission_journal_id", readonly=False
    )
    prm_commission_product_id = fields.Many2one(
        related="company_id.prm_commission_product_id", readonly=False
    )
