from collections import Counter

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..tools import review as tier_review


class PrmTierSimulation(models.Model):
    _name = "prm.tier.simulation"
    _description = "Tier What-If"
    _inherit = ["prm.state.mixin", "prm.thread"]
    _order = "id desc"

    name = fields.Char(required=True, default=lambda self: self.env._("What if …"))
    program_id = fields.Many2one("prm.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="program_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Owner", index=True, default=lambda self: self.env.user
    )
    date_from = fields.Date(
        string="Period",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(years=1),
    )
    date_to = fields.Date(
        string="Until", required=True, default=lambda self: fields.Date.context_today(self)
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("simulated", "Simulated"),
            ("applied", "Applied"),
            ("discarded", "Discarded"),
        ],
        required=True,
        default="draft",
        readonly=True,
        tracking=True,
        copy=False,
    )
    line_ids = fields.One2many(
        "prm.tier.simulation.line",
        "simulation_id",
        string="Requirements",
        compute="_compute_lines",
        store=True,
        readonly=False,
        copy=True,
    )
    grade_ids = fields.One2many(
        "prm.tier.simulation.grade",
        "simulation_id",
        string="Tiers",
        compute="_compute_lines",
        store=True,
        readonly=False,
        copy=True,
    )
    result_ids = fields.One2many(
        "prm.tier.simulation.result", "simulation_id", string="Who Moves", readonly=True, copy=False
    )
    member_count = fields.Integer(string="Members", readonly=True, copy=False)
    untiered_before = fields.Integer(
        string="Without a Tier by Present Rules", readonly=True, copy=False
    )
    untiered_after = fields.Integer(
        string="Without a Tier by New Rules", readonly=True, copy=False
    )
    up_count = fields.Integer(string="Higher", readonly=True, copy=False)
    down_count = fields.Integer(string="Lower", readonly=True, copy=False)
    cost_before = fields.Monetary(
        compute="_compute_cost", string="Benefits by Present Rules (per Year)"
    )
    cost_after = fields.Monetary(
        compute="_compute_cost", string="Benefits by New Rules (per Year)"
    )
    cost_change = fields.Monetary(compute="_compute_cost", string="Change")

    _dates_check = models.Constraint(
        "CHECK(date_to > date_from)", "The period must end after it starts. Check its dates."
    )
    _length_check = models.Constraint(
        "CHECK(date_to <= date_from + 1100)", "The what-if looks back over three years at most."
    )

    @api.depends("program_id")
    def _compute_lines(self):
        for simulation in self:
            tiers = simulation.program_id._prm_tiers() if simulation.program_id else []
            simulation.grade_ids = [Command.clear()] + [
                Command.create(
                    {
                        "grade_id": tier.id,
                        "points_now": tier.points_required,
                        "points_new": tier.points_required,
                    }
                )
                for tier in tiers
            ]
            simulation.line_ids = [Command.clear()] + [
                Command.create(self._prepare_line_vals(requirement))
                for tier in tiers
                for requirement in tier.requirement_ids
            ]

    @api.model
    def _prepare_line_vals(self, requirement):
        return {
            "requirement_id": requirement.id,
            "threshold_now": requirement.threshold,
            "threshold_new": requirement.threshold,
            "points_now": requirement.points,
            "points_new": requirement.points,
        }

    @api.depends("grade_ids.cost_before", "grade_ids.cost_after")
    def _compute_cost(self):
        for simulation in self:
            before = sum(simulation.grade_ids.mapped("cost_before"))
            after = sum(simulation.grade_ids.mapped("cost_after"))
            simulation.cost_before = before
            simulation.cost_after = after
            simulation.cost_change = after - before

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_applied(self):
        if any(simulation.state == "applied" for simulation in self):
            raise UserError(
                self.env._("A what-if that was applied stays as the record of what was changed.")
            )

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("The status of a what-if is changed by its buttons only."))
        if {"program_id", "date_from", "date_to"} & vals.keys():
            self._outdate()
        return super().write(vals)

    def _outdate(self):
        """What was simulated is not true of other numbers: nothing can be applied before anew."""
        self._check_state(("draft", "simulated"))
        self.filtered(lambda simulation: simulation.state == "simulated")._set_state("draft")

    def _set_state(self, state):
        # sudo: by itself nobody writes the status; those who call this have the right to write.
        self.sudo().state = state

    def action_simulate(self):
        """Replay the period under the present and the new rules and show who ends up elsewhere."""
        self.check_access("write")
        self._check_state(("draft", "simulated"))
        for simulation in self:
            simulation._check_fresh()
            simulation._check_changed()
            simulation._simulate()

    def action_apply(self):
        """Make the new numbers those of the program; its chatter says who changed what."""
        self.check_access("write")
        self._check_state(("simulated",))
        self.lock_for_update()
        for simulation in self:
            simulation._check_fresh()
            simulation._log_applied(simulation._write_rules())
            simulation._set_state("applied")

    def _write_rules(self):
        """Write the new rules in an order in which each step is valid.

        :return: list of sentences that say what changed
        """
        fewer = self.grade_ids.filtered(lambda tier: tier.points_new < tier.points_now)
        return fewer._apply() + self.line_ids._apply() + (self.grade_ids - fewer)._apply()

    def action_discard(self):
        """Put the what-if away; nothing changes."""
        self.check_access("write")
        self._check_state(("draft", "simulated"))
        self._set_state("discarded")

    def action_reset(self):
        """Take a discarded what-if up again with the program's present rules."""
        self.check_access("write")
        self._check_state(("discarded", "simulated", "draft"))
        for simulation in self:
            simulation._set_state("draft")
            simulation.result_ids.unlink()
            simulation._compute_lines()

    def action_view_results(self):
        """Open the partners that move."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_tier_simulation_result_action"
        )
        return {**action, "domain": [("simulation_id", "=", self.id)]}

    def _check_fresh(self):
        """The rules must still be those that the what-if started from."""
        tiers = self.program_id._prm_tiers()
        if (
            self.line_ids._get_stale()
            or self.grade_ids._get_stale()
            or self.grade_ids.grade_id != tiers
            or tiers.requirement_ids - self.line_ids.requirement_id
        ):
            raise UserError(
                self.env._(
                    "The requirements of “%(program)s” have changed since this what-if was made."
                    " Start it again with “Reset”.",
                    program=self.program_id.name,
                )
            )

    def _check_changed(self):
        if not (self.line_ids._get_changed() or self.grade_ids._get_changed()):
            raise UserError(
                self.env._("Change a threshold or points first: nothing would be different.")
            )

    def _get_days(self):
        """The last day of each month of the period, counted from its end."""
        days, months = [self.date_to], 1
        while (day := self.date_to - relativedelta(months=months)) > self.date_from:
            days.append(day)
            months += 1
        return days[::-1]

    def _simulate(self):
        """Measure once per metric and month, then replay each member twice."""
        days, program = self._get_days(), self.program_id
        memberships = self.env["prm.membership"].search(program._get_reviewed_domain())
        measured = self._measure_days(memberships.partner_id, days)
        ladders = (self._get_ladder(new=False), self._get_ladder(new=True))
        starts = self._get_start_levels(memberships)
        outcomes = []
        for membership in memberships:
            steps = [day for day in days if day >= (membership.date_start or day)]
            levels = [
                self._replay(membership, ladder, steps, measured, starts) for ladder in ladders
            ]
            outcomes.append((membership, steps, *levels))
        self._store(outcomes)

    def _get_ladder(self, new):
        lines = self.line_ids.grouped("grade_id")
        return [
            tier_review.Tier(
                tuple(line._as_rule(new) for line in lines.get(tier.grade_id, [])),
                tier.points_new if new else tier.points_now,
            )
            for tier in self.grade_ids.sorted(lambda tier: tier.sequence)
        ]

    def _get_start_levels(self, memberships):
        """The tier of each membership when the period began, or when it joined, and since when.

        :return: ``{membership_id: (level, day)}``
        """
        levels = {tier.grade_id.id: tier.level for tier in self.grade_ids}
        self.env["prm.tier.change"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (membership_id) membership_id, new_grade_id, date::date
                  FROM prm_tier_change
                 WHERE membership_id = ANY(%s) AND kind != 'end'
                 ORDER BY membership_id, (date <= %s) DESC,
                          CASE WHEN date <= %s THEN date END DESC, date, id
                """,
                memberships.ids,
                self.date_from,
                self.date_from,
            )
        )
        return {
            membership_id: (levels.get(grade_id, tier_review.NO_TIER), day)
            for membership_id, grade_id, day in rows
        }

    def _replay(self, membership, ladder, days, measured, starts):
        """The level of a membership after each of some days, if the rules had been ``ladder``."""
        if membership.override_until and membership.override_until >= self.date_to:
            return [self._get_level(membership.grade_id)] * len(days)  # no rule changes that
        partner_id, rules = membership.partner_id.id, self.program_id._review_rules()
        level, since = starts.get(membership.id, (tier_review.NO_TIER, None))
        held = since and since <= self.date_from
        standing = tier_review.Standing(
            level=level, hold_until=tier_review.hold_until(since, rules) if held else None
        )
        due = self._get_due_days(membership, days)
        steps = []
        for day in days:
            own = {key: found[partner_id] for key, found in measured[day].items()}
            steps.append((day, [tier.state(own) for tier in ladder], day in due))
        _standing, levels = tier_review.replay(standing, steps, rules)
        return levels

    def _get_level(self, grade):
        """The number of a tier from the lowest up."""
        tiers = self.grade_ids.sorted("sequence").grade_id
        return tiers.ids.index(grade.id) if grade in tiers else tier_review.NO_TIER

    def _get_due_days(self, membership, days):
        """The first simulated day on or after each regular review of a membership."""
        due, start = set(), membership.date_start or self.date_from
        following = self._get_next_review(start, self.date_from)
        for day in days:
            if following and following <= day:
                due.add(day)
                following = self._get_next_review(following, day)
        return due

    def _get_next_review(self, review, day):
        """The first regular review after a day, None without reviews; ``review`` is one before."""
        while review and review <= day:
            review = self.program_id._next_review(review)
        return review

    def _store(self, outcomes):
        """Write the movers and the summary of each tier."""
        self.result_ids.unlink()
        self._set_state("simulated")
        by_level = self.grade_ids.sorted("sequence").grade_id
        movers = [
            vals for outcome in outcomes if (vals := self._prepare_result_vals(by_level, *outcome))
        ]
        results = self.env["prm.tier.simulation.result"].create(movers)
        up = results.filtered(lambda result: result.direction == "up")
        self.write(
            {
                "member_count": len(outcomes),
                "up_count": len(up),
                "down_count": len(results) - len(up),
            }
        )
        self._summarise(outcomes)

    def _prepare_result_vals(self, tiers, membership, days, before, after):
        if not before or before[-1] == after[-1]:
            return None
        pairs = zip(before, after, strict=True)
        same = [index for index, (old, new) in enumerate(pairs) if old == new]

        def grade_id(level):
            return tiers[level].id if level >= 0 else False

        return {
            "simulation_id": self.id,
            "membership_id": membership.id,
            "partner_id": membership.partner_id.id,
            "grade_today_id": membership.grade_id.id,
            "grade_before_id": grade_id(before[-1]),
            "grade_after_id": grade_id(after[-1]),
            "steps": after[-1] - before[-1],
            "direction": "up" if after[-1] > before[-1] else "down",
            "date": days[same[-1] + 1 if same else 0],
        }

    def _summarise(self, outcomes):
        memberships = self.env["prm.membership"].union(*(outcome[0] for outcome in outcomes))
        revenue = self._get_revenue(memberships.partner_id)
        counts = {"before": Counter(), "after": Counter(), "up": Counter(), "down": Counter()}
        sums = {"before": Counter(), "after": Counter()}
        for membership, _days, before, after in outcomes:
            if not before:
                continue
            old, new = before[-1], after[-1]
            for when, level in (("before", old), ("after", new)):
                counts[when][level] += 1
                sums[when][level] += revenue[membership.partner_id.id]
            counts["up" if new > old else "down"][new] += new != old
        self.untiered_before = counts["before"][tier_review.NO_TIER]
        self.untiered_after = counts["after"][tier_review.NO_TIER]
        for tier in self.grade_ids:
            tier.write(
                {
                    **{f"count_{name}": found[tier.level] for name, found in counts.items()},
                    **{
                        f"cost_{when}": tier._get_cost(
                            counts[when][tier.level], sums[when][tier.level]
                        )
                        for when in sums
                    },
                }
            )

    def _get_revenue(self, partners):
        """Revenue of the last twelve months of the period, for costs that are a share of it."""
        start = self.date_to - relativedelta(years=1) + relativedelta(days=1)
        program = self.program_id
        return self.env["prm.metric"]._measure(
            "revenue", partners, start, self.date_to, program.company_id, program.currency_id
        )

    def _log_applied(self, changes):
        """Say in the program's chatter who changed what."""
        items = Markup("").join(Markup("<li>%s</li>") % change for change in changes)
        body = Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._(
                "%(user)s applied the what-if “%(name)s”:", user=self.env.user.name, name=self.name
            ),
            items,
        )
        self.program_id.message_post(body=body)
