from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .prm_onboarding_clock import MILESTONES

SIDES = [("us", "Us"), ("partner", "Partner")]
RESPONSIBLES = [
    ("partner_manager", "Partner Manager"),
    ("program_manager", "Program Manager"),
    ("user", "A Given Person"),
]
# What the system sees by itself; applying and approving come before the onboarding.
AUTO_DONE = [pair for pair in MILESTONES if pair[0] not in ("applied", "approved")]


class PrmOnboardingPlanLine(models.Model):
    _name = "prm.onboarding.plan.line"
    _description = "Step of an Onboarding Plan"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one("prm.onboarding.plan", required=True, index=True, ondelete="cascade")
    name = fields.Char(string="Step", required=True, translate=True)
    description = fields.Html(translate=True, help="What is to be done; partners read it too.")
    sequence = fields.Integer(default=10)
    side = fields.Selection(SIDES, string="Who", required=True, default="us")
    responsible = fields.Selection(
        RESPONSIBLES,
        required=True,
        default="partner_manager",
        help="Who of us does it, or sees to it that the partner does it.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        index="btree_not_null",
        domain=[("share", "=", False)],
    )
    offset_days = fields.Integer(
        string="Due After (Days)", default=7, help="Days after the start of the onboarding."
    )
    is_gate = fields.Boolean(
        string="Gate", help="The membership cannot become active while this is open."
    )
    after_line_id = fields.Many2one(
        "prm.onboarding.plan.line",
        string="After",
        index="btree_not_null",
        ondelete="set null",
        domain="[('plan_id', '=', plan_id), ('id', '!=', id)]",
        copy=False,
        help="It can be done only when this step is done.",
    )
    auto_done = fields.Selection(
        AUTO_DONE,
        string="Done By Itself",
        help="The system marks it as done when it happens for the first time. Partners cannot mark"
        " such a step themselves.",
    )

    _offset_check = models.Constraint(
        "CHECK(offset_days BETWEEN 0 AND 3660)",
        "A step is due 0 to 3,660 days after the onboarding starts.",
    )

    @api.constrains("after_line_id", "plan_id")
    def _check_after_line(self):
        if self._has_cycle("after_line_id"):
            raise ValidationError(
                self.env._("These steps wait for each other, so none of them could ever be done.")
            )
        for line in self.filtered("after_line_id"):
            if line.after_line_id.plan_id != line.plan_id:
                raise ValidationError(
                    self.env._(
                        "“%(step)s” waits for a step of another plan. Choose one of the same plan.",
                        step=line.name,
                    )
                )

    @api.constrains("responsible", "user_id")
    def _check_person(self):
        for line in self:
            if line.responsible == "user" and not line.user_id:
                raise ValidationError(
                    self.env._("Choose the person who does “%(step)s”.", step=line.name)
                )

    def _prepare_task_vals(self, membership, start):
        """Values of the task that this step is for a member.

        :param date start: first day of the onboarding
        """
        self.ensure_one()
        return {
            "membership_id": membership.id,
            "line_id": self.id,
            "name": self.name,
            "description": self.description,
            "sequence": self.sequence,
            "side": self.side,
            "responsible": self.responsible,
            "user_id": self._get_person(membership).id,
            "date_due": fields.Date.add(start, days=self.offset_days),
            "is_gate": self.is_gate,
            "auto_done": self.auto_done,
        }

    def _get_person(self, membership):
        manager = membership.user_id or membership.program_id.user_id
        return {
            "partner_manager": manager,
            "program_manager": membership.program_id.user_id or manager,
            "user": self.user_id,
        }[self.responsible]
