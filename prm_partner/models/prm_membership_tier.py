from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..tools import review as tier_review
from ..tools import windows

# Changes that somebody makes by hand are mailed at once, those of a review after it.
MAILED_KINDS = ("manual", "override")


class PrmMembership(models.Model):
    """The tier of a membership: the one way to change it, and the progress to the next one."""

    _inherit = "prm.membership"

    next_grade_id = fields.Many2one(
        "res.partner.grade", string="Next Tier", compute="_compute_tier_progress"
    )
    tier_percent = fields.Integer(
        string="Progress",
        compute="_compute_tier_progress",
        help="The way to the next tier; while the tier is at risk, the way to keep it.",
    )
    tier_summary = fields.Char(
        string="Missing for the Next Tier",
        compute="_compute_tier_progress",
        groups="base.group_user",
    )
    tier_progress_html = fields.Html(
        string="Progress to the Next Tier",
        compute="_compute_tier_progress",
        sanitize=False,
        groups="base.group_user",
    )

    @api.depends(
        "grade_id",
        "state",
        "partner_id",
        "next_review_date",
        "program_id.grade_ids.points_required",
        "program_id.grade_ids.requirement_ids",
    )
    @api.depends_context("lang")
    def _compute_tier_progress(self):
        for membership, progress, error in self._iter_progress("aim"):
            # sudo: a partner may see its next tier without reading the program behind it.
            next_grade = membership.sudo()._get_target_grade("next")
            membership.next_grade_id = next_grade.sudo(False)
            membership.tier_percent = progress["percent"]
            summary = error or self._tier_summary(progress)
            membership.tier_summary = summary
            membership.tier_progress_html = self.env["ir.qweb"]._render(
                "prm_partner.tier_progress",
                {
                    "progress": progress,
                    "currency": progress["currency"],
                    "summary": summary,
                },
            )

    def _iter_progress(self, target):
        """The progress of each membership, for fields: a metric that fails becomes a message.

        :return: iterator of (membership, progress, message or None)
        """
        for memberships in self.grouped("program_id").values():
            error = None
            try:
                progresses = memberships._tier_progresses(target)
            except UserError as exception:
                error = str(exception)
                empty = {"grade": self.env["res.partner.grade"], "date": False, "currency": False}
                empty["keeps"] = False
                empty.update(self._get_progress(tier_review.Tier(), {}))
                progresses = {one.id: {**empty, "percent": 0} for one in memberships}
            for membership in memberships:
                yield membership, progresses[membership.id], error

    def _set_tier(self, grade, reason=None, values=None, kind="manual", review=None):
        """Give these memberships a tier; every change is written to the tier history.

        :param grade: ``res.partner.grade`` of the program, or empty for none
        :param str reason: why, as somebody wrote it, shown to staff and to the partner; None if
            the kind of the change says it all
        :param values: ``{membership_id: measured values}`` that led to the change
        :param str kind: a kind of ``prm.tier.change``
        :param review: the ``prm.tier.review`` that changes the tiers
        """
        changed = self.filtered(lambda membership: membership.grade_id != grade)
        old_grades = {membership.id: membership.grade_id.id for membership in changed}
        changed.check_access("write")
        # sudo: the right to write was checked; only the superuser goes past the history.
        changed.sudo().with_context(prm_tier_logged=True).write({"grade_id": grade.id})
        changed._log_tier(old_grades, reason, values, kind, review)
        if kind in MAILED_KINDS:
            changed.filtered("grade_id")._mail_partner("prm_partner.mail_template_tier_changed")

    def _log_tier(self, old_grades, reason=None, values=None, kind="manual", review=None):
        """Write the tier history: one row for each membership whose tier is another now."""
        self.filtered(
            lambda membership: membership.grade_id.id != (old_grades[membership.id] or False)
        )._log_tier_rows(old_grades, reason, values, kind, review)

    def _log_tier_rows(self, old_grades, reason=None, values=None, kind="manual", review=None):
        measured = values or {}
        rows = [
            {
                "membership_id": membership.id,
                "partner_id": membership.partner_id.id,
                "company_id": membership.company_id.id,
                "old_grade_id": old_grades[membership.id] or None,
                "new_grade_id": (kind != "end" and membership.grade_id.id) or None,
                "measured": measured.get(membership.id) or None,
            }
            for membership in self
        ]
        self.env["prm.tier.change"]._insert(rows, reason, kind, review)
        self.invalidate_recordset(["change_ids"], flush=False)

    def _tier_progress(self):
        """What this membership has and lacks for the next tier, see ``_tier_progresses``."""
        self.ensure_one()
        return self._tier_progresses()[self.id]

    def _tier_progresses(self, target="next"):
        """What these memberships have and lack for a tier; queries do not grow with their number.

        :param str target: ``next``, the tier above; ``current``, what it takes to keep the tier;
            ``aim``, what comes first: to keep the tier while it is at risk, then the next one
        :return: ``{membership_id: dict}`` with ``grade`` (empty at the top), ``requirements`` (a
            list, see ``tools.review.Requirement.progress``), ``points``, ``points_required``,
            ``percent`` (the mean over mandatory requirements and points), ``keeps`` (whether it is
            about the present tier), ``date`` (the last day that counts) and ``currency`` of money
        """
        today = fields.Date.context_today(self)
        progresses = {}
        for program, memberships in self.grouped("program_id").items():
            # sudo: a partner may see its own progress without reading the records behind it.
            asking, members = program.sudo(), memberships.sudo()
            grades = {member: member._get_target_grade(target) for member in members}
            wanted = asking.grade_ids.browse().union(*grades.values())
            values = wanted.requirement_ids._measure(memberships.partner_id, asking, today)
            rules = {grade: grade._as_rule() for grade in wanted}
            for member, grade in grades.items():
                own = {key: found[member.partner_id.id] for key, found in values.items()}
                progress = self._get_progress(rules.get(grade, tier_review.Tier()), own)
                keeps = member._keeps_tier(target)
                on_top = member.grade_id and not grade
                if not (progress["requirements"] or keeps or on_top):
                    progress["percent"] = 0  # there is no way: it is given by hand, or no tier
                progresses[member.id] = {
                    **progress,
                    "grade": grade.sudo(False),
                    "keeps": keeps,
                    "date": member.grace_until if keeps else member._get_target_date(progress),
                    "currency": asking.currency_id,
                }
        return progresses

    def _get_target_date(self, progress):
        """The last day for the next tier: of the calendar period, or else the next review."""
        today = fields.Date.context_today(self)
        ends = (
            windows.window_end(line["window"], today)
            for line in progress["requirements"]
            if not line["met"]
        )
        return min(filter(None, ends), default=self.next_review_date)

    def _keeps_tier(self, target):
        """Whether a progress is about the present tier, see ``_tier_progresses``."""
        if target == "aim":
            return self.state == "at_risk" and bool(self.grade_id.requirement_ids)
        return target == "current"

    def _get_target_grade(self, target):
        if self._keeps_tier(target):
            return self.grade_id
        return self.grade_id._prm_next() if self.grade_id else self.program_id._prm_tiers()[:1]

    @api.model
    def _get_progress(self, tier, values):
        """The part of a progress that is computed from a rule and the measured values."""
        periods = self.env["prm.tier.requirement"]._get_periods()
        progress = {
            "requirements": [
                {**line.progress(values[line.key]), "period": periods[line.key[1]]}
                for line in tier.requirements
            ],
            "points": tier.points(values),
            "points_required": tier.points_required,
        }
        return {**progress, "percent": self._get_percent(progress)}

    @api.model
    def _get_percent(self, progress):
        percents = [line["percent"] for line in progress["requirements"] if line["mandatory"]]
        if progress["points_required"]:
            reached = 100 * progress["points"] // progress["points_required"]
            percents.append(min(reached, 100))
        return sum(percents) // len(percents) if percents else 100

    @api.model
    def _tier_summary(self, progress):
        """What is missing in one sentence: “12,400 € more Revenue by 30 June → Gold”.

        :param progress: one value of ``_tier_progresses``
        :return: empty if nothing is missing
        """
        missing = [
            self._describe_missing(line, progress["currency"])
            for line in progress["requirements"]
            if line["mandatory"] and not line["met"]
        ]
        points = progress["points_required"] - progress["points"]
        if points > 0:
            missing.append(self.env._("%(points)s more points", points=points))
        if not missing:
            return ""
        values = {"missing": ", ".join(missing), "tier": progress["grade"].name}
        if not progress["date"]:
            return self.env._("%(missing)s → %(tier)s", **values)
        return self.env._(
            "%(missing)s by %(date)s → %(tier)s",
            date=format_date(self.env, progress["date"]),
            **values,
        )

    @api.model
    def _describe_missing(self, line, currency):
        wanted = {"metric": line["metric"]}
        if line["direction"] == "down":
            amount = self._format_measured(line, line["threshold"], currency)
            return self.env._("%(metric)s at most %(amount)s", amount=amount, **wanted)
        if line["unit"] in ("percent", "score"):
            amount = self._format_measured(line, line["threshold"], currency)
            return self.env._("%(metric)s at least %(amount)s", amount=amount, **wanted)
        amount = self._format_measured(line, line["missing"], currency)
        return self.env._("%(amount)s more %(metric)s", amount=amount, **wanted)

    @api.model
    def _format_measured(self, line, value, currency):
        """A measured value or threshold as people write it."""
        if line.get("unit") == "money" and currency:
            return formatLang(self.env, value, currency_obj=currency)
        digits = 0 if float(value).is_integer() else 1
        text = formatLang(self.env, value, digits=digits)
        return f"{text} %" if line.get("unit") == "percent" else text
