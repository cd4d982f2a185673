from werkzeug.exceptions import NotFound

from odoo.http import request, route
from odoo.tools import consteq

from .partner import PartnerOverview

LATEST_NEWS = 3


class PartnerAnnouncements(PartnerOverview):
    """News for the partner: a list, single announcements, and whether they come by mail."""

    @route(
        ["/my/announcements", "/my/announcements/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def prm_announcements(self, page=1, **_query):
        """Announcements that are meant for the reader, unread ones marked."""
        announcements = self._get_readable("prm.announcement")
        # sudo: the reader's own choice, which is no field that portal users read.
        contact = request.env.user.partner_id.sudo()
        values = self._get_page_values(
            "prm_announcements",
            request.env._("News"),
            by_mail=not contact.prm_announcement_optout,
            **self._get_list_values(
                announcements, [], announcements._order, "/my/announcements", page
            ),
        )
        return request.render("prm_portal.announcements", values)

    @route("/my/announcements/<int:announcement_id>", type="http", auth="user", website=True)
    def prm_announcement(self, announcement_id, **_query):
        """One announcement; opening it marks it as read."""
        announcement = self._get_own("prm.announcement", announcement_id)
        announcement._mark_read()
        values = self._get_page_values(
            "prm_announcements",
            announcement.name,
            [(request.env._("News"), "/my/announcements")],
            announcement=announcement,
        )
        return request.render("prm_portal.announcement", values)

    @route("/my/announcements/mail", type="http", auth="user", website=True, methods=["POST"])
    def prm_announcement_mail(self, by_mail=None, **_post):
        """Switch the mails to the reader on or off."""
        self._get_readable("prm.announcement")
        # sudo: people decide this for themselves, and for nobody else.
        request.env.user.partner_id.sudo().prm_announcement_optout = not by_mail
        return request.redirect("/my/announcements")

    @route(
        "/partner/announcements/stop/<int:contact_id>/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=True,
    )
    def prm_announcement_stop(self, contact_id, token, **_query):
        """Where the link in a mail leads: asks before it stops the mails."""
        self._get_contact_by_token(contact_id, token)
        return request.render("prm_portal.announcement_stop", {"done": False})

    # Mail programs post here by themselves (RFC 8058), so the token takes the place of the session.
    @route(
        "/partner/announcements/stop/<int:contact_id>/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def prm_announcement_stopped(self, contact_id, token, **_post):
        """Stop the mails to a contact, also when its mail program asks for it."""
        self._get_contact_by_token(contact_id, token).prm_announcement_optout = True
        return request.render("prm_portal.announcement_stop", {"done": True})

    def _get_contact_by_token(self, contact_id, token):
        # sudo: the token proves that the link was mailed to this contact.
        recipients = request.env["prm.announcement.recipient"].sudo()
        if not consteq(recipients._get_stop_token(contact_id), token):
            raise NotFound()
        contact = request.env["res.partner"].sudo().browse(contact_id).exists()
        if not contact:
            raise NotFound()
        return contact

    def _get_overview_sections(self):
        announcements = request.env["prm.announcement"].search([], limit=LATEST_NEWS)
        return {
            **super()._get_overview_sections(),
            "announcements": announcements,
            "support": self._get_support(),
            # sudo: a text for partners, on a record that they do not read.
            "welcome": request.env.company.sudo().prm_portal_welcome,
        }

    def _get_support(self):
        """Whom the partner turns to, as dict of name, email and phone; empty if not set."""
        # sudo: name, e-mail and phone of the support are meant for partners.
        support = request.env.company.sudo().prm_support_partner_id
        if not support:
            return {}
        return {"name": support.name, "email": support.email, "phone": support.phone}

    def _get_navigation(self):
        pages = super()._get_navigation()
        news = ("prm_announcements", request.env._("News"), "/my/announcements")
        return [*pages[:1], news, *pages[1:]]

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        announcements = request.env["prm.announcement"]
        if "prm_news_count" in counters and announcements.has_access("read"):
            values["prm_news_count"] = announcements.search_count([("is_read", "=", False)])
        return values
