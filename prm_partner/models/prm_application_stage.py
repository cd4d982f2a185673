from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("new", "New"),
    ("in_review", "In Review"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]


class PrmApplicationStage(models.Model):
    """A column of the board of applications.

    Several stages may stand for one state, so that a company can have its own steps of review.
    """

    _name = "prm.application.stage"
    _description = "Application Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean(string="Folded in Kanban")
    state = fields.Selection(
        STATES,
        required=True,
        default="in_review",
        index=True,
        help="What an application is while it stands here. Decided ones get there by a decision.",
    )
    description = fields.Text(translate=True, help="What is done here, shown as a tooltip.")

    def write(self, vals):
        if "state" in vals:
            moved = self.filtered(lambda stage: stage.state != vals["state"])
            moved._check_not_last()
            moved._check_unused()
        return super().write(vals)

    def _check_unused(self):
        # sudo: applications that the user does not see hold their stage as well.
        used = self.env["prm.application"].sudo().search([("stage_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "There are applications in “%(stage)s”. Move them to another stage first.",
                    stage=used.stage_id.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _check_not_last(self):
        """Every state keeps a stage, or a decision would have nowhere to go."""
        groups = self._read_group([("id", "not in", self.ids)], ["state"])
        left = {state for (state,) in groups}
        missing = [stage for stage in self if stage.state not in left]
        if missing:
            raise UserError(
                self.env._(
                    "“%(stage)s” is the only stage of its kind. Add another one before.",
                    stage=missing[0].name,
                )
            )

    @api.model
    def _first(self, state):
        """The first stage of a state."""
        return self.search([("state", "=", state)], limit=1)
