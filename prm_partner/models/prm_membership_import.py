from odoo import api, models

from ..tools import tier_names


class PrmMembership(models.Model):
    _inherit = "prm.membership"

    @api.model
    def get_import_templates(self):
        """The spreadsheet to start from, offered in the import screen."""
        return [
            {
                "label": self.env._("Import Template for Memberships"),
                "template": "/prm_partner/static/xls/prm_membership.xlsx",
            }
        ]

    @api.model
    def load(self, fields, data):
        """Import memberships; a tier may be named without its program, which its row names."""
        return super().load(fields, tier_names.qualify(fields, data))
