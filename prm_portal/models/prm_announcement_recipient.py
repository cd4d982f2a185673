from odoo import api, models
from odoo.tools import hmac


class PrmAnnouncementRecipient(models.Model):
    _inherit = "prm.announcement.recipient"

    def _get_unsubscribe_url(self):
        self.ensure_one()
        contact_id = self.partner_id.id
        token = self._get_stop_token(contact_id)
        return f"{self.get_base_url()}/partner/announcements/stop/{contact_id}/{token}"

    @api.model
    def _get_stop_token(self, contact_id):
        """What proves that a link was mailed to this contact."""
        # sudo: the database's secret is read to sign with, and does not leave the function.
        return hmac(self.env(su=True), "prm-announcement-stop", contact_id)
