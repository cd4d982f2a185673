from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import append_only


class PrmAgreementSignature(models.Model):
    """Who signed what, when and from where. Rows are never changed, whoever tries."""

    _name = "prm.agreement.signature"
    _description = "Signature of an Agreement"
    _order = "date, id"

    agreement_id = fields.Many2one(
        "prm.agreement", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict", readonly=True
    )
    side = fields.Selection(
        [("partner", "Partner"), ("vendor", "Our Company")], required=True, readonly=True
    )
    method = fields.Selection(
        [("portal", "In the portal"), ("office", "In the back end"), ("paper", "On paper")],
        required=True,
        readonly=True,
    )
    name = fields.Char(string="Signed By", required=True, readonly=True)
    function = fields.Char(string="Job Position", readonly=True)
    email = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
        help="Who signed, or who recorded a signature on paper.",
    )
    date = fields.Datetime(required=True, readonly=True)
    ip = fields.Char(string="IP Address", readonly=True)
    # In the table itself, where it is protected like the rest of the row.
    image = fields.Binary(string="Signature", attachment=False, readonly=True)
    text_sha256 = fields.Char(string="SHA-256 of the Text", required=True, readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment",
        string="PDF",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    pdf_sha256 = fields.Char(string="SHA-256 of the PDF", required=True, readonly=True)

    _image_check = models.Constraint(
        "CHECK(method = 'paper' OR image IS NOT NULL)", "Draw your signature."
    )
    _side_uniq = models.Constraint(
        "UNIQUE(agreement_id, side)", "This agreement is signed already."
    )

    def _auto_init(self):
        res = super()._auto_init()
        append_only.protect(self.env.cr, self._table)
        return res

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A signature cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A signature cannot be deleted."))

    def _get_block(self):
        """What the document shows of a signature, also of one that is just being made."""
        self.ensure_one()
        return {
            "side": self.side,
            "name": self.name,
            "function": self.function,
            "date": self.date,
            "ip": self.ip,
            "image": self.image,
        }
