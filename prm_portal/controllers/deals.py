from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from .common import MAX_SEARCH, PartnerPage

PENDING = ("submitted", "in_review", "appealed")
WITHDRAWABLE = ("draft", "returned", "approved", *PENDING)
CORRECTABLE = ("draft", "returned")
# State → (step at which the deal stands, colour of that step).
STEPS = {
    "draft": (1, "primary"),
    "submitted": (2, "primary"),
    "in_review": (2, "primary"),
    "appealed": (2, "primary"),
    "returned": (2, "warning"),
    "withdrawn": (2, "dark"),
    "approved": (3, "success"),
    "rejected": (3, "danger"),
    "won": (4, "success"),
    "lost": (4, "danger"),
    "expired": (4, "dark"),
}


class PartnerDeals(PartnerPage):
    """The partner's deal registrations."""

    @route(
        ["/my/deals", "/my/deals/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_deals(self, page=1, sortby=None, filterby=None, search=None, **_query):
        """List of deals with search, filter by state and sorting."""
        deals = self._get_readable("prm.deal.registration")
        sortings, filters = self._get_deal_sortings(), self._get_deal_filters()
        sortby = self._choose(sortings, sortby, "newest")
        filterby = self._choose(filters, filterby, "all")
        search = (search or "").replace("\x00", "").strip()[:MAX_SEARCH]
        query = {"sortby": sortby, "filterby": filterby, "search": search}
        values = self._get_page_values(
            "prm_deals",
            request.env._("Deals"),
            sortings=sortings,
            filters=filters,
            query=query,
            sees_money=self._sees_money(),
            can_register=self._can_register(),
            block_reasons=self._get_block_reasons() if self._may_act() else [],
            **self._get_list_values(
                deals,
                filters[filterby]["domain"] & self._get_deal_search_domain(search),
                sortings[sortby]["order"],
                "/my/deals",
                page,
                query,
            ),
        )
        return request.render("prm_portal.deals", values)

    @route("/my/deals/<int:deal_id>", type="http", auth="user", website=True, readonly=True)
    def prm_deal(self, deal_id, **_query):
        """One deal: where it stands, what was decided, until when it is protected."""
        return self._render_deal(self._get_own("prm.deal.registration", deal_id))

    @route(
        "/my/deals/<int:deal_id>/withdraw",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def prm_deal_withdraw(self, deal_id, **_post):
        """Give the claim up, then show the deal."""
        deal = self._get_own("prm.deal.registration", deal_id)
        try:
            with request.env.cr.savepoint():
                deal.action_withdraw()
        except UserError as error:
            return self._render_deal(deal, error=str(error))
        return request.redirect(f"/my/deals/{deal.id}")

    @route(
        "/my/deals/<int:deal_id>/attachment/<int:attachment_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_deal_attachment(self, deal_id, attachment_id, **_query):
        """Download a file that the partner attached to its deal."""
        deal = self._get_own("prm.deal.registration", deal_id)
        attachment = self._get_deal_files(deal).filtered(lambda file: file.id == attachment_id)
        if not attachment:
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(attachment)
        return stream.get_response(as_attachment=True)

    def _render_deal(self, deal, error=None, **values):
        """Show a deal.

        :param str error: why a step was refused
        :param values: what was typed into one of the forms of the page, by name of the field
        """
        # sudo: names only, of the category, the reason and the colleague that this deal points to.
        deal_sudo = deal.sudo()
        page = self._get_page_values(
            "prm_deal",
            deal.customer_name,
            crumbs=[(request.env._("Deals"), "/my/deals")],
            deal=deal,
            object=deal,
            error=error,
            category_name=deal_sudo.category_id.display_name,
            contact_name=deal_sudo.contact_id.name,
            reason_name=deal_sudo.reason_id.name,
            files=self._get_deal_files(deal),
            events=deal._get_portal_events(),
            steps=self._get_deal_steps(deal),
            clock=self._get_deal_clock(deal),
            protection=self._get_deal_protection(deal),
            sees_money=self._sees_money(),
            can_withdraw=deal.state in WITHDRAWABLE and self._may_act(),
            can_correct=deal.state in CORRECTABLE and self._may_act(),
            **self._get_deal_life_values(deal),
            typed=values,
        )
        response = request.render("prm_portal.deal", page)
        response.status_code = 422 if error else 200
        return response

    def _get_deal_life_values(self, deal):
        """Values for what can be done with an approved deal; see ``PartnerDealLife``."""
        return {}

    def _get_deal_sortings(self):
        env = request.env
        sortings = {
            "newest": {"label": env._("Newest first"), "order": "id desc"},
            "customer": {"label": env._("Customer"), "order": "customer_name, id desc"},
            "closing": {"label": env._("Expected closing"), "order": "date_close, id desc"},
            "protected": {
                "label": env._("End of protection"),
                "order": "date_protected_until, id desc",
            },
        }
        if self._sees_money():
            sortings["amount"] = {"label": env._("Amount"), "order": "amount desc, id desc"}
        return sortings

    def _get_deal_filters(self):
        """All, those that wait for a decision, and one filter for each state."""
        env = request.env
        states = env["prm.deal.registration"]._fields["state"]._description_selection(env)
        return {
            "all": {"label": env._("All"), "domain": Domain.TRUE},
            "pending": {
                "label": env._("Waiting for a decision"),
                "domain": Domain("state", "in", PENDING),
            },
            **{
                state: {"label": label, "domain": Domain("state", "=", state)}
                for state, label in states
            },
        }

    def _get_deal_search_domain(self, search):
        if not search:
            return Domain.TRUE
        return Domain("customer_name", "ilike", search) | Domain("name", "ilike", search)

    def _get_deal_files(self, deal):
        """Files that people of the partner attached; what staff attach to notes stays inside."""
        domain = [
            *deal._get_attachment_domain(),
            ("create_uid.partner_id.commercial_partner_id", "=", deal.partner_id.id),
        ]
        # sudo: portal users have no access to attachments; the deal was found by their own rules.
        return request.env["ir.attachment"].sudo().search(domain, order="id")

    def _get_deal_steps(self, deal):
        """The way of a deal, as dicts with label, date and status (done, here or open) and tone."""
        env = request.env
        names = dict(deal._fields["state"]._description_selection(env))
        stands, tone = STEPS[deal.state]
        if deal.state == "withdrawn" and deal.date_protected_from:
            stands = 4
        labels = [
            (env._("Submitted"), deal.date_submitted),
            (env._("Review"), None),
            (names["approved"] if stands == 4 else env._("Decision"), deal.date_decided),
            (env._("Outcome"), deal.date_won),
        ]
        return [
            {
                "number": number,
                "label": names[deal.state] if number == stands else label,
                "date": date,
                "status": "done" if number < stands else "here" if number == stands else "open",
                "tone": tone if number == stands else "primary",
            }
            for number, (label, date) in enumerate(labels, start=1)
        ]

    def _get_deal_clock(self, deal):
        """When the decision is due: dict with the date and whether it has passed, or None."""
        if deal.state not in PENDING or not deal.date_deadline:
            return None
        return {"date": deal.date_deadline, "late": deal.date_deadline < fields.Datetime.now()}

    def _get_deal_protection(self, deal):
        """Protection of an approved or won deal: first and last day, days left, percent gone."""
        if deal.state not in ("approved", "won") or not deal.date_protected_until:
            return None
        start, end = deal.date_protected_from, deal.date_protected_until
        today = fields.Date.context_today(deal)
        total = max((end - start).days, 1)
        left = (end - today).days
        gone = (today - start).days
        return {
            "from": start,
            "until": end,
            "left": left,
            "percent": max(0, min(100, round(100 * gone / total))),
        }
