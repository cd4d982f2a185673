import uuid

from psycopg2.errors import UniqueViolation
from werkzeug.exceptions import NotFound

from odoo.addons.prm_deal_registration.models.prm_deal_registration_file import MAX_FILE_SIZE
from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import consteq, hmac
from odoo.tools.mimetypes import guess_mimetype

from .common import PartnerPage
from .deals import CORRECTABLE

FILE_FIELD = "attachment"
FORM_ID_LENGTH = 32


class PartnerDealForm(PartnerPage):
    """The form by which a partner registers a deal, or corrects one that was returned.

    It works without JavaScript; what is wrong comes back beside its field, with what was typed.
    """

    @route("/my/deals/new", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def prm_deal_new(self, **_query):
        """The empty form, or the reason why no deal can be registered now."""
        self._check_may_act()
        return self._render_form({}, {})

    @route("/my/deals/new", type="http", auth="user", website=True, methods=["POST"])
    def prm_deal_create(self, **post):
        """Register a deal, then show it."""
        self._check_may_act()
        token = str(post.get("form_token") or "")
        deals = request.env["prm.deal.registration"]
        sent = deals._get_by_form_token(token) if token else deals
        if sent:
            return request.redirect(f"/my/deals/{sent.id}")
        values = self._get_typed(post)
        if not self._is_own_form(token):
            expired = request.env._("This form has expired. Check it and send it again.")
            return self._render_form(values, {}, alert=expired)
        file, errors = self._check_form(values, post)
        if errors:
            return self._render_form(values, errors, file_name=file and file[0], token=token)
        return self._register(values, file, token)

    @route("/my/deals/sent/<string:token>", type="http", auth="user", website=True, readonly=True)
    def prm_deal_sent(self, token, **_query):
        """Where the second of two clicks goes: to the deal that the first one made."""
        self._check_may_act()
        deal = request.env["prm.deal.registration"]._get_by_form_token(token)
        return request.redirect(f"/my/deals/{deal.id}" if deal else "/my/deals")

    @route("/my/deals/<int:deal_id>/edit", type="http", auth="user", website=True, methods=["GET"])
    def prm_deal_edit(self, deal_id, **_query):
        """The form of a deal that the vendor has returned."""
        deal = self._get_correctable(deal_id)
        return self._render_form(self._get_stored(deal), {}, deal=deal)

    @route("/my/deals/<int:deal_id>/edit", type="http", auth="user", website=True, methods=["POST"])
    def prm_deal_resubmit(self, deal_id, **post):
        """Save the corrections and hand the deal in again, then show it."""
        deal = self._get_correctable(deal_id)
        values = self._get_typed(post)
        file, errors = self._check_form(values, post)
        if not errors:
            try:
                with request.env.cr.savepoint():
                    self._attach_file(deal, file)
                    deal.prm_update(values)
                    deal.action_submit()
            except UserError as error:
                return self._render_form(values, {}, alert=str(error), deal=deal)
            return request.redirect(f"/my/deals/{deal.id}")
        return self._render_form(values, errors, file_name=file and file[0], deal=deal)

    def _register(self, values, file, token):
        deals = request.env["prm.deal.registration"].with_context(prm_form_token=token)
        try:
            with request.env.cr.savepoint():
                deal = deals.browse(deals.prm_register(values)["id"])
                self._attach_file(deal, file)
        except UniqueViolation as error:
            if error.diag.constraint_name != "prm_deal_registration_form_token_uniq":
                raise
            return request.redirect(f"/my/deals/sent/{token}")
        except UserError as error:
            return self._render_form(values, {}, alert=str(error), token=token)
        return request.redirect(f"/my/deals/{deal.id}")

    def _check_may_act(self):
        self._get_readable("prm.deal.registration")
        if not self._may_act():
            raise NotFound()

    def _get_correctable(self, deal_id):
        self._check_may_act()
        deal = self._get_own("prm.deal.registration", deal_id)
        if deal.state not in CORRECTABLE:
            raise NotFound()
        return deal

    def _get_typed(self, post):
        """What was typed, as text by field name; anything else that was posted is ignored."""
        names = request.env["prm.deal.registration"]._get_portal_fields()
        return {name: str(post.get(name) or "").replace("\x00", "").strip() for name in names}

    def _get_stored(self, deal):
        """The values of a deal as text for the form."""
        values = deal._get_portal_values()
        return {name: "" if value is False else str(value) for name, value in values.items()}

    def _check_form(self, values, post):
        """Check what was typed, and the file.

        :return: ((file name, content) or None, {field: message})
        """
        deals = request.env["prm.deal.registration"]
        errors = deals._validate_registration(values)
        file = self._read_file(post.get(FILE_FIELD))
        if file:
            try:
                deals._check_file(file[1], guess_mimetype(file[1]).split(";")[0])
            except UserError as error:
                errors[FILE_FIELD] = str(error)
        return file, errors

    def _read_file(self, upload):
        """Name and content of an uploaded file; never more than a little above the limit."""
        if not getattr(upload, "filename", None):
            return None
        return upload.filename, upload.read(MAX_FILE_SIZE + 1)

    def _attach_file(self, deal, file):
        if file:
            deal._attach(*file)

    def _open_form(self):
        """A token for one form, signed for this user.

        The session is no place for it: requests that run at the same time write it over each other.
        """
        form_id = uuid.uuid4().hex
        return form_id + self._sign_form(form_id)

    def _is_own_form(self, token):
        form_id, signature = token[:FORM_ID_LENGTH], token[FORM_ID_LENGTH:]
        return consteq(signature.encode(), self._sign_form(form_id).encode())

    def _sign_form(self, form_id):
        # sudo: the database's secret is read to sign with, and does not leave the function.
        return hmac(request.env(su=True), "prm_portal.deal_form", (request.env.uid, form_id))

    def _render_form(self, values, errors, alert=None, file_name=None, token=None, deal=None):
        env = request.env
        deals = env["prm.deal.registration"]
        crumbs = [(env._("Deals"), "/my/deals")]
        if deal:
            crumbs.append((deal.customer_name, f"/my/deals/{deal.id}"))
        memberships = env.user.partner_id._prm_memberships_open_to("registration")
        page = self._get_page_values(
            "prm_deal_form",
            env._("Correct deal") if deal else env._("Register a deal"),
            crumbs=crumbs,
            deal=deal,
            values=values,
            errors=errors,
            alert=alert,
            file_name=file_name,
            form_token=None if deal else token or self._open_form(),
            block_reasons=[] if memberships else self._get_block_reasons(),
            currency=(deal or memberships[:1].program_id).currency_id,
            countries=env["res.country"].search([]),
            categories=deals._get_portal_categories(),
            required=deals._get_required_fields(),
            labels=deals.fields_get(deals._get_portal_fields(), ["string"]),
        )
        response = request.render("prm_portal.deal_form", page)
        response.status_code = 422 if errors or alert else 200
        return response
