from odoo import fields, models


class PrmCredentialRevoke(models.TransientModel):
    _name = "prm.credential.revoke"
    _description = "Revoke Credential"

    credential_ids = fields.Many2many("prm.credential", required=True)
    reason = fields.Char(required=True, help="The partner sees it.")

    def action_revoke(self):
        """Revoke the chosen credentials; see ``prm.credential.action_revoke``."""
        self.ensure_one()
        self.credential_ids.action_revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
