from odoo import api, fields, models


class PrmEnroll(models.TransientModel):
    _inherit = "prm.enroll"

    program_id = fields.Many2one(default=lambda self: self.env.company.prm_default_program_id)
    user_id = fields.Many2one(
        compute="_compute_user_id", store=True, readonly=False, default=None
    )

    @api.depends("program_id", "partner_id")
    def _compute_user_id(self):
        for wizard in self:
            wizard.user_id = self.env["res.company"]._prm_get_manager(
                wizard.program_id, wizard.partner_id
            )
