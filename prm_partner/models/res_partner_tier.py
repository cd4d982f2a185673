from odoo import api, fields, models

from ..tools.groups import STAFF


class ResPartner(models.Model):
    """The way to the next tier of the primary membership, on the partner itself."""

    _inherit = "res.partner"

    prm_next_grade_id = fields.Many2one(
        "res.partner.grade",
        string="Next Partner Tier",
        compute="_compute_prm_tier",
        groups=STAFF,
    )
    prm_tier_percent = fields.Integer(
        string="Progress to the Next Tier",
        compute="_compute_prm_tier",
        groups=STAFF,
    )
    prm_tier_progress_html = fields.Html(
        string="Requirements of the Next Tier",
        compute="_compute_prm_tier",
        sanitize=False,
        groups=STAFF,
    )

    @api.depends("prm_membership_ids.is_primary", "prm_membership_ids.grade_id")
    @api.depends_context("lang")
    def _compute_prm_tier(self):
        for partner in self:
            membership = partner.prm_primary_membership_id
            partner.prm_next_grade_id = membership.next_grade_id
            partner.prm_tier_percent = membership.tier_percent
            partner.prm_tier_progress_html = membership.tier_progress_html
