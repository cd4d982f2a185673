from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    prm_conflict_customer_months = fields.Integer(
        string="Months of Own Customers",
        default=24,
        help="Companies that were invoiced in so many months are customers of ours, with which a"
        " registration is in conflict. 0: customers are not looked at.",
    )

    _prm_conflict_months_check = models.Constraint(
        "CHECK(prm_conflict_customer_months >= 0)", "The number of months cannot be negative."
    )
