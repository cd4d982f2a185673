from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import review
from .prm_membership import ACTIVE_STATES

MAX_INTERVAL = 120
MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


# Partners are told when the next review of their own membership is, not how we decide.
INTERNAL = "base.group_user"


class PrmProgram(models.Model):
    """When and how the tiers of a program are reviewed."""

    _inherit = "prm.program"

    review_schedule = fields.Selection(
        [
            ("rolling", "Rolling, for each partner"),
            ("calendar", "On one day of the year"),
            ("none", "No automatic review"),
        ],
        string="Tier Review",
        required=True,
        default="rolling",
        tracking=True,
        groups=INTERNAL,
    )
    review_interval = fields.Integer(
        string="Months between Reviews", required=True, default=12, groups=INTERNAL
    )
    review_month = fields.Selection(MONTHS, required=True, default="1", groups=INTERNAL)
    review_day = fields.Integer(required=True, default=15, groups=INTERNAL)
    promotion = fields.Selection(
        [("at_once", "As soon as a tier is met"), ("at_review", "At the regular review only")],
        required=True,
        default="at_once",
        tracking=True,
        groups=INTERNAL,
    )
    change_mode = fields.Selection(
        [("automatic", "Automatic"), ("approved", "After approval by a program manager")],
        string="Tier Changes",
        required=True,
        default="automatic",
        tracking=True,
        groups=INTERNAL,
    )
    hold_months = fields.Integer(
        string="Hold (Months)",
        default=6,
        help="How long a tier is safe after each change, whatever the results are.",
        tracking=True,
        groups=INTERNAL,
    )
    grace_days = fields.Integer(
        string="Grace (Days)",
        default=90,
        help="How long a partner below the requirements has to reach them before it moves down.",
        tracking=True,
        groups=INTERNAL,
    )
    notice_days = fields.Integer(
        string="Reminder before the End of Grace (Days)",
        default=30,
        help="How long before the end of the grace period the partner is reminded.",
        groups=INTERNAL,
    )
    max_steps_down = fields.Integer(
        string="Most Steps Down at Once",
        default=1,
        help="A partner never falls below the highest tier whose requirements it meets.",
        tracking=True,
        groups=INTERNAL,
    )
    pending_change_count = fields.Integer(
        compute="_compute_pending_change_count", groups="prm_partner.group_partner_manager"
    )

    _review_interval_check = models.Constraint(
        "CHECK(review_interval BETWEEN 1 AND 120)",
        "Between two tier reviews lie at least one month and at most 120.",
    )
    _hold_check = models.Constraint(
        "CHECK(hold_months BETWEEN 0 AND 120 AND grace_days BETWEEN 0 AND 3660"
        " AND notice_days >= 0)",
        "A tier is held for 0 to 120 months, and its grace and reminder last 0 to 3,660 days.",
    )
    _notice_check = models.Constraint(
        "CHECK(notice_days <= grace_days)",
        "The reminder would come before the notice: it must lie within the grace period.",
    )
    _steps_check = models.Constraint(
        "CHECK(max_steps_down > 0)",
        "A partner that loses its tier moves down by one step at least.",
    )

    @api.constrains("review_month", "review_day")
    def _check_review_day(self):
        for program in self:
            last = fields.Date.to_date(f"2028-{int(program.review_month):02}-01")
            last = fields.Date.end_of(last, "month").day
            if not 1 <= program.review_day <= last:
                raise ValidationError(
                    self.env._(
                        "The tier review of “%(program)s” is on day %(day)s of a month with"
                        " %(last)s days. Choose a day between 1 and %(last)s.",
                        program=program.name,
                        day=program.review_day,
                        last=last,
                    )
                )

    def _compute_pending_change_count(self):
        groups = self.env["prm.tier.review.line"]._read_group(
            [("program_id", "in", self.ids), ("state", "=", "pending")],
            ["program_id"],
            ["__count"],
        )
        counts = {program.id: count for program, count in groups}
        for program in self:
            program.pending_change_count = counts.get(program.id, 0)

    def action_review_now(self):
        """Review all members of this program now, in the background.

        :return: action that opens the review
        """
        self.ensure_one()
        self.check_access("write")
        review_run = self.env["prm.tier.review"]._start(self, kind="requested")
        self.env.ref("prm_partner.ir_cron_tier_review")._trigger()
        return review_run._get_form_action()

    def action_view_pending_changes(self):
        """Open the tier changes of this program that wait for approval."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_tier_review_line_action_pending"
        )
        return {**action, "domain": [("program_id", "=", self.id), ("state", "=", "pending")]}

    def _review_rules(self):
        """The settings for ``tools.review``."""
        self.ensure_one()
        return review.Rules(
            promotion=self.promotion,
            hold_months=self.hold_months,
            grace_days=self.grace_days,
            notice_days=self.notice_days,
            max_steps_down=self.max_steps_down,
        )

    def _next_review(self, after):
        """Day of the first regular review after a day, None without reviews."""
        self.ensure_one()
        return review.next_review(
            self.review_schedule,
            after,
            # The database refuses a longer one, but this is computed before.
            min(self.review_interval, MAX_INTERVAL),
            int(self.review_month),
            self.review_day,
        )

    def _get_reviewed_domain(self):
        """The memberships that the reviews of these programs look at."""
        return [("program_id", "in", self.ids), ("state", "in", ACTIVE_STATES)]
