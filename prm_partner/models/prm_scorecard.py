from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import scoring, windows
from .prm_membership import ACTIVE_STATES
from .prm_metric_batch import Question
from .prm_metric_value import MAX_CATCH_UP_DAYS

HEALTH = [("green", "Healthy"), ("amber", "Needs Attention"), ("red", "Critical")]
SLICE = 500
# Older scorecards are kept for the last day of each month only.
KEEP_DAYS = 92


class PrmScorecard(models.Model):
    """How well a partner does in a program on one day, from 0 to 100. For staff only."""

    _name = "prm.scorecard"
    _description = "Partner Scorecard"
    _order = "date desc, score desc, id desc"

    membership_id = fields.Many2one(
        "prm.membership", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade", readonly=True
    )
    program_id = fields.Many2one(
        "prm.program", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    currency_id = fields.Many2one(related="program_id.currency_id")
    user_id = fields.Many2one(related="membership_id.user_id", string="Partner Manager")
    date = fields.Date(required=True, index=True, readonly=True)
    score = fields.Float(readonly=True, aggregator="avg", digits=(5, 1))
    color = fields.Selection(
        HEALTH,
        string="Health",
        readonly=True,
        help="By the score; a tier at risk needs attention whatever the score is.",
    )
    line_ids = fields.One2many("prm.scorecard.line", "scorecard_id", readonly=True)
    current_membership_ids = fields.One2many(
        "prm.membership",
        "scorecard_id",
        string="Latest Of",
        help="The membership, if this is its latest scorecard.",
    )

    _day_uniq = models.Constraint(
        "UNIQUE(membership_id, date)", "A membership has one scorecard for each day."
    )

    @api.depends("partner_id.name", "date")
    def _compute_display_name(self):
        for scorecard in self:
            date = fields.Date.to_string(scorecard.date)
            scorecard.display_name = f"{scorecard.partner_id.name} · {date}"

    def action_recompute(self):
        """Compute today's scorecard of these partners now."""
        self.membership_id.action_score()

    # Scoring

    @api.model
    def _cron_score(self):
        """Nightly: a scorecard for each active membership, then fill gaps and thin out old ones.

        Whoever has one of the day is left out, so the job can be stopped and run again at any
        time.
        """
        today = fields.Date.context_today(self)
        commit = self.env["ir.cron"]._commit_progress
        missed = [today - timedelta(days=back) for back in range(MAX_CATCH_UP_DAYS, 0, -1)]
        # all() ends with the first day for which the time does not suffice
        if self._score_slices(self._get_missing_domain(today), today, commit) and all(
            self._score_slices(self._get_gap_domain(day, today), day, commit) for day in missed
        ):
            self._thin_out(today)
            self._clear_without_weights()

    @api.model
    def _get_missing_domain(self, day):
        """Active memberships without a scorecard of ``day``."""
        return self._get_members_domain() & Domain("scorecard_ids", "not any", [("date", "=", day)])

    @api.model
    def _get_gap_domain(self, day, today):
        """Memberships whose scorecard of a past day is missing between an earlier one and today's.

        The score is that of the day, by the program's metrics of today. Months ago there are gaps
        on purpose, see ``_thin_out``.
        """
        return (
            self._get_missing_domain(day)
            & Domain("scorecard_ids", "any", [("date", "<", day)])
            & Domain("scorecard_ids", "any", [("date", "=", today)])
        )

    @api.model
    def _score_programs(self, programs):
        """Today's scorecards of all active members of ``programs``, new or again."""
        domain = self._get_members_domain() & Domain("program_id", "in", programs.ids)
        self._score_slices(domain, fields.Date.context_today(self))

    @api.model
    def _get_members_domain(self):
        return (
            Domain("state", "in", ACTIVE_STATES)
            & Domain("program_id.active", "=", True)
            & Domain("program_id.scorecard_weight_ids", "!=", False)
        )

    @api.model
    def _score_slices(self, domain, date, commit=None):
        """Score the memberships of ``domain``, a slice at a time.

        :param commit: ``ir.cron._commit_progress`` in a scheduled job
        :return: False when the time of the job is over
        """
        members = self.env["prm.membership"]
        remaining, last_id = members.search_count(domain), 0
        while remaining > 0:
            batch = members.search(domain & Domain("id", ">", last_id), limit=SLICE, order="id")
            if not batch:
                break
            self._score(batch, date)
            last_id = batch[-1].id
            remaining = max(remaining - len(batch), 0)
            if commit and not commit(len(batch), remaining=remaining):
                return False
        return True

    @api.model
    def _score(self, memberships, date):
        """Score these memberships as of ``date``, instead of what was stored for that day.

        :param memberships: ``prm.membership``; those without a metric to go by are left out
        :return: the ``prm.scorecard`` records
        """
        # sudo: a score counts all facts, whoever asks for it; the callers have checked who may.
        memberships = memberships.sudo()
        asked = {
            (membership, weight): self._get_question(membership, weight, date)
            for membership in memberships
            for weight in membership.program_id.scorecard_weight_ids
        }
        # sudo: as above.
        answers = self.env["prm.metric"].sudo()._measure_each(
            (question, membership.partner_id)
            for (membership, _weight), question in asked.items()
        )
        measured = {}
        for (membership, weight), question in asked.items():
            if question in answers:
                value = answers[question][membership.partner_id.id]
                measured.setdefault(membership, []).append((weight, value))
        rows = [self._prepare_row(*item) for item in measured.items()]
        return self._store([row for row in rows if row], date)

    @api.model
    def _get_question(self, membership, weight, date):
        return Question(
            weight.metric_id.code,
            windows.window_start(weight.window, date),
            date,
            membership.company_id,
            membership.program_id.currency_id,
            weight.scope,
        )

    @api.model
    def _prepare_row(self, membership, values):
        """What is stored of one membership.

        :param values: pairs (``prm.scorecard.weight``, measured value)
        :return: dict with membership, score, color and lines (weight, value, points, maximum)
        """
        parts = [
            (scoring.share(value, weight.floor, weight.target), weight.weight)
            for weight, value in values
        ]
        points = [
            (round(gained, 2), round(most, 2)) for gained, most in scoring.points(parts)
        ]
        score = min(round(sum(gained for gained, _most in points), 1), scoring.FULL)
        return {
            "membership": membership,
            "score": score,
            "color": self._get_color(membership, score),
            "lines": [
                (weight, value, *line)
                for (weight, value), line in zip(values, points, strict=True)
            ],
        }

    @api.model
    def _get_color(self, membership, score):
        program = membership.program_id
        color = scoring.color(score, program.health_green, program.health_amber)
        return "amber" if color == "green" and membership.state == "at_risk" else color

    @api.model
    def _lower_health(self, memberships, day):
        """Whoever is about to lose its tier is not healthy, whatever the score says."""
        green = memberships.search(
            [("id", "in", memberships.ids), ("score_color", "=", "green")]
        )
        green.score_color = "amber"
        green.scorecard_id.filtered(lambda card: card.date == day).color = "amber"

    @api.model
    def _store(self, rows, date):
        """Write scorecards and their lines: a few statements, whatever the number of rows."""
        if not rows:
            return self.browse()
        found = dict(self.env.execute_query(self._get_upsert(rows, date)))
        scorecards = self.browse(found.values())
        self.env.execute_query(
            SQL(
                "DELETE FROM prm_scorecard_line WHERE scorecard_id = ANY(%s) RETURNING id",
                scorecards.ids,
            )
        )
        self.env.execute_query(self._get_line_insert(rows, found))
        self._update_memberships(scorecards)
        for model in (self, self.env["prm.scorecard.line"]):
            model.invalidate_model()
        return scorecards

    @api.model
    def _get_upsert(self, rows, date):
        memberships = [row["membership"] for row in rows]
        return SQL(
            """
            INSERT INTO prm_scorecard (membership_id, partner_id, program_id, company_id, score,
                                       color, date, create_uid, write_uid, create_date, write_date)
            SELECT found.*, %(date)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
                   now() AT TIME ZONE 'UTC'
              FROM unnest(%(membership_ids)s, %(partner_ids)s, %(program_ids)s, %(company_ids)s,
                          %(scores)s::numeric[], %(colors)s) AS found
                ON CONFLICT (membership_id, date) DO UPDATE
               SET score = EXCLUDED.score, color = EXCLUDED.color,
                   write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
            RETURNING membership_id, id
            """,
            date=date,
            uid=self.env.uid,
            membership_ids=[membership.id for membership in memberships],
            partner_ids=[membership.partner_id.id for membership in memberships],
            program_ids=[membership.program_id.id for membership in memberships],
            company_ids=[membership.company_id.id for membership in memberships],
            scores=[row["score"] for row in rows],
            colors=[row["color"] for row in rows],
        )

    @api.model
    def _get_line_insert(self, rows, found):
        lines = [
            (found[row["membership"].id], *line) for row in rows for line in row["lines"]
        ]
        weights = [line[1] for line in lines]
        return SQL(
            """
            INSERT INTO prm_scorecard_line (scorecard_id, sequence, metric_id, "window", scope,
                                            floor, target, value, points, max_points)
            SELECT *
              FROM unnest(%s, %s, %s, %s, %s, %s::float[], %s::float[], %s::float[],
                          %s::numeric[], %s::numeric[])
            RETURNING id
            """,
            [line[0] for line in lines],
            [weight.sequence for weight in weights],
            [weight.metric_id.id for weight in weights],
            [weight.window for weight in weights],
            [weight.scope for weight in weights],
            [weight.floor for weight in weights],
            [weight.target for weight in weights],
            [line[2] for line in lines],
            [line[3] for line in lines],
            [line[4] for line in lines],
        )

    @api.model
    def _update_memberships(self, scorecards):
        """Show the scores on the memberships whose latest scorecard is among these."""
        members = self.env["prm.membership"]
        names = ["scorecard_id", "score", "score_color"]
        members.flush_model(names)
        self.env.execute_query(
            SQL(
                """
                UPDATE prm_membership membership
                   SET scorecard_id = new.id, score = new.score, score_color = new.color
                  FROM prm_scorecard new
                 WHERE new.id = ANY(%s)
                   AND membership.id = new.membership_id
                   AND NOT EXISTS (SELECT 1 FROM prm_scorecard later
                                    WHERE later.membership_id = new.membership_id
                                      AND later.date > new.date)
                RETURNING membership.id
                """,
                scorecards.ids,
            )
        )
        members.invalidate_model(names)

    @api.model
    def _thin_out(self, today):
        """Of each month that is long over, keep the last scorecard of each membership."""
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                DELETE FROM prm_scorecard old
                 WHERE old.date < %s
                   AND EXISTS (SELECT 1 FROM prm_scorecard later
                                WHERE later.membership_id = old.membership_id
                                  AND later.date > old.date
                                  AND date_trunc('month', later.date)
                                      = date_trunc('month', old.date))
                RETURNING id
                """,
                today - timedelta(days=KEEP_DAYS),
            )
        )
        self.invalidate_model()
        self.env["prm.scorecard.line"].invalidate_model()

    @api.model
    def _clear_without_weights(self):
        """A program without a scorecard shows no score, not an old one."""
        self.env["prm.membership"].search(
            [("scorecard_id", "!=", False), ("program_id.scorecard_weight_ids", "=", False)]
        ).write({"scorecard_id": False, "score": 0.0, "score_color": False})
