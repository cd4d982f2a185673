from odoo import api, fields, models

from .prm_metric import SCOPES


class PrmScorecardLine(models.Model):
    """What one metric contributes to a scorecard, with the limits of that day."""

    _name = "prm.scorecard.line"
    _description = "Scorecard Line"
    _order = "scorecard_id, sequence, id"
    _rec_name = "metric_id"

    scorecard_id = fields.Many2one(
        "prm.scorecard", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(related="scorecard_id.partner_id")
    date = fields.Date(related="scorecard_id.date")
    currency_id = fields.Many2one(related="scorecard_id.currency_id")
    sequence = fields.Integer(readonly=True)
    metric_id = fields.Many2one(
        "prm.metric", required=True, index=True, ondelete="restrict", readonly=True
    )
    unit = fields.Selection(related="metric_id.unit")
    window = fields.Selection("_selection_window", string="Period", readonly=True)
    scope = fields.Selection(SCOPES, readonly=True)
    floor = fields.Float(string="0 Points At", readonly=True)
    target = fields.Float(string="Full Points At", readonly=True)
    value = fields.Float(readonly=True, aggregator="avg")
    points = fields.Float(readonly=True, digits=(5, 2))
    max_points = fields.Float(string="Most Points", readonly=True, digits=(5, 2))
    percent = fields.Float(string="Reached", compute="_compute_percent")
    value_text = fields.Char(string="Measured", compute="_compute_texts")
    range_text = fields.Char(string="From 0 to Full Points", compute="_compute_texts")

    @api.model
    def _selection_window(self):
        return self.env["prm.scorecard.weight"]._selection_window()

    @api.depends("points", "max_points")
    def _compute_percent(self):
        for line in self:
            line.percent = 100 * line.points / line.max_points if line.max_points else 0.0

    @api.depends("value", "floor", "target", "unit", "currency_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        for line in self:
            value, floor, target = (
                self.env["prm.metric"]._format_value(number, line.unit, line.currency_id)
                for number in (line.value, line.floor, line.target)
            )
            line.value_text = value
            line.range_text = f"{floor} → {target}"
