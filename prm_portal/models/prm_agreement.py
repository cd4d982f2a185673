from odoo import models


class PrmAgreement(models.Model):
    _name = "prm.agreement"
    _inherit = ["prm.portal.page", "prm.agreement"]

    def _get_portal_path(self):
        self.ensure_one()
        return f"/my/agreements/{self.id}"
