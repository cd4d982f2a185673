from odoo import fields, models


class PrmProgram(models.Model):
    _inherit = "prm.program"

    protection_days = fields.Integer(
        string="Protection (Days)",
        default=90,
        help="How long an approved deal is protected. A tier can have its own number.",
    )
    decision_days = fields.Integer(
        string="Decision within (Working Days)",
        default=2,
        help="What the partner is promised when it registers a deal.",
    )
    won_order_days = fields.Integer(
        string="Ask for the Order after (Days)",
        default=7,
        help="If the opportunity of a deal is won and there is no order or invoice after so many"
        " days, the manager is asked for it. 0: never.",
    )
    registration_category_ids = fields.Many2many(
        "product.category",
        string="Categories for Deals",
        help="The product categories that partners can choose from. Empty: all.",
        groups="base.group_user",
    )
    registration_ids = fields.One2many(
        "prm.deal.registration", "program_id", string="Registrations", groups="base.group_user"
    )

    _decision_check = models.Constraint(
        "CHECK(protection_days >= 0 AND decision_days >= 0 AND won_order_days >= 0)",
        "Days cannot be negative."
    )
