from odoo import fields, models


class PrmDealReason(models.Model):
    _name = "prm.deal.reason"
    _description = "Deal Rejection Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Shown to the partner.")
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a reason with this code.")
