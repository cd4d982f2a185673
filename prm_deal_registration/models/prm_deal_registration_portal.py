import base64
import math
import re

from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context, email_normalize
from odoo.tools.mimetypes import guess_mimetype

ROLES = ("prm_partner.group_partner_admin", "prm_partner.group_partner_sales")
MAX_CHARS = 250
MAX_TEXT = 10_000
MAX_AMOUNT = 10**12
MIN_PHONE_DIGITS = 5
MIN_VAT_CHARS = 4
MAX_FILE_SIZE = 10 * 1024 * 1024
MAX_FILES = 5
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
    """What partners do themselves, from the portal or by API."""

    _inherit = "prm.deal.registration"

    @api.model
    def prm_register(self, vals):
        """Register a deal for the company of the calling portal user, and submit it.

        :param dict vals: values of the fields in ``_get_portal_fields``; others are ignored
        :return: ``{"id": …, "name": …, "state": …}``
        :raise AccessError: the user is no administrator or salesperson of a partner
        :raise UserError: the reasons why the partner may not register deals
        :raise ValidationError: a value is missing or wrong
        """
        self._check_portal_role()
        self._check_portal_vals(vals)
        errors = self._validate_registration(vals)
        if errors:
            raise ValidationError(self._format_errors(errors))
        deals = self.with_context(clean_context(self.env.context))  # no values by the back door
        # sudo: role and values were checked; partners have no right to create records.
        deal = deals.sudo().create(self._prepare_portal_vals(vals))
        deal._submit()
        return {"id": deal.id, "name": deal.name, "state": deal.state}

    def prm_update(self, vals):
        """Correct a draft or a returned registration of the own company.

        :param dict vals: values of the fields in ``_get_portal_fields``; others are ignored
        :raise AccessError: not the user's company, or not the role for it
        :raise UserError: the registration is being decided or decided
        :raise ValidationError: a value is missing or wrong
        """
        self.ensure_one()
        self._check_partner_action()
        self._check_state(("draft", "returned"))
        self._check_portal_vals(vals)
        known = {name: vals[name] for name in self._get_portal_fields() if name in vals}
        deal = self.sudo()  # sudo: right, state and values are checked; partners cannot write
        errors = self._validate_registration({**deal._get_portal_values(), **known})
        if errors:
            raise ValidationError(self._format_errors(errors))
        deal.write({name: self._parse_value(name, value) for name, value in known.items()})

    @api.model
    def _get_portal_fields(self):
        """Names of the fields that a partner fills in."""
        return [
            "customer_name",
            "customer_website",
            "customer_email",
            "customer_phone",
            "customer_country_id",
            "customer_vat",
            "category_id",
            "amount",
            "date_close",
            "description",
        ]

    @api.model
    def _get_required_fields(self):
        """Names of the fields without which no deal can be submitted.

        Besides, either e-mail address or website is needed.
        """
        return ["customer_name", "customer_country_id", "amount", "date_close"]

    @api.model
    def _check_portal_vals(self, vals):
        if not isinstance(vals, dict):
            raise ValidationError(self.env._("Send a value for each field, by its name."))

    @api.model
    def _validate_registration(self, vals):
        """Check values as typed into a form.

        :param dict vals: values by field name, typed or as text
        :return: ``{field name: message}``, empty if all is well
        """
        errors = {}
        for name in self._get_portal_fields():
            message = self._get_field_error(name, vals.get(name))
            if message:
                errors[name] = message
        if not vals.get("customer_email") and not vals.get("customer_website"):
            errors["customer_email"] = self.env._("Enter the customer's e-mail address or website.")
        return errors

    @api.model
    def _get_field_error(self, name, raw):
        try:
            value = self._parse_value(name, raw)
        except (TypeError, ValueError, OverflowError):
            return self._get_type_error(name)
        if not value:
            required = name in self._get_required_fields()
            return self.env._("This field is required.") if required else None
        check = getattr(self, f"_check_portal_{name}", None)
        return check(value) if check else self._check_portal_length(name, value)

    @api.model
    def _get_type_error(self, name):
        if self._fields[name].type == "monetary":
            return self.env._("Enter a number, for example 12500.00.")
        if self._fields[name].type == "date":
            return self.env._("Enter a date as year-month-day, for example 2030-12-31.")
        if self._fields[name].type in ("char", "text"):
            return self.env._("Enter a text.")
        return self.env._("Choose one of the values.")

    @api.model
    def _check_portal_length(self, name, value):
        limit = MAX_TEXT if self._fields[name].type == "text" else MAX_CHARS
        if isinstance(value, str) and len(value) > limit:
            return self.env._("Enter at most %s characters.", limit)
        return None

    @api.model
    def _check_portal_customer_email(self, value):
        if "." not in (email_normalize(value) or "").rpartition("@")[2]:
            return self.env._("Enter an e-mail address, for example jo@example.com.")
        return self._check_portal_length("customer_email", value)

    @api.model
    def _check_portal_customer_website(self, value):
        host = re.sub(r"^https?://", "", value, flags=re.IGNORECASE).split("/")[0]
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?", host) or not account_keys.is_website(host):
            return self.env._("Enter a website, for example www.example.com.")
        return self._check_portal_length("customer_website", value)

    @api.model
    def _check_portal_customer_phone(self, value):
        if sum(char.isdigit() for char in value) < MIN_PHONE_DIGITS:
            return self.env._("Enter a phone number of at least %s digits.", MIN_PHONE_DIGITS)
        return self._check_portal_length("customer_phone", value)

    @api.model
    def _check_portal_customer_vat(self, value):
        if sum(char.isalnum() for char in value) < MIN_VAT_CHARS:
            return self.env._("Enter at least %s letters or digits.", MIN_VAT_CHARS)
        return self._check_portal_length("customer_vat", value)

    @api.model
    def _check_portal_customer_country_id(self, value):
        if not self.env["res.country"].browse(value).exists():
            return self.env._("Choose one of the values.")
        return None

    @api.model
    def _check_portal_category_id(self, value):
        if value not in self._get_portal_categories().ids:
            return self.env._("Choose one of the values.")
        return None

    @api.model
    def _check_portal_amount(self, value):
        if not math.isfinite(value) or not 0 < value <= MAX_AMOUNT:
            return self.env._("Enter an amount larger than zero.")
        if self._get_portal_currency().is_zero(value):
            return self.env._("Enter an amount larger than zero.")
        return None

    def _get_portal_currency(self):
        """The currency of these deals, or of those that the user's company registers."""
        # sudo: only the currency is read, of programs that the partner is a member of.
        programs = self.env.user.partner_id._prm_active_memberships().sudo().program_id
        currency = self.sudo().currency_id or programs.currency_id  # sudo: as above
        return currency[:1] or self.env.company.currency_id

    @api.model
    def _check_portal_date_close(self, value):
        if value < fields.Date.context_today(self):
            return self.env._("Enter a date that is not in the past.")
        return None

    @api.model
    def _parse_value(self, name, raw):
        """Turn a value as typed into one that the field takes.

        :raise ValueError: it cannot be understood
        """
        value = raw.strip() if isinstance(raw, str) else raw
        kind = self._fields[name].type
        if value is None or value is False or value == "":
            return False
        if isinstance(value, bool):
            raise ValueError(name)
        if kind == "monetary":
            return float(value)
        if kind == "date":
            if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValueError(name)
            return fields.Date.to_date(value)
        if kind == "many2one":
            return int(value)
        if not isinstance(value, str):
            raise TypeError(name)
        return value.replace("\x00", "")

    @api.model
    def _prepare_portal_vals(self, vals):
        membership = self._get_portal_membership()
        contact = self.env.user.partner_id
        return {
            **{name: self._parse_value(name, vals.get(name)) for name in self._get_portal_fields()},
            "partner_id": contact.commercial_partner_id.id,
            "contact_id": contact.id,
            "membership_id": membership.id,
            "company_id": membership.company_id.id,
        }

    @api.model
    def _get_portal_membership(self):
        """The membership by which the portal user's company registers.

        :raise UserError: there is none, with the reasons
        """
        partner = self.env.user.partner_id
        membership = partner._prm_memberships_open_to("registration")[:1]
        if not membership:
            raise UserError("\n".join(partner._prm_block_reasons("registration")))
        return membership

    @api.model
    def _get_portal_categories(self):
        """The product categories of deals; their names and ids may be shown to partners.

        Those that the programs name, or all if they name none.
        """
        # sudo: partners have no access to products, but choose from the names of the categories.
        programs = self.env.user.partner_id._prm_active_memberships().sudo().program_id
        return programs.registration_category_ids or self.env["product.category"].sudo().search(
            fields.Domain.TRUE
        )

    def _get_portal_values(self):
        """The values that the partner filled in, as ``_validate_registration`` takes them."""
        self.ensure_one()
        return self._convert_to_write({name: self[name] for name in self._get_portal_fields()})

    @api.model
    def _format_errors(self, errors):
        labels = self.fields_get(list(errors), ["string"])
        return "\n".join(
            f"{labels.get(name, {}).get('string', name)}: {message}"
            for name, message in errors.items()
        )

    @api.model
    def _check_portal_role(self):
        user = self.env.user
        if not any(user.has_group(role) for role in ROLES):
            raise AccessError(
                self.env._(
                    "Only administrators and salespeople of a partner can register deals."
                    " Ask your company's administrator for the role."
                )
            )

    def _check_partner_action(self):
        """The user is staff with write access, or may act for the partner of these deals."""
        if self.env.su:
            return
        self.check_access("read")
        if self.env.user._is_internal():
            self.check_access("write")
            return
        self._check_portal_role()
        if self.partner_id != self.env.user.partner_id.commercial_partner_id:
            raise AccessError(self.env._("This registration belongs to another company."))

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
        return re.sub(r"[\x00-\x1f\x7f]", "", base).strip()[-MAX_CHARS:] or self.env._("File")

    def _get_attachment_domain(self):
        return [
            ("res_model", "=", self._name),
            ("res_id", "in", self.ids),
            ("res_field", "=", False),
        ]
