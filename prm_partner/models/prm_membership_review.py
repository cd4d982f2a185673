from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import review as tier_review
from .prm_membership import ACTIVE_STATES

# What is forgotten when a tier is not at risk any more.
CALM = {"at_risk_since": False, "grace_until": False, "date_reminded": False}
NOT_REFUSED = {"refused_grade_id": False, "refused_until": False}
# What a review reads.
STANDING = (
    "id",
    "partner_id",
    "grade_id",
    "state",
    "hold_until",
    "at_risk_since",
    "grace_until",
    "date_reminded",
    "override_until",
    "next_review_date",
    "refused_grade_id",
    "refused_until",
)
# What the regular review writes.
REVIEWED = (
    "state",
    "last_review_date",
    "at_risk_since",
    "grace_until",
    "date_reminded",
    "override_grade_id",
    "override_reason",
    "override_until",
    *NOT_REFUSED,
)
# What depends on that, but is written with it, or stays: whoever is at risk was active before.
SETTLED = ("next_review_date", "date_applied", "date_activated")


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
        memberships._note_entry()
        return memberships

    def _note_entry(self):
        """The tier of a member of before is judged when its first time with us is over.

        What it has earned elsewhere is not known here: its entry counts as a review.
        """
        today = fields.Date.context_today(self)
        earlier = self.filtered(lambda one: one.date_start and one.date_start < today)
        # sudo: whoever may enter a member starts its time; nobody writes that by itself.
        earlier.sudo().last_review_date = today

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
        stopped = self.filtered(
            lambda membership: state == "at_risk" and membership.state in ("suspended", "ended")
        )
        res = super().write(vals)
        ending._log_end(old_grades, state)
        if state in ("suspended", "ended"):
            self._outdate_proposals()
        elif state == "at_risk":
            stopped._prolong_grace()
        return res

    def _log_end(self, old_grades, state):
        """An ended membership gives no tier any more; one that is resumed gives it back."""
        holders = self.filtered("grade_id")
        if not holders:
            return
        if state == "ended":
            holders._log_tier_rows(old_grades, kind="end")
        else:
            holders._log_tier_rows(old_grades, kind="resumed")

    def _hold_tier(self, only_new=False):
        """Keep the present tier safe for the months that the program says."""
        today = fields.Date.context_today(self)
        # sudo: whoever may give a tier starts its time; nobody writes that by itself.
        holders = self.sudo().filtered("grade_id")
        for program, memberships in holders.grouped("program_id").items():
            rules = program._review_rules()
            if not only_new:
                memberships.hold_until = tier_review.hold_until(today, rules)
                continue
            for membership in memberships.filtered(lambda one: not one.hold_until):
                start = max(membership.date_start or today, today)
                membership.hold_until = tier_review.hold_until(start, rules)

    def _set_tier(self, grade, reason=None, values=None, kind="manual", review=None):
        changed = self.filtered(lambda membership: membership.grade_id != grade)
        res = super()._set_tier(grade, reason, values, kind, review)
        changed._forget_risk()
        changed._hold_tier()
        if not review:
            changed._outdate_proposals()
        return res

    def _outdate_proposals(self):
        """What a review proposed is decided otherwise now: by hand, or by the end."""
        # sudo: nobody writes the decisions of reviews by hand.
        lines = self.env["prm.tier.review.line"].sudo()
        lines.search(
            [("membership_id", "in", self.ids), ("state", "=", "pending")]
        ).state = "outdated"

    def _prolong_grace(self):
        """Whoever was stopped while grace ran out has at least the days of the reminder again."""
        today = fields.Date.context_today(self)
        for program, memberships in self.grouped("program_id").items():
            until = fields.Date.add(today, days=program.notice_days)
            # sudo: the right to undo the stop was checked; nobody writes these by themselves.
            memberships.sudo().filtered(
                lambda one, until=until: one.grace_until and one.grace_until < until
            ).write({"grace_until": until, "date_reminded": False})

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
        kept._outdate_proposals()
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

    def _read_standings(self, levels, day):
        """The past of these memberships for ``tools.review``, by one query for all of them.

        :param levels: ``{grade_id: level}`` of the program's tiers
        :param date day: the day of the review
        :return: list of (membership id, partner id, ``Standing``, whether the regular review is
            due: the end of an override asks for one as well), in the order of ``self``
        """
        query = self._as_query()
        columns = [self._field_to_sql(self._table, name, query) for name in STANDING]
        standings = []
        for row in self.env.execute_query(query.select(*columns)):
            past = dict(zip(STANDING, row, strict=True))
            grace = past["grace_until"] if past["state"] == "at_risk" else None
            pinned, following = past["override_until"], past["next_review_date"]
            standing = tier_review.Standing(
                level=levels.get(past["grade_id"], tier_review.NO_TIER),
                hold_until=past["hold_until"],
                at_risk_since=grace and past["at_risk_since"],
                grace_until=grace,
                reminded=bool(past["date_reminded"]),
                pinned_until=pinned,
                refused_level=levels.get(past["refused_grade_id"]),
                refused_until=past["refused_until"],
            )
            due = (following and following <= day) or (pinned and pinned < day)
            standings.append((past["id"], past["partner_id"], standing, bool(due)))
        return standings

    @api.model
    def _write_reviews(self, day, following, notices):
        """Write the regular review of a day to memberships, and which of them are at risk now.

        In one statement: the ORM would take longer over it than all of the rest of the review.

        :param date following: the day of the next regular review, or None
        :param notices: ``{membership_id: last day of grace}``; None for whose tier is kept
        """
        memberships = self.browse(notices)
        memberships.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE prm_membership AS member
                   SET last_review_date = %(day)s, next_review_date = %(following)s,
                       refused_grade_id = NULL, refused_until = NULL,
                       override_grade_id = CASE WHEN override_until >= %(day)s
                                                THEN override_grade_id END,
                       override_reason = CASE WHEN override_until >= %(day)s
                                              THEN override_reason END,
                       override_until = CASE WHEN override_until >= %(day)s
                                             THEN override_until END,
                       state = CASE WHEN notice.until IS NULL THEN state ELSE 'at_risk' END,
                       at_risk_since = CASE WHEN notice.until IS NULL
                                            THEN at_risk_since ELSE %(day)s END,
                       grace_until = COALESCE(notice.until, grace_until),
                       date_reminded = CASE WHEN notice.until IS NULL THEN date_reminded END
                  FROM unnest(%(ids)s::int[], %(untils)s::date[]) AS notice (id, until)
                 WHERE member.id = notice.id
                """,
                day=day,
                following=following,
                ids=list(notices),
                untils=list(notices.values()),
            )
        )
        memberships.invalidate_recordset([*REVIEWED, "next_review_date"], flush=False)
        with self.env.protecting([self._fields[name] for name in SETTLED], memberships):
            memberships.modified(REVIEWED)
