from lxml import html

from odoo.addons.mail.tests.common import MailCase

from .common import PartnerCase


class TestMailLayout(PartnerCase, MailCase):
    """The frame of the mails to partners, and what the author of news is told about them."""

    def test_no_mail_begins_with_the_name_of_a_model(self):
        self._new_portal_user(self.contact, "admin")
        membership = self._enroll(self.partner)
        membership.action_suspend("Unpaid")
        application = self.env["prm.application"].create(
            {
                "name": "Neva Systems",
                "contact_name": "Nina",
                "contact_email": "nina@neva.example",
                "program_id": self.program.id,
            }
        )
        for record in (membership, application):
            mails = self.env["mail.mail"].search(
                [("model", "=", record._name), ("res_id", "=", record.id)]
            )
            self.assertTrue(mails)
            title = record.display_name.replace("/", "-")
            for body in mails.mapped("body_html"):
                head = html.fromstring(body).xpath("//td[@valign='middle'][1]")[0]
                self.assertEqual(head.text_content().strip(), title)

    def test_reach_of_news_says_how_they_are_sent(self):
        view = self.env["prm.announcement"].get_view(
            self.env.ref("prm_partner.prm_announcement_view_form").id, "form"
        )
        self.assertIn('name="reached_by_mail" invisible="not by_mail"', view["arch"])
        self.assertIn('name="reached_in_portal" invisible="by_mail"', view["arch"])
