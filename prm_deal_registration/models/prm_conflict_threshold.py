from odoo import api, fields, models, tools

from .prm_conflict_rule import SEVERITIES


class PrmConflictThreshold(models.Model):
    """From which score on a match has which severity."""

    _name = "prm.conflict.threshold"
    _description = "Conflict Threshold"
    _order = "score desc, id"
    _rec_name = "severity"

    severity = fields.Selection(SEVERITIES, required=True)
    score = fields.Integer(string="From Score", required=True)

    _severity_uniq = models.UniqueIndex(
        "(severity)", "There is already a threshold for this severity."
    )
    _score_check = models.Constraint(
        "CHECK(score BETWEEN 1 AND 100)", "A threshold lies between 1 and 100."
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _get_severity(self, score):
        """The gravest severity that a score reaches, or False."""
        return next((name for name, lowest in self._get_scores() if score >= lowest), False)

    @api.model
    @tools.ormcache()
    def _get_scores(self):
        # sudo: the thresholds are the same for everybody, whoever registers.
        lowest = {line.severity: line.score for line in self.sudo().search([])}
        return [(name, lowest[name]) for name, _label in reversed(SEVERITIES) if name in lowest]
