from datetime import timedelta

from odoo import fields

from .common import DealCase


class TestMail(DealCase):
    def _mails(self, deal):
        """What the partner is sent; staff gets mails about its activities besides."""
        staff = (self.manager | self.other_manager).partner_id
        domain = [("model", "=", deal._name), ("res_id", "=", deal.id)]
        mails = self.env["mail.mail"].search(domain, order="id")
        mails = mails.filtered(lambda mail: not mail.recipient_ids & staff)
        self.assertLessEqual(mails.recipient_ids, deal.contact_id)
        return mails

    def _subjects(self, deal):
        return [mail.subject.replace(deal.name, "N") for mail in self._mails(deal)]

    def test_approved(self):
        self.assertEqual(self._subjects(self._register()), ["Your deal N is approved"])

    def test_decisions(self):
        deal = self._register(amount=200000)
        deal.with_user(self.manager).action_return("Who decides?")
        self.assertIn("Who decides?", self._mails(deal)[-1].body_html)
        deal.with_user(self.sales_user).action_submit()
        deal.with_user(self.manager).action_reject(self.reason.id, "Sorry")
        self.assertIn(self.reason.name, self._mails(deal)[-1].body_html)
        received = "Your deal N was received"
        self.assertEqual(
            self._subjects(deal),
            [
                received,
                "Your deal N needs more information",
                received,
                "Your deal N was not accepted",
            ],
        )

    def test_mail_says_nothing_of_the_rival(self):
        first = self._register()
        rival = self._register(self.rival_user)
        body = self._mails(rival).body_html
        self.assertIn("domain", body)
        for secret in (first.name, self.partner.name):
            self.assertNotIn(secret, body)

    def test_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("prm_deal_registration.mail_template_approved")
        template.with_context(lang="fr_FR").subject = "Affaire {{ object.name }}"
        self.contact.lang = "fr_FR"
        deal = self._register()
        self.assertEqual(self._mails(deal).subject, f"Affaire {deal.name}")

    def test_language_that_is_not_installed(self):
        self.contact.lang = "fr_FR"
        deal = self._register()
        self.assertEqual(self._subjects(deal), ["Your deal N is approved"])

    def test_contact_follows_without_notes(self):
        deal = self._register()
        follower = deal.message_follower_ids.filtered(lambda f: f.partner_id == self.contact)
        self.assertEqual(follower.subtype_ids, self.env.ref("mail.mt_comment"))
        note = deal.message_post(body="Secret", subtype_xmlid="mail.mt_note")
        self.assertNotIn(self.contact, note.notified_partner_ids)
        comment = deal.message_post(body="Hello", subtype_xmlid="mail.mt_comment")
        self.assertIn(self.contact, comment.notified_partner_ids)

    def test_reminder_once(self):
        deal = self._register()
        deal.date_protected_until = fields.Date.today() + timedelta(days=14)
        self._run_expiry()
        self._run_expiry()
        self.assertEqual(
            self._subjects(deal),
            ["Your deal N is approved", "The protection of your deal N ends soon"],
        )

    def test_partner_without_address(self):
        self.contact.email = self.partner.email = False
        deal = self._register(amount=200000)
        self.assertEqual(deal.state, "in_review")
        self.assertFalse(self._mails(deal))
