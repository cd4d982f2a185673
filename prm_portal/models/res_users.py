from odoo import api, fields, models

MONEY_GROUPS = (
    "prm_partner.group_partner_admin",
    "prm_partner.group_partner_sales",
    "prm_partner.group_partner_finance",
)


class ResUsers(models.Model):
    _inherit = "res.users"

    # Record rules ask it, and they can call no private method.
    prm_no_money = fields.Boolean(
        compute="_compute_prm_no_money",
        groups="base.group_user",
        export_string_translation=False,
    )

    @api.depends("all_group_ids")
    def _compute_prm_no_money(self):
        for user in self:
            user.prm_no_money = (
                user.share
                and user._has_group("prm_partner.group_partner_portal")
                and not any(user._has_group(group) for group in MONEY_GROUPS)
            )
