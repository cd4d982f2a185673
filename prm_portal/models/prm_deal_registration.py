from odoo import api, fields, models


class PrmDealRegistration(models.Model):
    _inherit = "prm.deal.registration"

    form_token = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="The form this deal was sent with, so that one form makes one deal only.",
    )

    # The session cannot tell two clicks apart that arrive at the same moment; the database can.
    _form_token_uniq = models.UniqueIndex(
        "(partner_id, form_token) WHERE form_token IS NOT NULL", "This form was sent already."
    )

    @api.model
    def _prepare_portal_vals(self, vals):
        return {
            **super()._prepare_portal_vals(vals),
            "form_token": self.env.context.get("prm_form_token"),
        }

    @api.model
    def _get_by_form_token(self, token):
        """The deal of the user's company that was made with this form, empty if there is none."""
        # sudo: the token is no field that partners read; only the company's own deals are found.
        company = self.env.user.partner_id.commercial_partner_id
        # The database takes no NUL in a text, addresses and forms may have one.
        token = token.replace("\x00", "")
        domain = [("partner_id", "=", company.id), ("form_token", "=", token)]
        return self.sudo().search(domain, limit=1).sudo(False)

    def _get_access_action(self, access_uid=None, force_website=False):
        """People of the partner come from a mail to the deal's page in the portal."""
        self.ensure_one()
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        # sudo: only whether the reader is an outsider is asked of the user.
        if user.sudo().share or force_website:
            return {
                "type": "ir.actions.act_url",
                "url": f"/my/deals/{self.id}",
                "target": "self",
                "res_id": self.id,
            }
        return super()._get_access_action(access_uid, force_website)

    @api.model
    def _get_thread_with_access(self, thread_id, *, mode="read", **kwargs):
        """Deals are shared with the people of the partner only, never by a link with a token."""
        return super()._get_thread_with_access(thread_id, mode=mode)
