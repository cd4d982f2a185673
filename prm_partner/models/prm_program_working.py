from odoo import fields, models

from ..tools.groups import STAFF


class PrmProgram(models.Model):
    """How often we are in touch with partners of a program, and what makes them healthy."""

    _inherit = "prm.program"

    contact_days = fields.Integer(
        string="Contact Every (Days)",
        groups=STAFF,
        help="Without any touch for so many days, the partner manager gets an activity. 0: off.",
    )
    scorecard_weight_ids = fields.One2many(
        "prm.scorecard.weight",
        "program_id",
        string="Scorecard",
        groups=STAFF,
        copy=True,
    )
    health_green = fields.Integer(
        string="Green From", default=80, required=True, groups=STAFF
    )
    health_amber = fields.Integer(
        string="Amber From", default=50, required=True, groups=STAFF
    )

    _contact_days_check = models.Constraint(
        "CHECK(contact_days BETWEEN 0 AND 3660)",
        "The days without contact are 0 (no reminders) to 3,660.",
    )
    _health_check = models.Constraint(
        "CHECK(0 < health_amber AND health_amber < health_green AND health_green <= 100)",
        "Amber must start above 0 and below green, and green at 100 at most.",
    )

    def action_recompute_scores(self):
        """Compute today's scorecards of all active members now, e.g. after new weights."""
        self.check_access("write")
        self.env["prm.scorecard"]._score_programs(self)
