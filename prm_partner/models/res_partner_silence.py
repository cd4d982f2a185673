from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.groups import STAFF
from .res_partner_home import PRIMARY_DOMAIN


class ResPartner(models.Model):
    """How long a partner has not heard from us, by its primary membership."""

    _inherit = "res.partner"

    prm_days_without_contact = fields.Integer(
        string="Days without Contact",
        compute="_compute_prm_days_without_contact",
        search="_search_prm_days_without_contact",
        groups=STAFF,
        help="Days since our last contact with the partner, as of last night.",
    )

    @api.depends("prm_primary_membership_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_prm_days_without_contact(self):
        for partner in self:
            membership = partner.prm_primary_membership_id
            partner.prm_days_without_contact = membership.days_without_contact

    @api.model
    def _search_prm_days_without_contact(self, operator, value):
        # Odoo does not look at the groups of a field that has a search method.
        self._check_field_access(self._fields["prm_days_without_contact"], "read")
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        asked = Domain("days_without_contact", operator, value)
        found = self.env["prm.membership"]._search(Domain(PRIMARY_DOMAIN) & asked)
        return Domain("id", "in", found.subselect("partner_id"))
