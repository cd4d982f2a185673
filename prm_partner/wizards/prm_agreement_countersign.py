from odoo import fields, models
from odoo.http import request


class PrmAgreementCountersign(models.TransientModel):
    _name = "prm.agreement.countersign"
    _description = "Counter-sign Agreement"

    agreement_id = fields.Many2one("prm.agreement", required=True, readonly=True)
    partner_id = fields.Many2one(related="agreement_id.partner_id")
    title = fields.Char(related="agreement_id.title")
    signed_by = fields.Char(related="agreement_id.signed_by", string="Signed for the Partner By")
    name = fields.Char(
        string="Your Name", required=True, default=lambda self: self.env.user.name
    )
    # Kept with the agreement by the button; until then it is nobody else's business.
    signature = fields.Binary(attachment=False)

    def action_countersign(self):
        """Sign for our company: the agreement comes into force."""
        self.ensure_one()
        ip = request.httprequest.remote_addr if request else False
        self.agreement_id._countersign(self.name, self.signature, ip)
        self.signature = False
        return {"type": "ir.actions.act_window_close"}
