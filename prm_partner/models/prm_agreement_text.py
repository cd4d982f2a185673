from lxml import html

from odoo import api, fields, models
from odoo.addons.base.models.ir_qweb import QWebError
from odoo.exceptions import ValidationError
from odoo.tools import html_sanitize, is_html_empty
from odoo.tools.rendering_tools import convert_inline_template_to_qweb

from ..tools import merge_fields


class PrmAgreementTemplate(models.Model):
    """The text: merge fields, rendering, and telling its author about mistakes."""

    _inherit = "prm.agreement.template"

    preview = fields.Html(compute="_compute_preview", sanitize=False)
    merge_help = fields.Html(compute="_compute_merge_help", sanitize=False)

    @api.depends("body")
    @api.depends_context("lang")
    def _compute_preview(self):
        samples = self._get_samples()
        for template in self:
            try:
                template.preview = template._render_body(samples)
            except ValidationError as error:
                template.preview = html_sanitize(str(error))

    @api.depends_context("lang")
    def _compute_merge_help(self):
        self.merge_help = self.env["ir.qweb"]._render(
            "prm_partner.agreement_merge_help",
            {
                "merge_fields": [
                    (f"{{{{ object.{path} }}}}", label)
                    for path, (label, _sample) in self._get_merge_fields().items()
                ]
            },
        )

    @api.constrains("body", "name")
    def _check_body(self):
        samples = self._get_samples()
        for template in self:
            template._render_body(samples)

    @api.model
    def _get_merge_fields(self):
        """The merge fields: ``{path behind "object.": (label, example)}``."""
        return {
            "name": (self.env._("Number of the agreement"), "AGR/2030/00042"),
            "title": (self.env._("Name of the agreement"), self.env._("Reseller Agreement")),
            "version": (self.env._("Version"), 3),
            "date_sent": (self.env._("Day of sending"), self.env._("1 March 2030")),
            "date_end": (
                self.env._("Fixed end, empty if there is none"),
                self.env._("31 December 2030"),
            ),
            "duration_months": (self.env._("Duration in months, 0 for no end"), 12),
            "notice_days": (self.env._("Notice in days"), 30),
            "renewal_months": (self.env._("Renewal in months, 0 for never"), 12),
            "partner_id.name": (self.env._("Partner"), "Northwind Systems"),
            "partner_id.address": (
                self.env._("Address of the partner"),
                self.env._("Harbour Street 1, 20457 Hamburg"),
            ),
            "partner_id.country": (self.env._("Country of the partner"), self.env._("Germany")),
            "partner_id.vat": (self.env._("Tax number of the partner"), "DE123456788"),
            "company_id.name": (self.env._("Our company"), "Nordlicht"),
            "company_id.address": (
                self.env._("Our address"),
                self.env._("Market Square 5, 10115 Berlin"),
            ),
            "company_id.vat": (self.env._("Our tax number"), "DE987654321"),
            "program_id.name": (self.env._("Program"), self.env._("Reseller Program")),
            "program_id.currency": (self.env._("Currency of the program"), "EUR"),
            "grade_id.name": (self.env._("Tier, empty if there is none"), self.env._("Gold")),
            "user_id.name": (self.env._("Partner manager"), "Marc Lindner"),
        }

    @api.model
    def _get_samples(self):
        """An example for each merge field, in place of the data of a partner."""
        return {path: sample for path, (_label, sample) in self._get_merge_fields().items()}

    def _render_body(self, values):
        """The text with its merge fields filled in, in the language of the context.

        :param dict values: see ``_get_merge_fields``
        :raise ValidationError: the text has a mistake; the message says where
        """
        self.ensure_one()
        if is_html_empty(self.body):
            return ""
        source = convert_inline_template_to_qweb(self.body)
        forbidden = merge_fields.find_forbidden(source)
        if forbidden:
            raise ValidationError(self._get_forbidden_message(forbidden))
        try:
            text = self.env["ir.qweb"]._render(
                html.fragment_fromstring(source, create_parent="div"),
                {"object": merge_fields.nest(values)},
                minimal_qcontext=True,
            )
        except QWebError as error:
            raise ValidationError(self._get_render_message(error)) from error
        return html_sanitize(text.removeprefix("<div>").removesuffix("</div>"))

    def _get_forbidden_message(self, forbidden):
        if forbidden == "img":
            return self.env._(
                "The text of “%(agreement)s” shows a picture from elsewhere. What is signed must"
                " stay the same for ever, so remove the picture.",
                agreement=self.name,
            )
        return self.env._(
            "The text of “%(agreement)s” uses “%(directive)s”, which agreements do not allow."
            " Use merge fields and conditions (t-if).",
            agreement=self.name,
            directive=forbidden,
        )

    def _get_render_message(self, error):
        return self.env._(
            "The text of “%(agreement)s” has a mistake near “%(place)s”: %(mistake)s\n"
            "Merge fields are: %(names)s",
            agreement=self.name,
            place=error.qweb.element or "",
            mistake=str(error.__cause__ or error.qweb.error),
            names=", ".join(f"object.{path}" for path in self._get_merge_fields()),
        )
