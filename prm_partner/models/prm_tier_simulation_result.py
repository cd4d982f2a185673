from odoo import fields, models


class PrmTierSimulationResult(models.Model):
    _name = "prm.tier.simulation.result"
    _description = "Partner That Moves in a What-If"
    _order = "direction, steps desc, partner_id"
    _rec_name = "partner_id"

    simulation_id = fields.Many2one(
        "prm.tier.simulation", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="simulation_id.company_id", store=True, index=True)
    membership_id = fields.Many2one(
        "prm.membership", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade", readonly=True
    )
    user_id = fields.Many2one(related="membership_id.user_id", store=True, index=True)
    grade_today_id = fields.Many2one(
        "res.partner.grade",
        string="Tier Today",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    grade_before_id = fields.Many2one(
        "res.partner.grade",
        string="Tier under Present Rules",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    grade_after_id = fields.Many2one(
        "res.partner.grade",
        string="Tier under New Rules",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    direction = fields.Selection([("up", "Up"), ("down", "Down")], required=True, readonly=True)
    steps = fields.Integer(readonly=True, help="How many tiers higher, or lower if negative.")
    date = fields.Date(string="Since", readonly=True, help="When the two would have parted.")
