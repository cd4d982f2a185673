import base64
import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

MAX_FILE_SIZE = 10 * 1024 * 1024
MAX_FILES = 5
MAX_NAME = 250
FILE_TYPES = {
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "text/plain",
    "text/csv",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
}


class PrmDealRegistration(models.Model):
    """The files that a partner adds to a claim."""

    _inherit = "prm.deal.registration"

    def _attach(self, name, content):
        """Attach a file of the partner. The caller has checked that the user may act on the deal.

        :param str name: name of the file
        :param bytes content: the file; its type is found by looking at it
        :return: the ``ir.attachment``
        :raise UserError: empty, too large, too many, or of a type that is not accepted
        """
        self.ensure_one()
        # sudo: partners have no access to attachments.
        attachments = self.env["ir.attachment"].sudo()
        mimetype = guess_mimetype(content, default="application/octet-stream").split(";")[0]
        self._check_file(content, mimetype)
        if attachments.search_count(self._get_attachment_domain()) >= MAX_FILES:
            raise UserError(self.env._("A deal can have at most %s files.", MAX_FILES))
        return attachments.create(
            {
                "name": self._get_file_name(name),
                "datas": base64.b64encode(content),
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _check_file(self, content, mimetype):
        if not content:
            raise UserError(self.env._("The file is empty."))
        if len(content) > MAX_FILE_SIZE:
            raise UserError(self.env._("The file is larger than 10 MB. Send a smaller one."))
        if mimetype not in FILE_TYPES:
            raise UserError(
                self.env._("This type of file is not accepted. Send a PDF, an image or a document.")
            )

    @api.model
    def _get_file_name(self, name):
        base = re.split(r"[/\\]", name or "")[-1]
        return re.sub(r"[\x00-\x1f\x7f]", "", base).strip()[-MAX_NAME:] or self.env._("File")

    def _get_attachment_domain(self):
        return [
            ("res_model", "=", self._name),
            ("res_id", "in", self.ids),
            ("res_field", "=", False),
        ]
