import base64

from odoo import api, models
from odoo.exceptions import UserError

SEALED_FIELDS = {
    "name",
    "raw",
    "datas",
    "db_datas",
    "store_fname",
    "checksum",
    "mimetype",
    "type",
    "url",
    "public",
    "res_model",
    "res_id",
    "res_field",
    "company_id",
}


class IrAttachment(models.Model):
    """A signed document stays what it is, and where it is."""

    _inherit = "ir.attachment"

    def write(self, vals):
        for attachment in self._prm_get_sealed() if SEALED_FIELDS & vals.keys() else ():
            if any(attachment._prm_changes(name, value) for name, value in vals.items()):
                raise UserError(attachment._prm_get_sealed_message())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        sealed = self._prm_get_sealed()
        if sealed:
            raise UserError(sealed[0]._prm_get_sealed_message())

    def _prm_get_sealed(self):
        """Those of these attachments that somebody has signed."""
        # sudo: whether a file is signed binds also those who see no signatures.
        documents = self.sudo().filtered(lambda one: one.res_model == "prm.agreement")
        if not documents:
            return documents
        signatures = self.env["prm.agreement.signature"].sudo()
        return signatures.search([("attachment_id", "in", documents.ids)]).attachment_id

    def _prm_changes(self, name, value):
        """Whether the value is another one; moving a file to another storage writes the same."""
        if name not in SEALED_FIELDS:
            return False
        if name == "datas":
            return base64.b64decode(value or b"") != (self.raw or b"")
        return (value or False) != (self[name] or False)

    def _prm_get_sealed_message(self):
        return self.env._("“%s” was signed. It cannot be changed or deleted.", self.name)
