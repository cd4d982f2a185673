from odoo import api, fields, models

from ..tools import review as tier_review
from .prm_membership import ACTIVE_STATES

# What is forgotten when a tier is not at risk any more.
CALM = {"at_risk_since": False, "grace_until": False, "date_reminded": False}
NOT_REFUSED = {"refused_grade_id": False, "refused_until": False}


class PrmMembership(models.Model):
    """What a membership remembers from one tier review to the next."""

    _inherit = "prm.membership"

    last_review_date = fields.Date(
        string="Last Tier Review", readonly=True, copy=False, groups="base.group_user"
    )
    next_review_date = fields.Date(
        string="Next Tier Review",
        compute="_compute_next_review_date",
        store=True,
        index=True,
        groups="base.group_user",
    )
    hold_until = fields.Date(
        string="Tier Safe Until",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The tier is not taken away before this day has passed.",
    )
    at_risk_since = fields.Date(readonly=True, copy=False, groups="base.group_user")
    grace_until = fields.Date(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The tier is lost after this day if its requirements are still not met.",
    )
    date_reminded = fields.Date(readonly=True, copy=False, groups="base.group_user")
    override_grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier Kept by Hand",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    override_reason = fields.Char(readonly=True, copy=False, groups="base.group_user")
    override_until = fields.Date(
        string="Tier Kept Until",
        readonly=True,
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="Until the end of this day no review changes the tier.",
    )
    refused_grade_id = fields.Many2one(
        "res.partner.grade",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The tier that a program manager refused at the last review.",
    )
    refused_until = fields.Date(readonly=True, copy=False, groups="base.group_user")

    _override_check = models.Constraint(
        "CHECK((override_until IS NULL) = (override_grade_id IS NULL))",
        "A tier that is kept by hand needs an end date.",
    )

    @api.depends(
        "last_review_date",
        "date_start",
        "state",
        "program_id.review_schedule",
        "program_id.review_interval",
        "program_id.review_month",
        "program_id.review_day",
    )
    def _compute_next_review_date(self):
        today = fields.Date.context_today(self)
        for membership in self:
            after = membership.last_review_date or membership.date_start or today
            membership.next_review_date = (
                membership.state in ACTIVE_STATES and membership.program_id._next_review(after)
            )

    @api.model_create_multi
    def create(self, vals_list):
        memberships = super().create(vals_list)
        memberships._hold_tier(only_new=True)
        return memberships

    def write(self, vals):
        state = vals.get("state")
        # What was running is still there when suspending or ending is undone.
        if state in ("active", "onboarding", "applicant"):
            vals = {**CALM, **vals}
        ending = self.filtered(lambda membership: state and membership.state != state)
        ending = ending.filtered(lambda membership: "ended" in (state, membership.state))
        old_grades = {
            membership.id: membership.grade_id.id if state == "ended" else False
            for membership in ending
        }
        res = super().write(vals)
        ending._log_end(old_grades, state)
        return res

    def _log_end(self, old_grades, state):
        """An ended membership gives no tier any more; one that is resumed gives it back."""
        holders = self.filtered("grade_id")
        if not holders:
            return
        if state == "ended":
            holders._log_tier_rows(old_grades, self.env._("Membership ended"), kind="end")
        else:
            holders._log_tier_rows(old_grades, self.env._("Resumed"), kind="enrolled")

    def _hold_tier(self, only_new=False):
        """Keep the present tier safe for the months that the program says."""
        today = fields.Date.context_today(self)
        for program, memberships in self.filtered("grade_id").grouped("program_id").items():
            rules = program._review_rules()
            if not only_new:
                memberships.hold_until = tier_review.hold_until(today, rules)
                continue
            for membership in memberships.filtered(lambda one: not one.hold_until):
                start = membership.date_start or today
                membership.hold_until = tier_review.hold_until(start, rules)

    def _set_tier(self, grade, reason, values=None, kind="manual", review=None):
        changed = self.filtered(lambda membership: membership.grade_id != grade)
        res = super()._set_tier(grade, reason, values, kind, review)
        changed._forget_risk()
        changed._hold_tier()
        return res

    def _forget_risk(self):
        """A new tier starts without a past: nothing is at risk or refused."""
        # sudo: the right to change the tier was checked; nobody writes these fields by itself.
        memberships = self.sudo()
        memberships.write({**CALM, **NOT_REFUSED})
        memberships.filtered(lambda membership: membership.state == "at_risk").state = "active"

    def _override_tier(self, grade, reason, until):
        """Give a tier by hand that no review changes until the end of a day.

        The same tier is possible: it is kept, and the reason is in the tier history.

        :param grade: ``res.partner.grade`` of the program
        :param date until: last day
        """
        values = {
            membership_id: progress["requirements"]
            for membership_id, progress in self._tier_progresses("current").items()
        }
        kept = self.filtered(lambda membership: membership.grade_id == grade)
        (self - kept)._set_tier(grade, reason, values, kind="override")
        kept._log_tier_rows(
            {membership.id: grade.id for membership in kept}, reason, values, kind="override"
        )
        kept._forget_risk()
        # sudo: the caller has checked the right; nobody writes these fields by itself.
        self.sudo().write(
            {
                "override_grade_id": grade.id,
                "override_reason": reason,
                "override_until": until,
            }
        )

    def action_end_override(self):
        """Leave the tier to the reviews again; the next daily run looks at it."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        pinned = self.filtered(lambda membership: membership.override_until)
        # sudo: the right was checked above; nobody writes these fields by itself.
        pinned.sudo().write({"override_until": fields.Date.subtract(today, days=1)})

    def _get_standing(self, levels):
        """The past of this membership for ``tools.review``.

        :param levels: ``{grade_id: level}`` of the program's tiers
        """
        self.ensure_one()
        at_risk = self.state == "at_risk" and self.grace_until
        return tier_review.Standing(
            level=levels.get(self.grade_id.id, tier_review.NO_TIER),
            hold_until=self.hold_until or None,
            at_risk_since=(at_risk and self.at_risk_since) or None,
            grace_until=at_risk or None,
            reminded=bool(self.date_reminded),
            pinned_until=self.override_until or None,
            refused_level=levels.get(self.refused_grade_id.id),
            refused_until=self.refused_until or None,
        )

    def _is_review_due(self, today):
        """Whether the regular review is due; the end of an override asks for one as well."""
        self.ensure_one()
        due = self.next_review_date and self.next_review_date <= today
        return bool(due or (self.override_until and self.override_until < today))
