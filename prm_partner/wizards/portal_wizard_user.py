from odoo import models


class PortalWizardUser(models.TransientModel):
    _inherit = "portal.wizard.user"

    def _send_email(self):
        """Send an invitation that is part of a larger step only when all of it has succeeded."""
        if not self.env.context.get("prm_mail_after_commit"):
            return super()._send_email()
        self.ensure_one()
        user = self.user_id.sudo()  # sudo: the invitation was granted; the mail is about the user
        user.partner_id.signup_prepare()
        template = self.env.ref("auth_signup.portal_set_password_email").with_context(
            dbname=self.env.cr.dbname,
            lang=user.lang,
            welcome_message=self.wizard_id.welcome_message,
            medium="portalinvite",
        )
        mail = self.env["mail.mail"].sudo().browse(template.send_mail(user.id))  # sudo: as above
        mail.send_after_commit()
        return True
