from odoo import fields, models


class PrmTierSimulationGrade(models.Model):
    _name = "prm.tier.simulation.grade"
    _description = "Tier in a What-If"
    _order = "simulation_id, sequence, id"
    _rec_name = "grade_id"

    simulation_id = fields.Many2one(
        "prm.tier.simulation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="simulation_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="Tier",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    sequence = fields.Integer(related="grade_id.sequence", store=True)
    level = fields.Integer(compute="_compute_level")
    points_now = fields.Integer(readonly=True)
    points_new = fields.Integer(string="New Points")
    count_before = fields.Integer(string="Members by Present Rules", readonly=True)
    count_after = fields.Integer(string="Members by New Rules", readonly=True)
    count_up = fields.Integer(string="Come Up", readonly=True)
    count_down = fields.Integer(string="Come Down", readonly=True)
    cost_before = fields.Monetary(string="Cost by Present Rules", readonly=True)
    cost_after = fields.Monetary(string="Cost by New Rules", readonly=True)

    _points_check = models.Constraint(
        "CHECK(points_new >= 0)", "The points that a tier asks for cannot be negative."
    )

    def _compute_level(self):
        for tier in self:
            tiers = tier.simulation_id.grade_ids.sorted("sequence")
            tier.level = tiers.ids.index(tier.id) if tier.id in tiers.ids else 0

    def _get_stale(self):
        """The tiers that ask for other points now."""
        return self.filtered(lambda tier: tier.points_now != tier.grade_id.points_required)

    def _get_changed(self):
        return self.filtered(lambda tier: tier.points_now != tier.points_new)

    def _get_cost(self, members, revenue):
        """What today's benefits of this tier cost in a year.

        :param int members: number of partners in the tier
        :param float revenue: their revenue together, in the program's currency
        """
        self.ensure_one()
        benefits = self.grade_id.benefit_ids.filtered_domain(
            self.env["prm.tier.benefit"]._get_effective_domain(fields.Date.context_today(self))
        )
        fixed = sum(benefits.mapped("annual_cost")) * members
        share = sum(benefits.mapped("cost_percent")) * revenue / 100
        return self.currency_id.round(fixed + share)

    def write(self, vals):
        if "points_new" in vals:
            self.simulation_id._outdate()
        return super().write(vals)

    def _apply(self):
        """Write the new points to the tiers.

        :return: list of sentences that say what changed
        """
        sentences = []
        for tier in self._get_changed():
            tier.grade_id.points_required = tier.points_new
            sentences.append(
                self.env._(
                    "%(tier)s: points required %(old)s → %(new)s",
                    tier=tier.grade_id.name,
                    old=tier.points_now,
                    new=tier.points_new,
                )
            )
        return sentences
