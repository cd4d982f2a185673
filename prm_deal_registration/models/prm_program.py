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
        "CHECK(protection_days BETWEEN 0 AND 3660 AND decision_days BETWEEN 0 AND 366"
        " AND won_order_days BETWEEN 0 AND 3660)",
        "A protection lasts 0 to 3,660 days, a decision takes 0 to 366 working days, and an order"
        " is waited for 0 to 3,660 days.",
    )
