from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.groups import STAFF
from .prm_membership_contact import CONTACT_METRIC


class PrmMembership(models.Model):
    """How long a partner has not heard from us, as the nightly history knows it."""

    _inherit = "prm.membership"

    days_without_contact = fields.Integer(
        string="Days without Contact",
        compute="_compute_days_without_contact",
        search="_search_days_without_contact",
        groups=STAFF,
        help="Days since our last contact with the partner, as of last night.",
    )

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_days_without_contact(self):
        history = self.env["prm.metric.value"]
        latest = Domain.OR(history._get_latest_domains(CONTACT_METRIC).values())
        values = history.search(latest & Domain("partner_id", "in", self.partner_id.ids))
        days = {(value.partner_id, value.company_id): value.value for value in values}
        for membership in self:
            key = (membership.partner_id, membership.company_id)
            membership.days_without_contact = days.get(key, 0)

    @api.model
    def _search_days_without_contact(self, operator, value):
        # Odoo does not look at the groups of a field that has a search method.
        self._check_field_access(self._fields["days_without_contact"], "read")
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        history = self.env["prm.metric.value"]
        asked = Domain("value", operator, value)
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("partner_id", "in", history._search(latest & asked).subselect("partner_id"))
            for company, latest in history._get_latest_domains(CONTACT_METRIC).items()
        )
