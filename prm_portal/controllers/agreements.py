from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request, route

from .common import PartnerPage

AGREEMENT = "prm.agreement"
TO_SIGN = Domain("state", "=", "sent")


class PartnerAgreements(PartnerPage):
    """Agreements with the vendor: read, sign, download."""

    @route(
        ["/my/agreements", "/my/agreements/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_agreements(self, page=1, **_query):
        """Agreements that wait for a signature, then all others."""
        agreements = self._get_readable(AGREEMENT)
        values = self._get_page_values(
            "prm_agreements",
            request.env._("Agreements"),
            to_sign=agreements.search(TO_SIGN, order="date_sent"),
            **self._get_list_values(
                agreements, ~TO_SIGN, "date_sent desc, id desc", "/my/agreements", page
            ),
        )
        return request.render("prm_portal.agreements", values)

    @route("/my/agreements/<int:agreement_id>", type="http", auth="user", website=True)
    def prm_agreement(self, agreement_id, **_query):
        """One agreement with its text; the first time that it is opened is noted."""
        agreement = self._get_own(AGREEMENT, agreement_id)
        agreement._mark_read()
        # sudo: names only, of those who can sign, and who has signed for the vendor.
        agreement_sudo = agreement.sudo()
        values = self._get_page_values(
            "prm_agreement",
            agreement.title,
            crumbs=[(request.env._("Agreements"), "/my/agreements")],
            agreement=agreement,
            object=agreement,
            may_sign=agreement._may_sign(),
            problem=agreement._get_signing_problem(),
            signer_names=agreement_sudo.signer_ids.mapped("name"),
            countersigned=agreement_sudo.signature_ids.filtered(
                lambda signature: signature.side == "vendor"
            ),
            user_name=request.env.user.name,
        )
        return request.render("prm_portal.agreement", values)

    @route(
        "/my/agreements/<int:agreement_id>/sign/<string:text_sha256>",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def prm_agreement_sign(self, agreement_id, text_sha256, name=None, signature=None):
        """Sign, as Odoo's signature form asks for it.

        :return: dict that makes the form reload the page, or show an error
        """
        agreement = self._get_own(AGREEMENT, agreement_id)
        try:
            with request.env.cr.savepoint():
                agreement._sign(name, signature, text_sha256, request.httprequest.remote_addr)
        except UserError as error:
            return {"error": str(error)}
        return {"force_refresh": True, "redirect_url": f"/my/agreements/{agreement.id}"}

    @route("/my/agreements/<int:agreement_id>/pdf", type="http", auth="user", website=True)
    def prm_agreement_pdf(self, agreement_id, **_query):
        """Download the document: exactly what was signed, or the text to sign."""
        agreement = self._get_own(AGREEMENT, agreement_id)
        pdf = agreement._get_pdf()
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(pdf)),
            ("Content-Disposition", content_disposition(agreement._get_file_name())),
        ]
        return request.make_response(pdf, headers=headers)
