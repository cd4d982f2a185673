from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import review, windows
from .prm_metric import SCOPES, WINDOWS


class PrmTierRequirement(models.Model):
    _name = "prm.tier.requirement"
    _description = "Tier Requirement"
    _order = "grade_id, sequence, id"

    grade_id = fields.Many2one(
        "res.partner.grade", string="Tier", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    # The database asks for the metric, so that its message says more than "a field is missing".
    metric_id = fields.Many2one("prm.metric", index=True, ondelete="restrict")
    unit = fields.Selection(related="metric_id.unit")
    threshold = fields.Float(required=True, help="The value that the metric has to reach.")
    window = fields.Selection(
        WINDOWS,
        required=True,
        default="rolling_12",
    )
    scope = fields.Selection(SCOPES, string="Whose Results", required=True, default="own")
    mode = fields.Selection(
        [("mandatory", "Mandatory"), ("points", "Gives points")], required=True, default="mandatory"
    )
    points = fields.Integer(help="What the partner gets when this requirement is met.")

    _metric_check = models.Constraint(
        "CHECK(metric_id IS NOT NULL)",
        "A threshold needs a metric. Choose what is measured, for example Revenue.",
    )
    _threshold_check = models.Constraint(
        # PostgreSQL sorts NaN above infinity.
        "CHECK(threshold > 0 AND threshold < 'Infinity')",
        "A tier requirement needs a threshold above zero.",
    )
    _points_check = models.Constraint(
        "CHECK(mode != 'points' OR COALESCE(points, 0) > 0)",
        "A requirement that gives points needs the number of points, above zero.",
    )
    _metric_uniq = models.Constraint(
        'UNIQUE(grade_id, metric_id, "window", scope)',
        "This tier already has a requirement with the same metric, period and scope.",
    )

    @api.depends("metric_id.name", "grade_id.name")
    def _compute_display_name(self):
        for requirement in self:
            requirement.display_name = (
                f"{requirement.grade_id.name or ''}: {requirement.metric_id.name or ''}"
            )

    @api.constrains("grade_id", "metric_id", "threshold", "window", "scope", "mode", "points")
    def _check_tier(self):
        self.grade_id._check_points_required()
        self._check_order()

    def _check_order(self):
        """A higher tier may not ask for less than a lower one."""
        for program, requirements in self.grouped(lambda line: line.grade_id.program_id).items():
            if program:
                keys = {requirement._key() for requirement in requirements}
                program._prm_tiers().requirement_ids._check_rising(keys)

    def _check_rising(self, keys):
        """Compare the mandatory requirements of a program's tiers, from the lowest tier up."""
        last = {}
        for line in self.filtered(lambda line: line.mode == "mandatory" and line._key() in keys):
            below = last.get(line._key())
            sign = -1 if line.metric_id.direction == "down" else 1
            if below and sign * line.threshold < sign * below.threshold:
                raise ValidationError(
                    self.env._(
                        "“%(higher)s” asks for less %(metric)s (%(less)g) than the lower tier"
                        " “%(lower)s” (%(more)g). Change one of the two thresholds, or the order"
                        " of the tiers.",
                        higher=line.grade_id.name,
                        metric=line.metric_id.name,
                        less=line.threshold,
                        lower=below.grade_id.name,
                        more=below.threshold,
                    )
                )
            last[line._key()] = line

    def _key(self):
        """What is measured: requirements with the same key share one measurement."""
        self.ensure_one()
        return (self.metric_id.code, self.window, self.scope)

    def _as_rule(self):
        """This requirement for ``tools.review``."""
        self.ensure_one()
        return review.Requirement(
            key=self._key(),
            threshold=self.threshold,
            down=self.metric_id.direction == "down",
            points=self.points if self.mode == "points" else None,
            facts=self._get_facts(),
            metric=self.metric_id.name,
        )

    def _get_facts(self):
        """What the tier history keeps of this requirement beside the measured value."""
        facts = {
            "code": self.metric_id.code,
            "unit": self.unit,
            "window": self.window,
            "scope": self.scope,
        }
        if self.mode == "points":
            facts["points"] = self.points
        return facts

    @api.model
    def _get_periods(self):
        """Names of the windows, in the user's language."""
        return dict(self._fields["window"]._description_selection(self.env))

    def _measure(self, partners, program, day):
        """Measure what these requirements ask for, as of ``day``.

        :return: ``{key: {partner_id: value}}``; as many queries as keys, however many partners
        """
        metrics = self.env["prm.metric"]
        return {
            key: metrics._measure(
                key[0],
                partners,
                windows.window_start(key[1], day),
                day,
                program.company_id,
                program.currency_id,
                key[2],
            )
            for key in dict.fromkeys(line._key() for line in self)
        }

    def _measure_for_review(self, partners, program, day):
        """Measure what a review decides by: like ``_measure``, fair at the turn of the year.

        The sum of a calendar period begins anew with the period, so what counts is the better one
        of the running period and the last complete one: a tier that was earned in one year is
        kept for the next, and can be won back in it.
        """
        values = self._measure(partners, program, day)
        for end, lines in self.grouped(lambda line: windows.last_end(line.window, day)).items():
            if not end:
                continue
            better = {
                line._key(): min if line.metric_id.direction == "down" else max for line in lines
            }
            for key, last in lines._measure(partners, program, end).items():
                values[key] = {
                    partner_id: better[key](value, last[partner_id])
                    for partner_id, value in values[key].items()
                }
        return values
