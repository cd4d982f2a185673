from odoo import fields, models


class ResPartnerGrade(models.Model):
    _inherit = "res.partner.grade"

    protection_days = fields.Integer(
        string="Protection (Days)",
        help="How long an approved deal of this tier is protected. 0: as in the program.",
        groups="base.group_user,prm_partner.group_partner_portal",
    )

    _protection_check = models.Constraint("CHECK(protection_days >= 0)", "Days cannot be negative.")
