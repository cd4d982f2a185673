from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
        domain="[('program_id', '=', program_id)]",
    )
    reason = fields.Char(required=True, help="The partner sees the reason too.")
    is_override = fields.Boolean(
        string="Keep It Whatever the Reviews Say",
        help="No review changes the tier until the end of the day below.",
    )
    override_until = fields.Date(string="Keep Until")

    @api.constrains("is_override", "override_until")
    def _check_override(self):
        today = fields.Date.context_today(self)
        for wizard in self.filtered("is_override"):
            if not wizard.override_until or wizard.override_until < today:
                raise ValidationError(
                    self.env._("A tier that is kept by hand needs an end date, not in the past.")
                )

    @api.constrains("reason")
    def _check_reason(self):
        if any(not wizard.reason.strip() for wizard in self):
            raise ValidationError(self.env._("Give the reason; the partner sees it too."))

    def action_assign(self):
        """Change the tier; the reason goes to the tier history and to the partner.

        :raise UserError: the program leaves the decision to program managers
        """
        self.ensure_one()
        membership = self.membership_id
        membership._check_may_change_tier()
        if self.is_override:
            membership._override_tier(self.grade_id, self.reason, self.override_until)
            return
        if self.grade_id == membership.grade_id:
            raise ValidationError(
                self.env._(
                    "%(partner)s has the tier “%(tier)s” already. Choose another one, or keep it"
                    " by hand until a date.",
                    partner=membership.partner_id.name,
                    tier=self.grade_id.name,
                )
            )
        measured = membership._tier_progress()["requirements"]
        membership._set_tier(self.grade_id, self.reason, {membership.id: measured})
