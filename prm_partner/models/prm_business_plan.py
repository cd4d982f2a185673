from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..tools import scoring

LIGHTS = [("green", "On Track"), ("amber", "Behind"), ("red", "Off Track")]
# Plans that both sides have agreed to and that are not over.
AGREED_STATES = ("agreed", "running")
# What both sides agree to: it stays as it is until the plan is a draft again.
CONTENT = {"name", "membership_id", "goals", "actions", "date_start", "date_end"}
# Written by the steps of a plan only.
STEPS = {
    "state",
    "version",
    "amends_id",
    "date_proposed",
    "vendor_agreed_by_id",
    "vendor_agreed_on",
    "partner_agreed_by_id",
    "partner_agreed_on",
}


class PrmBusinessPlan(models.Model):
    """What a partner and we want to reach together in a period, agreed by both."""

    _name = "prm.business.plan"
    _description = "Joint Business Plan"
    _inherit = ["prm.state.mixin", "prm.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _mail_post_access = "read"

    name = fields.Char(required=True, tracking=True)
    membership_id = fields.Many2one(
        "prm.membership",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("state", "!=", "ended")],
        tracking=True,
    )
    partner_id = fields.Many2one(related="membership_id.partner_id", store=True, index=True)
    program_id = fields.Many2one(related="membership_id.program_id", store=True, index=True)
    company_id = fields.Many2one(related="membership_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="program_id.currency_id")
    date_start = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(month=1, day=1),
        tracking=True,
    )
    date_end = fields.Date(
        string="To",
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(month=12, day=31),
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        index=True,
        tracking=True,
        domain=[("share", "=", False)],
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Responsible at the Partner",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', partner_id), ('is_company', '=', False)]",
        tracking=True,
    )
    goals = fields.Html(help="What both sides want to reach. The partner reads it.")
    actions = fields.Html(help="Who does what to get there. The partner reads it.")
    internal_note = fields.Html(
        groups="base.group_user", copy=False, help="For staff only; the partner never sees it."
    )
    objective_ids = fields.One2many("prm.objective", "plan_id", copy=True)
    review_ids = fields.One2many("prm.business.plan.review", "plan_id")
    next_review = fields.Date(compute="_compute_next_review")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("agreed", "Agreed"),
            ("running", "Running"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        help="Counts the contents that the partner was asked to agree to.",
    )
    amends_id = fields.Many2one(
        "prm.business.plan",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        help="The agreed plan that this one takes the place of, once both sides agree to it.",
    )
    amended_by_ids = fields.One2many("prm.business.plan", "amends_id", string="Amendments")
    date_proposed = fields.Datetime(string="Proposed On", readonly=True, copy=False)
    vendor_agreed_by_id = fields.Many2one(
        "res.users",
        string="Agreed by Us",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )
    vendor_agreed_on = fields.Datetime(string="Agreed by Us On", readonly=True, copy=False)
    partner_agreed_by_id = fields.Many2one(
        "res.partner",
        string="Agreed by the Partner",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )
    partner_agreed_on = fields.Datetime(
        string="Agreed by the Partner On", readonly=True, copy=False
    )
    progress = fields.Float(
        compute="_compute_progress",
        store=True,
        aggregator="avg",
        digits=(5, 1),
        help="Mean progress of the objectives by their weight, 0 to 100.",
    )
    expected = fields.Float(
        string="Expected by Now",
        compute="_compute_progress",
        store=True,
        aggregator="avg",
        digits=(5, 1),
        help="The progress that the time passed so far lets expect, 0 to 100.",
    )
    light = fields.Selection(LIGHTS, string="Pace", compute="_compute_progress", store=True)
    end_reminded = fields.Boolean(copy=False, groups="base.group_user")

    _dates_check = models.Constraint(
        "CHECK(date_end >= date_start AND date_end <= date_start + 3660)",
        "A plan must end after it starts, within ten years. Check its dates.",
    )
    _amends_uniq = models.UniqueIndex(
        "(amends_id) WHERE amends_id IS NOT NULL AND state != 'cancelled'",
        "This plan is being amended already. Open the amendment instead.",
    )
    # The nightly job looks for open plans only.
    _open_idx = models.Index("(date_start) WHERE state IN ('agreed', 'running')")

    @api.depends("membership_id")
    def _compute_user_id(self):
        for plan in self:
            plan.user_id = plan.membership_id.user_id

    @api.depends("objective_ids.progress", "objective_ids.expected", "objective_ids.weight")
    def _compute_progress(self):
        for plan in self:
            goals, program = plan.objective_ids, plan.program_id
            plan.progress = scoring.weighted_mean([(goal.progress, goal.weight) for goal in goals])
            plan.expected = scoring.weighted_mean([(goal.expected, goal.weight) for goal in goals])
            plan.light = scoring.pace_color(
                plan.progress, plan.expected, program.health_green, program.health_amber
            )

    @api.depends("review_ids.date", "review_ids.date_done")
    def _compute_next_review(self):
        for plan in self:
            dates = plan.review_ids.filtered(lambda review: not review.date_done).mapped("date")
            plan.next_review = min(dates, default=False)

    @api.constrains("contact_id", "membership_id")
    def _check_contact(self):
        for plan in self.filtered("contact_id"):
            if plan.contact_id.commercial_partner_id != plan.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s does not belong to %(partner)s."
                        " Choose one of the partner's own people.",
                        contact=plan.contact_id.name,
                        partner=plan.partner_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        if not self.env.su:
            # The values of the steps may also come from the context; only the result tells.
            plans._check_steps_untouched()
        return plans

    def write(self, vals):
        if not self.env.su:
            changed = STEPS & vals.keys()
            if changed:
                raise UserError(
                    self.env._("The status of a plan is changed by the buttons of its form only.")
                )
            if CONTENT & vals.keys():
                self._check_unlocked()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        kept = self.filtered(lambda plan: plan.state not in ("draft", "cancelled"))
        if kept:
            raise UserError(
                self.env._(
                    "“%(plan)s” is known to the partner, so it cannot be deleted."
                    " Cancel it instead.",
                    plan=kept[0].name,
                )
            )

    def _check_steps_untouched(self):
        def is_new(plan):
            agreed = any(plan[name] for name in STEPS - {"state", "version"})
            return plan.state == "draft" and plan.version == 1 and not agreed

        if not all(is_new(plan) for plan in self):
            raise UserError(
                self.env._("A new plan starts as a draft. Propose it to the partner by its button.")
            )

    def _check_unlocked(self):
        """Refuse to change what the partner was asked to agree to."""
        locked = self.filtered(lambda plan: plan.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "“%(plan)s” was proposed to the partner, so its content stays as it is."
                    " Take the proposal back, or amend the agreed plan, to change it.",
                    plan=locked[0].name,
                )
            )

    def _move_to(self, state, allowed, **vals):
        self.check_access("write")
        self._check_state(allowed)
        # sudo: the right to write was checked above; by itself nobody writes the status.
        self.sudo().write({"state": state, **vals})

    # Amendments and copies

    def action_amend(self):
        """Open a new version of an agreed plan; this one holds until both agree to the new one."""
        self.ensure_one()
        self.check_access("write")
        self._check_state(AGREED_STATES)
        amendment = self.copy({"name": self.name})
        # sudo: the right to write was checked; by itself nobody writes the version.
        amendment.sudo().write({"amends_id": self.id, "version": self.version + 1})
        return amendment._get_form_action()

    def action_copy_next_year(self):
        """Open a draft of this plan for the year after it, with its objectives and reviews."""
        self.ensure_one()
        year = relativedelta(years=1)
        plan = self.copy(
            {
                "name": self._get_next_name(),
                "date_start": self.date_start + year,
                "date_end": self.date_end + year,
                "objective_ids": [
                    Command.create(objective._prepare_next_vals(year))
                    for objective in self.objective_ids
                ],
                "review_ids": [
                    Command.create({"date": review.date + year, "name": review.name})
                    for review in self.review_ids
                ],
            }
        )
        return plan._get_form_action()

    def _get_next_name(self):
        """The name for the year after: “Growth 2026” becomes “Growth 2027”."""
        year = str(self.date_start.year)
        if year in self.name:
            return self.name.replace(year, str(self.date_start.year + 1))
        return self.env._("%s (next year)", self.name)

    def copy_data(self, default=None):
        default = dict(default or {})
        return [
            vals if "name" in default else {**vals, "name": self.env._("%s (copy)", plan.name)}
            for plan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_refresh(self):
        """Measure the objectives now instead of tonight."""
        self.check_access("write")
        self.objective_ids._refresh()

    def action_view_objectives(self):
        """Open the objectives of this plan as a list, pivot table or graph."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_objective_action")
        return {**action, "domain": [("plan_id", "=", self.id)], "context": {}}
