from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.groups import STAFF
from .prm_scorecard import HEALTH


class PrmMembership(models.Model):
    """Scorecards of a membership; for staff only."""

    _inherit = "prm.membership"

    scorecard_ids = fields.One2many(
        "prm.scorecard", "membership_id", string="Scorecards", groups=STAFF
    )
    # The latest one and its score are stored here, so that lists sort and group by it.
    scorecard_id = fields.Many2one(
        "prm.scorecard",
        string="Latest Scorecard",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        groups=STAFF,
    )
    score = fields.Float(
        readonly=True,
        copy=False,
        aggregator="avg",
        digits=(5, 1),
        groups=STAFF,
        help="The latest scorecard's score, 0 to 100.",
    )
    score_color = fields.Selection(
        HEALTH, string="Health", readonly=True, copy=False, groups=STAFF
    )
    scorecard_line_ids = fields.One2many(
        related="scorecard_id.line_ids", string="Scorecard Lines", groups=STAFF
    )

    def action_score(self):
        """Compute today's scorecard of these memberships now.

        :raise AccessError: the user may not write one of the memberships
        :raise UserError: a program says nothing about scores
        """
        self.check_access("write")
        without = self.program_id.filtered(lambda program: not program.scorecard_weight_ids)
        if without:
            raise UserError(
                self.env._(
                    "“%(program)s” has no scorecard. Add the metrics that count to the program"
                    " first, each with its weight.",
                    program=without[0].name,
                )
            )
        self.env["prm.scorecard"]._score(self, fields.Date.context_today(self))

    def action_view_scorecards(self):
        """Open the history of the score."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("prm_partner.prm_scorecard_action")
        return {
            **action,
            "domain": [("membership_id", "=", self.id)],
            "context": {"graph_mode": "line"},
            "views": [(False, "graph"), (False, "list"), (False, "form")],
            "view_mode": "graph,list,form",
        }
