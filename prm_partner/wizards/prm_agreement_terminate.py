from odoo import fields, models


class PrmAgreementTerminate(models.TransientModel):
    _name = "prm.agreement.terminate"
    _description = "Terminate Agreement"

    agreement_id = fields.Many2one("prm.agreement", required=True, readonly=True)
    reason = fields.Char(required=True, help="For your colleagues; the partner does not see it.")

    def action_terminate(self):
        """In force → terminated today; the partner gets a mail."""
        self.ensure_one()
        agreement = self.agreement_id
        agreement.check_access("write")
        agreement._lock()
        agreement._check_state(("in_force",))
        agreement._close("terminated", self.reason)
        agreement._mail("prm_partner.mail_template_agreement_terminated")
