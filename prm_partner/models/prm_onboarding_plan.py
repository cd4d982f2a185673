from odoo import fields, models


class PrmOnboardingPlan(models.Model):
    """What a new member of a program, the vendor and the partner do until it can start."""

    _name = "prm.onboarding.plan"
    _description = "Onboarding Plan"
    _order = "program_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    program_id = fields.Many2one("prm.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    country_ids = fields.Many2many(
        "res.country", string="Countries", help="Partners of these countries. Empty: of all."
    )
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('program_id', '=', program_id)]",
        help="Partners that start in this tier. Empty: in any.",
    )
    is_auto_activated = fields.Boolean(
        string="Activate by Itself",
        default=True,
        help="The membership becomes active when the last gate is done.",
    )
    line_ids = fields.One2many("prm.onboarding.plan.line", "plan_id", string="Steps", copy=True)

    def copy(self, default=None):
        copies = super().copy(default)
        for plan, copy in zip(self, copies, strict=True):
            plan._copy_order_to(copy)
        return copies

    def _copy_order_to(self, copy):
        """Let the steps of a copy wait for each other as those of this plan do."""
        self.ensure_one()
        steps = dict(zip(self.line_ids.sorted("id"), copy.line_ids.sorted("id"), strict=False))
        for step in self.line_ids.filtered("after_line_id"):
            if step in steps:
                steps[step].after_line_id = steps.get(step.after_line_id, False)

    def _match(self, membership):
        """The plan for a member: the most specific one of its program.

        :return: ``prm.onboarding.plan``, empty if there is none
        """
        country, grade = membership.partner_id.country_id, membership.grade_id
        plans = self.search([("program_id", "=", membership.program_id.id)])
        fitting = plans.filtered(
            lambda plan: (not plan.country_ids or country in plan.country_ids)
            and (not plan.grade_id or plan.grade_id == grade)
        )
        return fitting.sorted(
            lambda plan: (not plan.grade_id, not plan.country_ids, plan.sequence, plan.id)
        )[:1]
