"""What the pages of the partner portal have in common."""

from werkzeug.exceptions import NotFound

from odoo.addons.portal.controllers.portal import CustomerPortal, pager
from odoo.addons.prm_deal_registration.models.prm_deal_registration_portal import ROLES
from odoo.http import request

PORTAL_GROUP = "prm_partner.group_partner_portal"
PAGE_SIZE = 20
MAX_SEARCH = 100


class PartnerPage(CustomerPortal):
    """Base of the controllers: every page is for people of a partner company only.

    To everybody else, and for records of somebody else, a page does not exist.
    """

    def _get_partner_company(self):
        """The company of the portal user.

        :return: ``res.partner``, the commercial partner, as the user sees it
        :raise NotFound: the user has no role at a partner
        """
        user = request.env.user
        if not user.has_group(PORTAL_GROUP):
            raise NotFound()
        return user.partner_id.commercial_partner_id.sudo(False)

    def _get_readable(self, model):
        """The model, for a user who may read it.

        :raise NotFound: the user's role does not see such records at all
        """
        self._get_partner_company()
        records = request.env[model]
        if not records.has_access("read"):
            raise NotFound()
        return records

    def _get_own(self, model, record_id):
        """One record, found by the record rules of the user.

        :raise NotFound: there is none, or it is not the user's: the answer does not tell which
        """
        record = self._get_readable(model).search([("id", "=", record_id)], limit=1)
        if not record:
            raise NotFound()
        return record

    def _get_page_values(self, page_name, title, crumbs=(), **values):
        """Values that every page's template needs.

        :param str page_name: name of the page, marks it in the navigation
        :param str title: title and last item of the breadcrumb
        :param crumbs: pairs (title, address) of the pages between the partner's home and this one
        """
        return {
            **self._prepare_portal_layout_values(),
            "page_name": page_name,
            "title": title,
            "additional_title": title,
            "prm_crumbs": crumbs,
            "prm_navigation": self._get_navigation(),
            **values,
        }

    def _get_navigation(self):
        """Pages that the user's role sees, as (name of the page, title, address)."""
        env = request.env
        pages = [
            ("prm_partner", env._("Overview"), "/my/partner"),
            ("prm_deals", env._("Deals"), "/my/deals"),
            ("prm_credentials", env._("Credentials"), "/my/credentials"),
            ("prm_agreements", env._("Agreements"), "/my/agreements"),
            ("prm_plans", env._("Plans"), "/my/plans"),
        ]
        if env["prm.commission.entry"].has_access("read"):
            pages.append(("prm_commissions", env._("Commissions"), "/my/commissions"))
        if env["prm.commission.settlement"].has_access("read"):
            pages.append(("prm_statements", env._("Statements"), "/my/statements"))
        if env.user.has_group("prm_partner.group_partner_admin"):
            pages.append(("prm_people", env._("People"), "/my/partner/people"))
        return pages

    def _sees_money(self):
        """Whether the user's role sees amounts of deals."""
        deals = request.env["prm.deal.registration"]
        return deals._has_field_access(deals._fields["amount"], "read")

    def _may_act(self):
        """Whether the user's role may register, correct and withdraw deals."""
        return any(request.env.user.has_group(role) for role in ROLES)

    def _can_register(self):
        """Whether the user may register a deal now."""
        return self._may_act() and not self._get_block_reasons()

    def _get_block_reasons(self):
        """Why the user's company cannot register deals now; empty if it can."""
        return request.env.user.partner_id._prm_block_reasons("registration")

    def _get_list_values(self, records, domain, order, url, page, url_args=None, size=PAGE_SIZE):
        """One page of a list.

        :return: dict with ``records``, ``pager`` and ``total``
        """
        total = records.search_count(domain)
        args = {name: value for name, value in (url_args or {}).items() if value}
        pages = pager(url=url, total=total, page=page, step=size, url_args=args)
        # An empty list has no first page: Odoo's pager gives it a negative offset.
        offset = max(pages["offset"], 0)
        return {
            "records": records.search(domain, order=order, limit=size, offset=offset),
            "pager": pages,
            "total": total,
        }

    def _choose(self, options, wanted, default):
        """``wanted`` if it is one of ``options``, else the default: addresses are typed by hand."""
        return wanted if isinstance(wanted, str) and wanted in options else default
