import base64

from odoo import fields, models


class PrmAgreementPaper(models.TransientModel):
    _name = "prm.agreement.paper"
    _description = "Record an Agreement Signed on Paper"

    agreement_id = fields.Many2one("prm.agreement", required=True, readonly=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id")
    name = fields.Char(string="Signed By", required=True, help="Who signed for the partner.")
    function = fields.Char(string="Job Position")
    date = fields.Date(
        string="Signed On",
        required=True,
        default=fields.Date.context_today,
        help="Day of the last signature.",
    )
    file = fields.Binary(string="Scan", required=True, attachment=False)
    file_name = fields.Char()

    def action_record(self):
        """The agreement is in force, with the scan as its document."""
        self.ensure_one()
        self.agreement_id._record_paper(
            self.name, self.function, self.date, base64.b64decode(self.file or b"")
        )
        return {"type": "ir.actions.act_window_close"}
