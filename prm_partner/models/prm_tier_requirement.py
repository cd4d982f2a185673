from odoo import fields, models

from ..tools import windows
from .prm_metric import WINDOWS


class PrmTierRequirement(models.Model):
    _name = "prm.tier.requirement"
    _description = "Tier Requirement"
    _order = "grade_id, sequence, id"

    grade_id = fields.Many2one(
        "res.partner.grade", string="Tier", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    metric_id = fields.Many2one("prm.metric", required=True, index=True, ondelete="restrict")
    unit = fields.Selection(related="metric_id.unit")
    threshold = fields.Float(required=True, help="The value that the metric has to reach.")
    window = fields.Selection(
        WINDOWS,
        required=True,
        default="rolling_12",
    )
    mandatory = fields.Boolean(default=True)

    _threshold_check = models.Constraint(
        "CHECK(threshold > 0)", "A tier requirement needs a threshold above zero."
    )
    _metric_uniq = models.Constraint(
        'UNIQUE(grade_id, metric_id, "window")',
        "This tier already has a requirement with the same metric and period.",
    )

    def _progress(self, partner, company, today):
        """How far ``partner`` is with each of these requirements.

        :return: list of dicts with metric, code, unit, value, threshold, missing, percent and met
        """
        values = {
            (code, window): self.env["prm.metric"]._measure(
                code, partner, windows.window_start(window, today), today, company
            )[partner.id]
            for code, window in {(line.metric_id.code, line.window) for line in self}
        }
        return [line._progress_vals(values[line.metric_id.code, line.window]) for line in self]

    def _progress_vals(self, value):
        self.ensure_one()
        reached = min(value / self.threshold, 1.0)
        if self.metric_id.direction == "down":
            reached = 1.0 if value <= self.threshold else self.threshold / value
        return {
            "metric": self.metric_id.name,
            "code": self.metric_id.code,
            "unit": self.unit,
            "value": value,
            "threshold": self.threshold,
            "missing": max(self.threshold - value, 0.0) if reached < 1.0 else 0.0,
            "percent": max(int(reached * 100), 0),
            "met": reached >= 1.0,
            "mandatory": self.mandatory,
        }
