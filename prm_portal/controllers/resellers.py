from werkzeug.exceptions import NotFound

from odoo.addons.prm_partner.models.prm_membership import ACTIVE_STATES
from odoo.http import request, route

from .common import PartnerPage

URL = "/my/partner/resellers"


class PartnerResellers(PartnerPage):
    """The resellers of a distributor, as far as the vendor lets it see them."""

    @route([URL, f"{URL}/page/<int:page>"], type="http", auth="user", website=True, readonly=True)
    def prm_resellers(self, page=1, **_query):
        """List of the resellers with their programs, tiers and statuses."""
        memberships = self._get_readable("prm.membership")
        if not memberships.search_count(self._get_distribution_domain(), limit=1):
            raise NotFound()
        found = self._get_list_values(
            memberships, self._get_reseller_domain(), "partner_id, id", URL, page
        )
        # sudo: names of partner, program and tier of the memberships that were found by the rules.
        found["records"] = found["records"].sudo()
        values = self._get_page_values("prm_resellers", request.env._("Resellers"), **found)
        return request.render("prm_portal.resellers", values)

    def _get_navigation(self):
        pages = super()._get_navigation()
        if request.env["prm.membership"].search_count(self._get_reseller_domain(), limit=1):
            pages.append(("prm_resellers", request.env._("Resellers"), URL))
        return pages

    def _get_distribution_domain(self):
        return [
            ("partner_id", "=", self._get_partner_company().id),
            ("program_id.kind", "=", "distributor"),
            ("state", "in", ACTIVE_STATES),
        ]

    def _get_reseller_domain(self):
        company = self._get_partner_company()
        return [("distributor_id", "=", company.id), ("partner_id", "!=", company.id)]
