from odoo import fields, models


class PrmTierAssign(models.TransientModel):
    _name = "prm.tier.assign"
    _description = "Change Tier"

    membership_id = fields.Many2one("prm.membership", required=True)
    program_id = fields.Many2one(related="membership_id.program_id")
    old_grade_id = fields.Many2one(related="membership_id.grade_id", string="Current Tier")
    grade_id = fields.Many2one(
        "res.partner.grade",
        string="New Tier",
        required=True,
        domain="[('program_id', '=', program_id), ('id', '!=', old_grade_id)]",
    )
    reason = fields.Char(required=True, help="The partner sees the reason too.")

    def action_assign(self):
        """Change the tier; the reason goes to the tier history and to the partner."""
        self.ensure_one()
        self.membership_id.check_access("write")
        measured = self.membership_id._tier_progress()["requirements"]
        self.membership_id._set_tier(
            self.grade_id, self.reason, {self.membership_id.id: measured}
        )
