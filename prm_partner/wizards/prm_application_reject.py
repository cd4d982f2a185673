from odoo import fields, models


class PrmApplicationReject(models.TransientModel):
    _name = "prm.application.reject"
    _description = "Reject Applications"

    application_ids = fields.Many2many(
        "prm.application",
        string="Applications",
        required=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    reason_id = fields.Many2one("prm.application.reason", required=True)
    note = fields.Text(string="Note to the Applicant")

    def action_reject(self):
        """Reject the applications; the applicants get a mail with reason and note."""
        self.ensure_one()
        self.application_ids.action_reject(self.reason_id.id, self.note)
        return {"type": "ir.actions.act_window_close"}
