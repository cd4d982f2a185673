from collections import defaultdict
from typing import NamedTuple

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..tools import review as tier_review

SLICE = 5000
MAIL_SLICE = 50
# Decisions that leave everything as it is.
IDLE = ("keep", "wait")


class Verdict(NamedTuple):
    """What a review says of one membership, before anything is written."""

    membership_id: int
    standing: tier_review.Standing
    decision: tier_review.Decision
    met: int
    due: bool
    # The level whose requirements explain the decision, with their values; None if there is
    # nothing to tell.
    shown: int | None
    values: list


class PrmTierReview(models.Model):
    _name = "prm.tier.review"
    _description = "Tier Review"
    _inherit = ["prm.thread", "mail.activity.mixin"]
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
    # What the tiers ask for, see _keep_rules; the decisions have the number of theirs.
    rules = fields.Json(readonly=True, export_string_translation=False)
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
            run.promoted_count = self._count(own, {"promote"}, {"applied", "approved"})
            run.demoted_count = self._count(own, {"demote"}, {"applied", "approved"})
            run.at_risk_count = self._count(own, {"notice"}, {"noted"})
            run.pending_count = self._count(own, {"promote", "demote"}, {"pending"})

    @api.model
    def _count(self, groups, decisions, states):
        return sum(
            count
            for decision, state, count in groups
            if decision in decisions and state in states
        )

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
        :raise SerializationFailure: another transaction has begun it since this one looked
        """
        # sudo: the caller has checked the right; nobody writes reviews by hand.
        runs = self.sudo()
        domain = [("program_id", "=", program.id), ("kind", "=", kind)]
        if kind == "daily":
            domain.append(("date", "=", fields.Date.context_today(self)))
        else:
            domain.append(("state", "=", "running"))
        found = runs.search(domain, limit=1)
        if not found:
            self.env["prm.account.lock"]._acquire([f"tier_review:{program.id}:{kind}"])
            found = runs.create({"program_id": program.id, "kind": kind})
        return found.sudo(False)

    @api.model
    def _start_daily(self, programs):
        """Begin the daily reviews that have not begun yet.

        :return: whether to go on; not if another process has begun one at the same moment
        """
        try:
            with self.env.cr.savepoint():
                for program in programs:
                    self._start(program, "daily")
        except SerializationFailure:
            return False
        return True

    @api.model
    def _cron_review(self):
        """Review all programs: start what is due, go on with what was interrupted, send mails.

        Each slice of memberships is committed with its decisions, changes and queued mails, and
        the place where the next slice begins: wherever the run is killed, the next one goes on.
        A second process that starts at the same moment leaves the work to the first.
        """
        programs = self.env["prm.program"].search([("review_schedule", "!=", "none")])
        if not self._start_daily(programs):
            return
        runs = self.search([("state", "=", "running")], order="date, id")
        lines = self.env["prm.tier.review.line"]
        progress = self.env["ir.cron"]
        left = sum(run._count_left() for run in runs) + lines._count_mails()
        in_time = progress._commit_progress(remaining=left)
        for run in runs:
            in_time = in_time and run._go_on()
        while in_time and (sent := lines._send_waiting(MAIL_SLICE)):
            in_time = progress._commit_progress(sent)

    def _get_left_domain(self):
        return [*self.program_id._get_reviewed_domain(), ("id", ">", self.position)]

    def _count_left(self):
        """Members that this run still has to look at, and one step to close it."""
        self.ensure_one()
        return self.env["prm.membership"].search_count(self._get_left_domain()) + 1

    def _go_on(self):
        """Review the memberships that are left: measure them all, then decide slice by slice.

        A metric that cannot be measured stops the review of its program only, with a message.

        :return: time that is left; none if the next run has to go on
        """
        self.ensure_one()
        progress = self.env["ir.cron"]
        # Prices are the company's; nothing is tracked: the tier history says it all. What is told
        # is told to the manager of the program.
        run = self.with_company(self.company_id).with_context(
            tracking_disable=True, lang=self.program_id.user_id.lang
        )
        memberships = run.env["prm.membership"].search_fetch(
            self._get_left_domain(), ["partner_id"], order="id"
        )
        try:
            values = self._measure(memberships)
            for ids in split_every(SLICE, memberships.ids):
                run._review_slice(memberships.browse(ids), values)
                if not progress._commit_progress(len(ids)):
                    return False
            run._finish()
        except UserError as error:
            run._fail(str(error))
        return progress._commit_progress(1)

    def _measure(self, memberships):
        requirements = self.program_id._prm_tiers().requirement_ids
        return requirements._measure_for_review(
            memberships.partner_id, self.program_id, self.date
        )

    def _review_slice(self, memberships, values):
        """Review some memberships: decisions, changes and the place to go on from, or nothing."""
        with self.env.cr.savepoint():
            verdicts = self._judge(memberships, values)
            lines = self._record(verdicts)
            self._carry_out(verdicts, lines)
            self.position = memberships[-1].id
            self.reviewed_count += len(memberships)
            self.env.flush_all()  # recomputed here, where nothing is tracked

    def _fail(self, message):
        self.write({"state": "failed", "message": message})
        self._notify(self.env._("The tier review failed"), message)

    def _finish(self):
        self.state = "done"
        if self.pending_count:
            summary = self.env._("Tier changes to approve: %(count)s", count=self.pending_count)
            self._notify(summary, "")

    def _notify(self, summary, note):
        """Tell the manager of the program."""
        user = self.program_id.user_id
        if user.active:
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id
            )

    def _judge(self, memberships, values):
        """Decide for each membership; nothing is written.

        :param values: what was measured, see ``prm.tier.requirement._measure``
        :return: list of ``Verdict``
        """
        program = self.program_id
        tiers = program._prm_tiers()
        levels = {tier.id: level for level, tier in enumerate(tiers)}
        ladder = [tier._as_rule() for tier in tiers]
        rules = program._review_rules()
        requested = self.kind == "requested"
        keys = [[line.key for line in tier.requirements] for tier in ladder] or [[]]
        verdicts = []
        for membership_id, partner_id, standing, due in memberships._read_standings(
            levels, self.date
        ):
            due = due or requested
            own = {key: found[partner_id] for key, found in values.items()}
            met = tier_review.highest_met([tier.state(own) for tier in ladder], standing.level)
            decision = tier_review.decide(standing, met, due, self.date, rules)
            shown, measured = None, []
            if due or decision.kind not in IDLE:
                shown = self._get_shown_level(decision, len(ladder) - 1)
                measured = [own[key] for key in keys[shown]]
            verdicts.append(
                Verdict(membership_id, standing, decision, met, due, shown, measured)
            )
        return verdicts

    @api.model
    def _get_shown_level(self, decision, top):
        """The tier whose requirements explain a decision: the next one for who stays."""
        level = decision.level
        if (decision.kind == "keep" and level < top) or decision.kind == "demote":
            level += 1
        return max(level, 0)

    def _keep_rules(self):
        """Keep what the tiers ask for, once for all decisions.

        Requirements that are changed while a review is interrupted come to those of before.

        :return: the number of each tier in ``rules``, from the lowest tier up
        """
        rules, numbers = list(self.rules or []), []
        for tier in self.program_id._prm_tiers():
            rule = [requirement.rule() for requirement in tier._as_rule().requirements]
            if rule not in rules:
                rules.append(rule)
            numbers.append(rules.index(rule))
        if rules != (self.rules or []):
            self.rules = rules
        return numbers

    def _record(self, verdicts):
        """Write a line for each regular review and each decision that means something.

        :return: ``{membership_id: line_id}``
        """
        grade_ids = {tier_review.NO_TIER: None}
        grade_ids.update(enumerate(self.program_id._prm_tiers().ids))
        numbers = self._keep_rules() or [0]  # without tiers there is nothing to keep
        waiting = self._get_pending(verdicts)
        rows = []
        for verdict in verdicts:
            decision, proposed = verdict.decision, waiting.get(verdict.membership_id)
            if proposed and not proposed._proposes(decision.kind, grade_ids[decision.level]):
                proposed.state = "outdated"
            elif proposed:
                continue
            if verdict.shown is not None:
                rows.append(self._prepare_line_vals(verdict, grade_ids, numbers))
        return self.env["prm.tier.review.line"]._insert(self, rows)

    def _get_pending(self, verdicts):
        pending = self.env["prm.tier.review.line"].search(
            [
                ("membership_id", "in", [verdict.membership_id for verdict in verdicts]),
                ("state", "=", "pending"),
            ]
        )
        return {line.membership_id.id: line for line in pending}

    def _prepare_line_vals(self, verdict, grade_ids, numbers):
        decision = verdict.decision
        pending = decision.is_change and self.program_id.change_mode == "approved"
        state = "pending" if pending else "applied" if decision.is_change else "noted"
        mailed = not pending and decision.kind not in IDLE
        return {
            "membership_id": verdict.membership_id,
            "grade_before_id": grade_ids[verdict.standing.level],
            "grade_met_id": grade_ids[verdict.met],
            "grade_after_id": grade_ids[decision.level],
            "decision": decision.kind,
            "rule": numbers[verdict.shown],
            "measured_values": verdict.values,
            "state": state,
            "mail_state": "waiting" if mailed else "none",
        }

    def _carry_out(self, verdicts, lines):
        """Do what was decided.

        :param lines: ``{membership_id: line_id}``; a change without a line was proposed before
        """
        by_kind, changes = defaultdict(list), defaultdict(list)
        for verdict in verdicts:
            decision = verdict.decision
            by_kind[decision.kind].append(verdict.membership_id)
            if decision.is_change and verdict.membership_id in lines:
                changes[decision.kind, decision.level].append(verdict)
        if self.program_id.change_mode == "automatic":
            for (kind, level), changing in changes.items():
                self._change_tiers(kind, level, changing)
        memberships = self.env["prm.membership"]
        memberships.browse(by_kind["recover"]).write({"state": "active"})
        memberships.browse(by_kind["remind"]).write({"date_reminded": self.date})
        memberships._write_reviews(
            self.date, self.program_id._next_review(self.date), self._get_notices(verdicts)
        )
        self.env["prm.scorecard"]._lower_health(memberships.browse(by_kind["notice"]), self.date)

    def _change_tiers(self, kind, level, verdicts):
        """Give the members of these verdicts a tier, with what was measured for it."""
        tiers = self.program_id._prm_tiers()
        asked = [tier._as_rule().requirements for tier in tiers]
        measured = {
            verdict.membership_id: [
                requirement.measured(value)
                for requirement, value in zip(
                    asked[verdict.shown], verdict.values, strict=True
                )
            ]
            for verdict in verdicts
        }
        self.env["prm.membership"].browse(measured)._set_tier(
            tiers[level] if level >= 0 else tiers.browse(),
            None,
            measured,
            kind="promotion" if kind == "promote" else "demotion",
            review=self,
        )

    def _get_notices(self, verdicts):
        """Last day of grace of each member whose regular review is due, None without a notice.

        Only a regular review gives notice.
        """
        rules = self.program_id._review_rules()
        notices = {}
        for verdict in verdicts:
            if verdict.decision.kind == "notice":
                after = tier_review.settle(verdict.standing, verdict.decision, self.date, rules)
                notices[verdict.membership_id] = after.grace_until
            elif verdict.due:
                notices[verdict.membership_id] = None
        return notices
