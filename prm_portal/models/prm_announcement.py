from odoo import models


class PrmAnnouncement(models.Model):
    _inherit = "prm.announcement"

    def _get_portal_url(self):
        self.ensure_one()
        return f"{self.get_base_url()}/my/announcements/{self.id}"
