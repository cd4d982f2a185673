from odoo import api, fields, models
from odoo.addons.prm_partner.tools.groups import STAFF_AND_FINANCE
from odoo.fields import Command


class PrmProgram(models.Model):
    _inherit = "prm.program"

    deal_policy_ids = fields.One2many(
        "prm.deal.policy", "program_id", string="Deal Policies", groups=STAFF_AND_FINANCE
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

    _won_order_check = models.Constraint(
        "CHECK(won_order_days BETWEEN 0 AND 3660)", "An order is waited for 0 to 3,660 days."
    )

    @api.model_create_multi
    def create(self, vals_list):
        programs = super().create(vals_list)
        for program in programs:
            if not program.deal_policy_ids._choose(False):
                program.deal_policy_ids = [Command.create({})]
        return programs

    def _copy_links_to(self, copy):
        """A copy has the same policies, for the same tiers of its own."""
        res = super()._copy_links_to(copy)
        tiers = dict(zip(self.grade_ids.sorted("id"), copy.grade_ids.sorted("id"), strict=False))
        for policy in self.deal_policy_ids:
            if policy.grade_id and policy.grade_id not in tiers:
                continue  # it is for an archived tier, which is not copied
            vals = policy.copy_data({"program_id": copy.id})[0]
            if policy.grade_id:
                copy.deal_policy_ids.create({**vals, "grade_id": tiers[policy.grade_id].id})
            else:
                copy.deal_policy_ids._choose(False).write(vals)
        return res
