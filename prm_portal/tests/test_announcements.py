from odoo.fields import Command
from odoo.tests import tagged

from .common import PortalCase


@tagged("post_install", "-at_install")
class TestAnnouncements(PortalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["prm.announcement"].search([("state", "=", "published")]).action_archive_news()
        cls.news = cls._announce("Prices rise", importance="urgent", pinned=True)
        cls.hidden = cls._announce(
            "For others only", grade_ids=[Command.set(cls.platinum.ids)]
        )
        cls.user = cls.people["technical"]

    @classmethod
    def _announce(cls, name, **vals):
        announcement = cls.env["prm.announcement"].create(
            {"name": name, "body": f"<p>Text of {name}</p>", "by_mail": False, **vals}
        )
        announcement.action_publish()
        return announcement

    def test_list_and_home_show_what_is_new(self):
        self._login(self.user)
        for path in ("/my/announcements", "/my/partner"):
            page = self._parse(self._get(path))
            entry = page.xpath("//a[contains(@class, 'o_prm_news')]")
            self.assertEqual(len(entry), 1, path)
            self.assertIn(f"/my/announcements/{self.news.id}", entry[0].get("href"))
            text = entry[0].text_content()
            for word in ("Prices rise", "Urgent", "New"):
                self.assertIn(word, text)
            self.assertNotIn("For others only", page.text_content())

    def test_opening_it_marks_it_as_read(self):
        self._login(self.user)
        counters = {"counters": ["prm_news_count"]}
        self.assertEqual(
            self.make_jsonrpc_request("/my/counters", counters)["prm_news_count"], 1
        )
        self.assertIn("Text of Prices rise", self._get(f"/my/announcements/{self.news.id}"))
        self.assertEqual(
            self.make_jsonrpc_request("/my/counters", counters)["prm_news_count"], 0
        )
        entry = self._parse(self._get("/my/announcements")).xpath(
            "//a[contains(@class, 'o_prm_news')]"
        )[0]
        self.assertNotIn("New", entry.text_content())
        self.assertEqual(self.news.read_count, 1)
        self._login(self.people["admin"])
        self.assertEqual(
            self.make_jsonrpc_request("/my/counters", counters)["prm_news_count"], 1
        )

    def test_news_for_others_does_not_exist(self):
        self._login(self.user)
        self._get(f"/my/announcements/{self.hidden.id}", 404)
        self._get(f"/my/announcements/{2**31 - 1}", 404)
        self.assertFalse(self.hidden.read_count)
        self._login(self.customer_user)
        for path in ("/my/announcements", f"/my/announcements/{self.news.id}"):
            self._get(path, 404)
        counters = {"counters": ["prm_news_count"]}
        self.assertNotIn(
            "prm_news_count", self.make_jsonrpc_request("/my/counters", counters)
        )

    def test_empty_list_says_what_comes_here(self):
        self.news.action_archive_news()
        self._login(self.user)
        self.assertIn("no news at present", self._get("/my/announcements"))
        self.assertNotIn('aria-label="News"', self._get("/my/partner"))

    def test_mails_are_switched_off_and_on(self):
        contact = self.user.partner_id
        self._login(self.user)
        for optout in (True, False):
            form = self._get_form("/my/announcements", "/my/announcements/mail")
            self._post("/my/announcements/mail", form)
            contact.invalidate_recordset()
            self.assertEqual(contact.prm_announcement_optout, optout)

    def test_link_in_the_mail_stops_the_mails(self):
        self.news.sudo().by_mail = True
        self.news._collect_recipients()
        contact = self.user.partner_id
        recipient = self.news.recipient_ids.filtered(lambda line: line.partner_id == contact)
        path = "/" + recipient._get_unsubscribe_url().split("/", 3)[3]
        self._login(None)
        self.assertIn("Stop the mails", self._get(path))
        self.assertFalse(contact.prm_announcement_optout)
        response = self._post(path, {"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        contact.invalidate_recordset()
        self.assertTrue(contact.prm_announcement_optout)
        self.assertIn("List-Unsubscribe", recipient._get_mail_headers())

    def test_wrong_token_stops_nothing(self):
        token = self.env["prm.announcement.recipient"]._get_stop_token(self.contact.id)
        self._login(None)
        other = self.rival_contact.id
        for path in (
            f"/partner/announcements/stop/{other}/{token}",
            f"/partner/announcements/stop/{other}/x",
            f"/partner/announcements/stop/{2**31 - 1}/{token}",
        ):
            self._get(path, 404)
            self.assertEqual(self._post(path, {}).status_code, 404)
        self.assertFalse(self.rival_contact.prm_announcement_optout)

    def test_welcome_and_support_of_the_settings(self):
        support = self.env["res.partner"].create(
            {"name": "Help Desk", "email": "help@v.example", "phone": "+1 555 0100"}
        )
        self.company.write(
            {"prm_support_partner_id": support.id, "prm_portal_welcome": "<p>Welcome aboard</p>"}
        )
        self._login(self.user)
        page = self._get("/my/partner")
        for text in ("Help Desk", "mailto:help@v.example", "+1 555 0100", "Welcome aboard"):
            self.assertIn(text, page)

    def test_list_costs_the_same_for_many(self):
        self._login(self.user)

        def count_queries():
            for _warm_up in range(3):
                self._get("/my/announcements")
            before = self.cr.sql_log_count
            self._get("/my/announcements")
            return self.cr.sql_log_count - before

        few = count_queries()
        for number in range(15):
            self._announce(f"News {number}")
        self.assertEqual(count_queries(), few)
