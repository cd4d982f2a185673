from odoo import api, models

PORTAL_GROUP = "prm_partner.group_partner_portal"


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _update_last_login(self):
        res = super()._update_last_login()
        # The groups of a user are cached: for everybody else it costs no query.
        if self.env.user._has_group(PORTAL_GROUP):
            self.env.user.partner_id._prm_mark_milestone("first_login")
        return res
