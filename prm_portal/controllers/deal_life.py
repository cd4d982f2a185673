from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from .deals import PartnerDeals

AMENDABLE = ("amount", "date_close", "category_id")


class PartnerDealLife(PartnerDeals):
    """What a partner does with an approved deal: report, ask for more time, change it."""

    @route(
        "/my/deals/<int:deal_id>/milestone",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def prm_deal_milestone(self, deal_id, **post):
        """Report a first result, then show the deal."""
        values = self._get_text(post, ("milestone_note", "milestone_date"))
        return self._take_step(
            deal_id,
            lambda deal: deal.action_report_milestone(
                values["milestone_note"], values["milestone_date"]
            ),
            values,
        )

    @route(
        "/my/deals/<int:deal_id>/extend", type="http", auth="user", website=True, methods=["POST"]
    )
    def prm_deal_extend(self, deal_id, **post):
        """Ask for a longer protection, then show the deal."""
        values = self._get_text(post, ("extension_reason",))
        return self._take_step(
            deal_id, lambda deal: deal.action_request_extension(values["extension_reason"]), values
        )

    @route(
        "/my/deals/<int:deal_id>/amend", type="http", auth="user", website=True, methods=["POST"]
    )
    def prm_deal_amend(self, deal_id, **post):
        """Change amount, date or category, or ask for it, then show the deal."""
        values = self._get_text(post, (*AMENDABLE, "amendment_reason"))
        vals = {name: values[name] for name in AMENDABLE if name in post}
        return self._take_step(
            deal_id, lambda deal: deal.action_amend(vals, values["amendment_reason"]), values
        )

    @route(
        "/my/deals/<int:deal_id>/requests/<int:request_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def prm_deal_request_cancel(self, deal_id, request_id, **_post):
        """Take a request back, then show the deal."""
        asked = self._get_own("prm.deal.request", request_id)
        if asked.registration_id.id != deal_id:
            raise NotFound()
        return self._take_step(deal_id, lambda _deal: asked.action_cancel(), {})

    def _take_step(self, deal_id, step, values):
        """Do something with a deal, and show it: with what was typed, if that was refused."""
        deal = self._get_own("prm.deal.registration", deal_id)
        try:
            with request.env.cr.savepoint():
                step(deal)
        except UserError as error:
            return self._render_deal(deal, error=str(error), **values)
        return request.redirect(f"/my/deals/{deal.id}")

    def _get_text(self, post, names):
        return {name: str(post.get(name) or "").replace("\x00", "").strip() for name in names}

    def _get_deal_life_values(self, deal):
        approved = deal.state == "approved" and self._may_act()
        waiting = deal.request_ids.filtered(lambda asked: asked.state == "open").mapped("kind")
        return {
            **super()._get_deal_life_values(deal),
            "can_report": approved and not deal.date_milestone_reached,
            "can_extend": approved and deal.date_extension_until and "extension" not in waiting,
            "can_amend": approved and "amendment" not in waiting,
            "may_cancel": self._may_act(),
            "today": fields.Date.to_string(fields.Date.context_today(deal)),
            "shared": 0 < deal.share_percent < 100,
            "deal_requests": self._get_deal_requests(deal),
            "deal_categories": deal._get_portal_categories() if approved else [],
            # sudo: id only, of the category that this deal points to.
            "category_id": str(deal.sudo().category_id.id or ""),
        }

    def _get_deal_requests(self, deal):
        """The requests about a deal as dicts, the newest first."""
        sees_money = self._sees_money()
        return [
            {
                "record": asked,
                "changes": [
                    change
                    # sudo: names of categories; the requests were found by the user's rules.
                    for name, change in asked.sudo()._get_changes().items()
                    if name != "amount" or sees_money
                ],
            }
            for asked in deal.request_ids
        ]
