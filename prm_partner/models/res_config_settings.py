from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    prm_default_program_id = fields.Many2one(
        related="company_id.prm_default_program_id", readonly=False
    )
    prm_manager_rule = fields.Selection(related="company_id.prm_manager_rule", readonly=False)
    prm_invitation_role = fields.Selection(
        related="company_id.prm_invitation_role", readonly=False
    )
    prm_support_partner_id = fields.Many2one(
        related="company_id.prm_support_partner_id", readonly=False
    )
    prm_portal_welcome = fields.Html(related="company_id.prm_portal_welcome", readonly=False)
    prm_announcement_mail = fields.Boolean(
        related="company_id.prm_announcement_mail", readonly=False
    )
    prm_announcement_days = fields.Integer(
        related="company_id.prm_announcement_days", readonly=False
    )
    prm_setup_hidden = fields.Boolean(related="company_id.prm_setup_hidden", readonly=False)

    def action_prm_open_setup(self):
        """Open the setup checklist, also when it was hidden."""
        return self.env["prm.setup"].action_open()
