from odoo import api, models


class PrmBusinessPlan(models.Model):
    _inherit = "prm.business.plan"

    def _get_access_action(self, access_uid=None, force_website=False):
        """People of the partner come from a mail to the plan's page in the portal."""
        self.ensure_one()
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        # sudo: only whether the reader is an outsider is asked of the user.
        if user.sudo().share or force_website:
            return {
                "type": "ir.actions.act_url",
                "url": f"/my/plans/{self.id}",
                "target": "self",
                "res_id": self.id,
            }
        return super()._get_access_action(access_uid, force_website)

    @api.model
    def _get_thread_with_access(self, thread_id, *, mode="read", **kwargs):
        """Plans are shared with the people of the partner only, never by a link with a token."""
        return super()._get_thread_with_access(thread_id, mode=mode)
