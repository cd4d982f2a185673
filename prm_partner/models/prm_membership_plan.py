from odoo import api, fields, models

from ..tools.groups import STAFF


class PrmMembership(models.Model):
    """Business plans of a membership."""

    _inherit = "prm.membership"

    business_plan_ids = fields.One2many(
        "prm.business.plan", "membership_id", string="Business Plans", groups=STAFF
    )
    business_plan_count = fields.Integer(
        compute="_compute_business_plan_count", groups=STAFF
    )

    @api.depends("business_plan_ids")
    def _compute_business_plan_count(self):
        groups = self.env["prm.business.plan"]._read_group(
            [("membership_id", "in", self.ids)], ["membership_id"], ["__count"]
        )
        counts = {membership.id: count for membership, count in groups}
        for membership in self:
            membership.business_plan_count = counts.get(membership.id, 0)

    def action_view_business_plans(self):
        """Open the business plans of this membership."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "prm_partner.prm_business_plan_action"
        )
        return {
            **action,
            "domain": [("membership_id", "=", self.id)],
            "context": {"default_membership_id": self.id},
        }
