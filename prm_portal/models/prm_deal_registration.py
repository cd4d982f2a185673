from odoo import api, fields, models


class PrmDealRegistration(models.Model):
    _name = "prm.deal.registration"
    _inherit = ["prm.portal.page", "prm.deal.registration"]

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

    def _get_portal_path(self):
        self.ensure_one()
        return f"/my/deals/{self.id}"
