from odoo import fields, models

from ..tools import review as tier_review

SOURCES = [
    ("facts", "Measured Again"),
    ("history", "Nightly History"),
    ("mixed", "History, Else Today's Facts"),
    ("present", "Today's Facts"),
]


class PrmTierSimulationLine(models.Model):
    _name = "prm.tier.simulation.line"
    _description = "Requirement in a What-If"
    _order = "simulation_id, id"

    simulation_id = fields.Many2one(
        "prm.tier.simulation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="simulation_id.company_id", store=True, index=True)
    requirement_id = fields.Many2one(
        "prm.tier.requirement", index="btree_not_null", ondelete="set null", readonly=True
    )
    grade_id = fields.Many2one(related="requirement_id.grade_id")
    metric_id = fields.Many2one(related="requirement_id.metric_id")
    window = fields.Selection(related="requirement_id.window")
    scope = fields.Selection(related="requirement_id.scope")
    mode = fields.Selection(related="requirement_id.mode")
    threshold_now = fields.Float(readonly=True)
    threshold_new = fields.Float(string="New Threshold")
    points_now = fields.Integer(readonly=True)
    points_new = fields.Integer(string="New Points")
    source = fields.Selection(
        SOURCES,
        string="Past Values",
        readonly=True,
        copy=False,
        help="Where the values of past days were taken from in the last simulation.",
    )

    _threshold_check = models.Constraint(
        # PostgreSQL sorts NaN above infinity.
        "CHECK(threshold_new > 0 AND threshold_new < 'Infinity')",
        "A tier requirement needs a threshold above zero.",
    )
    _points_check = models.Constraint(
        "CHECK(points_new >= 0)", "The points of a requirement cannot be negative."
    )
    _requirement_uniq = models.Constraint(
        "UNIQUE(simulation_id, requirement_id)", "A what-if has each requirement once."
    )

    def _get_stale(self):
        """The lines whose requirement is gone or has other values now."""
        return self.filtered(
            lambda line: (line.threshold_now, line.points_now)
            != (line.requirement_id.threshold, line.requirement_id.points)
        )

    def _get_changed(self):
        return self.filtered(
            lambda line: (line.threshold_now, line.points_now)
            != (line.threshold_new, line.points_new)
        )

    def _as_rule(self, new):
        """The requirement for ``tools.review``, with its present or its new values."""
        self.ensure_one()
        return tier_review.Requirement(
            key=self.requirement_id._key(),
            threshold=self.threshold_new if new else self.threshold_now,
            down=self.metric_id.direction == "down",
            points=(self.points_new if new else self.points_now) if self.mode == "points" else None,
        )

    def write(self, vals):
        if {"threshold_new", "points_new"} & vals.keys():
            self.simulation_id._outdate()
        return super().write(vals)

    def _apply(self):
        """Write the new values to the requirements.

        Those that ask for more go first, from the highest tier down, then those that ask for less,
        from the lowest up: at no moment a tier asks for less than a lower one.

        :return: list of sentences that say what changed
        """
        changed = self._get_changed().sorted(lambda line: line.grade_id.sequence)
        harder = changed.filtered(
            lambda line: (line.threshold_new < line.threshold_now)
            == (line.metric_id.direction == "down")
        )
        for line in [*reversed(harder), *(changed - harder)]:
            line.requirement_id.write(
                {"threshold": line.threshold_new, "points": line.points_new}
            )
        return [line._describe_change() for line in changed]

    def _describe_change(self):
        values = {"requirement": self.requirement_id.display_name}
        if self.mode == "points":
            return self.env._(
                "%(requirement)s: threshold %(old)g → %(new)g, points %(old_points)s →"
                " %(new_points)s",
                old=self.threshold_now,
                new=self.threshold_new,
                old_points=self.points_now,
                new_points=self.points_new,
                **values,
            )
        return self.env._(
            "%(requirement)s: threshold %(old)g → %(new)g",
            old=self.threshold_now,
            new=self.threshold_new,
            **values,
        )
