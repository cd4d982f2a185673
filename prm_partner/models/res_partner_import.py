from odoo import api, models

from ..tools import tier_names


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def get_import_templates(self):
        """Partners with their memberships, where the import is started from the partners' list."""
        if not self.env.context.get("prm_partner_import"):
            return super().get_import_templates()
        return [
            {
                "label": self.env._("Import Template for Partners"),
                "template": "/prm_partner/static/xls/prm_partner.xlsx",
            }
        ]

    @api.model
    def load(self, fields, data):
        """Import partners; a membership's tier may be named without its program."""
        return super().load(fields, tier_names.qualify(fields, data, "prm_membership_ids/"))
