from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .prm_metric import SCOPES


class PrmScorecardWeight(models.Model):
    """How much one metric counts in the scorecards of a program."""

    _name = "prm.scorecard.weight"
    _description = "Scorecard Weight"
    _order = "program_id, sequence, id"
    _rec_name = "metric_id"

    program_id = fields.Many2one("prm.program", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="program_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    metric_id = fields.Many2one("prm.metric", required=True, index=True, ondelete="restrict")
    unit = fields.Selection(related="metric_id.unit")
    direction = fields.Selection(related="metric_id.direction")
    window = fields.Selection(
        "_selection_window", string="Period", required=True, default="rolling_12"
    )
    scope = fields.Selection(SCOPES, required=True, default="own")
    weight = fields.Float(default=1.0, required=True, help="Compared with the other metrics.")
    floor = fields.Float(string="0 Points At", help="This value or a worse one gives no points.")
    target = fields.Float(
        string="Full Points At", required=True, help="This value or a better one gives all points."
    )

    _weight_check = models.Constraint(
        "CHECK(weight > 0 AND weight <= 1000)",
        "The weight of a metric must be above zero, and 1,000 at most. Or delete the line.",
    )
    # PostgreSQL sorts NaN above infinity.
    _values_check = models.Constraint(
        "CHECK(target BETWEEN -1e15 AND 1e15 AND COALESCE(floor, 0) BETWEEN -1e15 AND 1e15)",
        "Enter numbers at which a partner gets no points and all points.",
    )
    _metric_uniq = models.Constraint(
        'UNIQUE(program_id, metric_id, "window", scope)',
        "The scorecard of this program has this metric with the same period already.",
    )

    @api.model
    def _selection_window(self):
        """The periods that requirements of tiers know."""
        return self.env["prm.tier.requirement"]._fields["window"]._description_selection(self.env)

    @api.constrains("floor", "target", "metric_id")
    def _check_target(self):
        for line in self:
            if line.direction == "up" and line.target <= line.floor:
                raise ValidationError(
                    self.env._(
                        "“%(metric)s”: higher is better, so full points need a higher value than"
                        " no points.",
                        metric=line.metric_id.name,
                    )
                )
            if line.direction == "down" and line.target >= line.floor:
                raise ValidationError(
                    self.env._(
                        "“%(metric)s”: lower is better, so full points need a lower value than"
                        " no points.",
                        metric=line.metric_id.name,
                    )
                )
