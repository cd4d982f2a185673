from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import scoring
from .prm_business_plan import LIGHTS
from .prm_metric import SCOPES
from .prm_metric_batch import Question

# Values of these units grow over the period, so that half the time lets expect half the target.
GROWING_UNITS = ("money", "count")


class PrmObjective(models.Model):
    """One measured goal of a business plan."""

    _name = "prm.objective"
    _description = "Plan Objective"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one(
        "prm.business.plan", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    metric_id = fields.Many2one("prm.metric", required=True, index=True, ondelete="restrict")
    unit = fields.Selection(related="metric_id.unit", store=True)
    direction = fields.Selection(related="metric_id.direction")
    target = fields.Float(
        required=True,
        help="Money is in the currency of the program. Where lower is better, it is the most.",
    )
    weight = fields.Float(default=1.0, required=True, help="Compared with the other objectives.")
    scope = fields.Selection(SCOPES, required=True, default="own")
    date_start = fields.Date(string="From", help="Empty: from the start of the plan.")
    date_end = fields.Date(string="To", help="Empty: to the end of the plan.")
    partner_id = fields.Many2one(related="plan_id.partner_id", store=True, index=True)
    program_id = fields.Many2one(related="plan_id.program_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    plan_state = fields.Selection(related="plan_id.state", string="Plan Status")
    value = fields.Float(compute="_compute_value", store=True)
    progress = fields.Float(
        compute="_compute_value", store=True, aggregator="avg", digits=(5, 1)
    )
    expected = fields.Float(
        string="Expected by Now",
        compute="_compute_value",
        store=True,
        aggregator="avg",
        digits=(5, 1),
        help="The progress that the time passed so far lets expect, 0 to 100.",
    )
    light = fields.Selection(LIGHTS, string="Pace", compute="_compute_value", store=True)
    measured_on = fields.Date(compute="_compute_value", store=True, index=True)
    value_text = fields.Char(string="Reached", compute="_compute_texts")
    target_text = fields.Char(string="Goal", compute="_compute_texts")

    _target_check = models.Constraint(
        "CHECK(target > 0 AND target < 1e15)", "An objective needs a target above zero."
    )
    _weight_check = models.Constraint(
        "CHECK(weight > 0 AND weight <= 1000)",
        "The weight of an objective must be above zero, and 1,000 at most.",
    )
    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start)", "An objective must end after it starts. Check its dates."
    )

    @api.depends("metric_id.name", "target_text")
    def _compute_display_name(self):
        for objective in self:
            objective.display_name = f"{objective.metric_id.name or ''}: {objective.target_text}"

    @api.depends(
        "metric_id",
        "target",
        "scope",
        "date_start",
        "date_end",
        "plan_id.date_start",
        "plan_id.date_end",
        "plan_id.membership_id",
    )
    def _compute_value(self):
        today = fields.Date.context_today(self)
        questions = {objective: objective._get_question(today) for objective in self}
        answers = self.env["prm.metric"]._measure_each(
            (question, objective.partner_id)
            for objective, question in questions.items()
            if question
        )
        for objective, question in questions.items():
            value = answers.get(question, {}).get(objective.partner_id.id, 0.0)
            objective.update(objective._prepare_progress_vals(value, today))

    def _get_period(self):
        """First and last day that count for this objective."""
        return (
            self.date_start or self.plan_id.date_start,
            self.date_end or self.plan_id.date_end,
        )

    def _get_question(self, today):
        """What to measure, or None as long as there is nothing to measure."""
        start, end = self._get_period()
        if not self.metric_id or not self.partner_id or not start or start > today:
            return None
        return Question(
            self.metric_id.code,
            start,
            min(end, today),
            self.company_id,
            self.currency_id,
            self.scope,
        )

    def _prepare_progress_vals(self, value, today):
        start, end = self._get_period()
        known = start and end and start <= end
        share = scoring.elapsed(start, end, today) if known else 0.0
        measured = bool(share and self.target > 0)
        reached = scoring.progress(value, self.target, self.direction) if measured else 0.0
        growing = self.unit in GROWING_UNITS and self.direction == "up"
        expected = scoring.FULL * (share if growing else bool(share))
        program = self.program_id
        return {
            "value": value,
            "progress": reached,
            "expected": expected,
            "light": scoring.pace_color(
                reached, expected, program.health_green, program.health_amber
            ),
            "measured_on": today,
        }

    @api.depends("value", "target", "unit", "currency_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        metrics = self.env["prm.metric"]
        for objective in self:
            unit, currency = objective.unit, objective.currency_id
            objective.value_text = metrics._format_value(objective.value, unit, currency)
            objective.target_text = metrics._format_value(objective.target, unit, currency)

    @api.constrains("date_start", "date_end", "plan_id")
    def _check_within_plan(self):
        for objective in self:
            start, end = objective._get_period()
            plan = objective.plan_id
            if start < plan.date_start or end > plan.date_end or start > end:
                raise ValidationError(
                    self.env._(
                        "The period of the objective “%(objective)s” must lie within that of"
                        " the plan “%(plan)s”.",
                        objective=objective.metric_id.name,
                        plan=plan.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        objectives = super().create(vals_list)
        objectives._check_plan_unlocked()
        return objectives

    def write(self, vals):
        self._check_plan_unlocked()
        res = super().write(vals)
        if "plan_id" in vals:
            self._check_plan_unlocked()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_unlocked(self):
        self._check_plan_unlocked()

    def _check_plan_unlocked(self):
        if not self.env.su:
            self.plan_id._check_unlocked()

    def _prepare_next_vals(self, shift):
        """Values of the same objective, ``shift`` (a ``relativedelta``) later."""
        self.ensure_one()
        [vals] = self.copy_data()
        dates = {name: vals[name] + shift for name in ("date_start", "date_end") if vals[name]}
        return {**vals, **dates, "plan_id": False}

    def _refresh(self):
        """Measure again, e.g. every night."""
        self.modified(["target"])  # as after a change, so that the plans follow
        self.env.flush_all()
