from odoo import fields, models


class PrmApplicationReason(models.Model):
    _name = "prm.application.reason"
    _description = "Reason to Refuse an Application"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Shown to the applicant.")
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a reason with this code.")
