from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _update_last_login(self):
        res = super()._update_last_login()
        user = self.env.user
        # The groups of a user are cached: for everybody else it costs no query.
        if user.has_group("prm_partner.group_partner_portal"):
            self.env["prm.portal.visit"]._log(user)
            user.partner_id._prm_mark_milestone("first_login")
        return res
