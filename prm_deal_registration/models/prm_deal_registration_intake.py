import math
import re

from odoo import api, fields, models
from odoo.addons.prm_partner.tools import account_keys
from odoo.tools import email_normalize

MAX_CHARS = 250
MAX_TEXT = 10_000
MAX_AMOUNT = 10**12
MIN_PHONE_DIGITS = 5
MIN_VAT_CHARS = 4


class PrmDealRegistration(models.Model):
    """What is filled in for a claim, as people type it, and whether it will do."""

    _inherit = "prm.deal.registration"

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
