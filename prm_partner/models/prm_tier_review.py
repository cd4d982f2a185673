from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import review as tier_review
from .prm_membership_review import CALM, NO_OVERRIDE, NOT_REFUSED

SLICE = 1000
MAIL_SLICE = 50
# Decisions that leave everything as it is.
IDLE = ("keep", "wait")


class Verdict(NamedTuple):
    """What a review says of one membership, before anything is written."""

    membership: models.BaseModel
    standing: tier_review.Standing
    decision: tier_review.Decision
    met: int
    due: bool
    measured: list


class PrmTierReview(models.Model):
    _name = "prm.tier.review"
    _description = "Tier Review"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"

    program_id = fields.Many2one(
        "prm.program", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    date = fields.Date(required=True, default=fields.Date.context_today, readonly=True)
    kind = fields.Selection(
        [("daily", "Daily run"), ("requested", "Review of all")],
        required=True,
        default="daily",
        readonly=True,
        help="The daily run reviews whose review is due, and follows up on tiers at risk.",
    )
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        default="running",
        index=True,
        readonly=True,
    )
    message = fields.Text(string="Why It Failed", readonly=True)
    position = fields.Integer(
        readonly=True, help="The last membership of an interrupted run, which goes on after it."
    )
    reviewed_count = fields.Integer(string="Members Looked At", readonly=True)
    line_ids = fields.One2many("prm.tier.review.line", "review_id", string="Decisions")
    line_count = fields.Integer(string="Decisions Made", compute="_compute_counts")
    promoted_count = fields.Integer(string="Up", compute="_compute_counts")
    demoted_count = fields.Integer(string="Down", compute="_compute_counts")
    at_risk_count = fields.Integer(string="At Risk", compute="_compute_counts")
    pending_count = fields.Integer(string="To Approve", compute="_compute_counts")

    _daily_uniq = models.UniqueIndex(
        "(program_id, date) WHERE kind = 'daily'",
        "The tiers of this program were reviewed today already.",
    )
    _running_uniq = models.UniqueIndex(
        "(program_id) WHERE kind = 'requested' AND state = 'running'",
        "A review of this program is running already. Wait until it is done.",
    )

    @api.depends("program_id.name", "date")
    def _compute_display_name(self):
        for run in self:
            day = fields.Date.to_string(run.date)
            run.display_name = f"{run.program_id.name or ''} · {day or ''}"

    @api.depends("line_ids.decision", "line_ids.state")
    def _compute_counts(self):
        groups = self.env["prm.tier.review.line"]._read_group(
            [("review_id", "in", self.ids)], ["review_id", "decision", "state"], ["__count"]
        )
        for run in self:
            own = [group[1:] for group in groups if group[0] == run]
            run.line_count = sum(count for *_what, count in own)
            run.promoted_count = self._count(own, decision="promote")
            run.demoted_count = self._count(own, decision="demote")
            run.at_risk_count = self._count(own, decision="notice")
            run.pending_count = sum(count for _kind, state, count in own if state == "pending")

    @api.model
    def _count(self, groups, decision):
        made = ("applied", "approved")
        return sum(count for kind, state, count in groups if kind == decision and (
            state in made or decision == "notice"
        ))

    def action_view_lines(self):
        """Open the decisions of this review."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_tier_review_line_action"
        )
        return {**action, "domain": [("review_id", "=", self.id)], "context": {}}

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    @api.model
    def _start(self, program, kind):
        """Begin a review of a program, or find the one that is running.

        :param str kind: daily, one a day, or requested, which reviews every member
        """
        # sudo: the caller has checked the right; nobody writes reviews by hand.
        runs = self.sudo()
        domain = [("program_id", "=", program.id), ("kind", "=", kind)]
        if kind == "daily":
            domain.append(("date", "=", fields.Date.context_today(self)))
        else:
            domain.append(("state", "=", "running"))
        found = runs.search(domain, limit=1)
        return (found or runs.create({"program_id": program.id, "kind": kind})).sudo(False)

    @api.model
    def _cron_review(self):
        """Review all programs: start what is due, go on with what was interrupted, send mails.

        Each slice of memberships is committed with its decisions, changes and queued mails, and
        the place where the next slice begins: wherever the run is killed, the next one goes on.
        """
        for program in self.env["prm.program"].search([("review_schedule", "!=", "none")]):
            self._start(program, "daily")
        runs = self.search([("state", "=", "running")], order="date, id")
        lines = self.env["prm.tier.review.line"]
        progress = self.env["ir.cron"]
        left = sum(run._count_left() for run in runs) + lines._count_mails()
        in_time = progress._commit_progress(remaining=left)
        for run in runs:
            while in_time and run.state == "running":
                in_time = progress._commit_progress(run._review_slice())
        while in_time and (sent := lines._send_waiting(MAIL_SLICE)):
            in_time = progress._commit_progress(sent)

    def _get_left_domain(self):
        return [*self.program_id._get_reviewed_domain(), ("id", ">", self.position)]

    def _count_left(self):
        """Members that this run still has to look at; one more, to close it."""
        self.ensure_one()
        return self.env["prm.membership"].search_count(self._get_left_domain()) + 1

    def _review_slice(self):
        """Review the next memberships, or close the run if there are none.

        A metric that cannot be measured stops the review of its program only, with a message.

        :return: number of steps done, see ``_count_left``
        """
        self.ensure_one()
        memberships = self.env["prm.membership"].search(
            self._get_left_domain(), order="id", limit=SLICE
        )
        try:
            with self.env.cr.savepoint():
                self._review(memberships.with_context(tracking_disable=True))
                self.position = memberships[-1:].id or self.position
                self.reviewed_count += len(memberships)
        except UserError as error:
            self.write({"state": "failed", "message": str(error)})
            self._notify(self.env._("The tier review failed"), str(error))
            return len(memberships)
        if len(memberships) < SLICE:
            self._finish()
            return len(memberships) + 1
        return len(memberships)

    def _finish(self):
        self.state = "done"
        if self.pending_count:
            summary = self.env._("%(count)s tier changes to approve", count=self.pending_count)
            self._notify(summary, "")

    def _notify(self, summary, note):
        """Tell the manager of the program."""
        user = self.program_id.user_id
        if user.active:
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id
            )

    def _review(self, memberships):
        verdicts = self._judge(memberships)
        lines = self._record(verdicts)
        self._carry_out(verdicts, lines)

    def _judge(self, memberships):
        """Decide for each membership; nothing is written.

        :return: list of ``Verdict``
        """
        program = self.program_id
        tiers = program._prm_tiers()
        levels = {tier.id: level for level, tier in enumerate(tiers)}
        ladder = [tier._as_rule() for tier in tiers]
        rules = program._review_rules()
        values = tiers.requirement_ids._measure(memberships.partner_id, program, self.date)
        verdicts = []
        for membership in memberships:
            own = {key: found[membership.partner_id.id] for key, found in values.items()}
            standing = membership._get_standing(levels)
            met = tier_review.highest_met([tier.state(own) for tier in ladder], standing.level)
            due = self.kind == "requested" or membership._is_review_due(self.date)
            decision = tier_review.decide(standing, met, due, self.date, rules)
            shown = self._get_shown_tier(ladder, decision)
            measured = [line.progress(own[line.key]) for line in shown.requirements]
            verdicts.append(Verdict(membership, standing, decision, met, due, measured))
        return verdicts

    @api.model
    def _get_shown_tier(self, ladder, decision):
        """The tier whose requirements explain a decision: the next one for who stays."""
        level = decision.level
        if decision.kind == "keep" and level + 1 < len(ladder):
            level += 1
        elif decision.kind == "demote":
            level += 1
        return ladder[max(level, 0)] if ladder else tier_review.Tier()

    def _record(self, verdicts):
        """Write a line for each regular review and each decision that means something.

        :return: ``{membership: line}``
        """
        tiers = self.program_id._prm_tiers()
        waiting = self._get_pending(verdicts)
        vals_list, recorded = [], []
        for verdict in verdicts:
            decision, proposed = verdict.decision, waiting.get(verdict.membership)
            if proposed and not proposed._proposes(decision, tiers):
                proposed.state = "outdated"
            elif proposed:
                continue
            if verdict.due or decision.kind not in IDLE:
                vals_list.append(self._prepare_line_vals(verdict, tiers))
                recorded.append(verdict.membership)
        lines = self.env["prm.tier.review.line"].create(vals_list)
        return dict(zip(recorded, lines, strict=True))

    def _get_pending(self, verdicts):
        pending = self.env["prm.tier.review.line"].search(
            [
                ("membership_id", "in", [verdict.membership.id for verdict in verdicts]),
                ("state", "=", "pending"),
            ]
        )
        return {line.membership_id: line for line in pending}

    def _prepare_line_vals(self, verdict, tiers):
        decision = verdict.decision
        pending = decision.is_change and self.program_id.change_mode == "approved"
        state = "pending" if pending else "applied" if decision.is_change else "noted"
        mailed = not pending and decision.kind not in IDLE
        return {
            "review_id": self.id,
            "membership_id": verdict.membership.id,
            "partner_id": verdict.membership.partner_id.id,
            "grade_before_id": verdict.membership.grade_id.id,
            "grade_met_id": tiers[verdict.met].id if verdict.met >= 0 else False,
            "grade_after_id": tiers[decision.level].id if decision.level >= 0 else False,
            "decision": decision.kind,
            "measured": verdict.measured,
            "state": state,
            "mail_state": "waiting" if mailed else "none",
        }

    def _carry_out(self, verdicts, lines):
        by_decision = {}
        for verdict in verdicts:
            by_decision.setdefault(verdict.decision, []).append(verdict)
        for decision, same in by_decision.items():
            if decision.is_change:
                made = [lines[one.membership] for one in same if one.membership in lines]
                changes = self.env["prm.tier.review.line"].union(*made)
                changes.filtered(lambda line: line.state == "applied")._apply("applied")
            elif decision.kind not in IDLE:
                self._carry_out_risk(same)
        due = self._get_memberships([one for one in verdicts if one.due])
        due.write({"last_review_date": self.date, **NOT_REFUSED})
        expired = due.filtered(
            lambda membership: membership.override_until and membership.override_until < self.date
        )
        expired.write(NO_OVERRIDE)

    @api.model
    def _get_memberships(self, verdicts):
        return self.env["prm.membership"].browse(
            [verdict.membership.id for verdict in verdicts]
        ).with_context(tracking_disable=True)

    def _carry_out_risk(self, verdicts):
        """Notice, reminder or recovery: all that ``tools.review.settle`` says."""
        rules = self.program_id._review_rules()
        by_values = {}
        for verdict in verdicts:
            after = tier_review.settle(verdict.standing, verdict.decision, self.date, rules)
            key = (after.at_risk_since, after.grace_until, after.reminded)
            by_values.setdefault(key, []).append(verdict)
        for (since, until, reminded), same in by_values.items():
            memberships = self._get_memberships(same)
            if not until:
                memberships.write({"state": "active", **CALM})
                continue
            memberships.write(
                {
                    "state": "at_risk",
                    "at_risk_since": since,
                    "grace_until": until,
                    "date_reminded": self.date if reminded else False,
                }
            )
