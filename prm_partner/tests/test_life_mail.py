from odoo.addons.mail.tests.common import MailCase

from .common import PartnerCase


class TestLifeMail(PartnerCase, MailCase):
    """The partner is told once when its membership is suspended, has ended or goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._new_portal_user(cls.contact, "admin")
        cls.membership = cls._enroll(cls.partner, state="at_risk").with_user(cls.manager)

    def _get_mails(self, membership=None):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "prm.membership"),
                ("res_id", "=", (membership or self.membership).id),
            ],
            order="id",
        )

    def _do(self, step, *args, membership=None):
        """:return: the mails that the step has made"""
        before = self._get_mails(membership)
        getattr(membership or self.membership, step)(*args)
        return self._get_mails(membership) - before

    def test_suspended(self):
        mail = self._do("action_suspend", "Invoices <unpaid>")
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.partner | self.contact)
        self.assertIn("is suspended", mail.subject)
        self.assertIn("Invoices &lt;unpaid&gt;", mail.body_html)
        self.assertIn(self.manager.name, mail.body_html)

    def test_ended(self):
        mail = self._do("action_end", "Closed down")
        self.assertEqual(len(mail), 1)
        self.assertIn("has ended", mail.subject)
        self.assertIn("Closed down", mail.body_html)

    def test_resumed(self):
        self.membership.action_suspend("Unpaid")
        mail = self._do("action_resume")
        self.assertEqual(len(mail), 1)
        self.assertIn("is resumed", mail.subject)
        self.assertIn("register deals again", mail.body_html)
        self.assertNotIn("Unpaid", mail.body_html)

    def test_end_of_a_suspended_membership_is_undone(self):
        self.membership.action_suspend("Unpaid")
        self.membership.action_end("Closed down")
        mail = self._do("action_resume")
        self.assertIn("still suspended", mail.body_html)
        self.assertNotIn("register deals again", mail.body_html)

    def test_in_the_language_of_the_partner(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.lang = "fr_FR"
        template = self.env.ref("prm_partner.mail_template_membership_suspended")
        template.with_context(lang="fr_FR").subject = "Suspendu : {{ object.program_id.name }}"
        mail = self._do("action_suspend", "Unpaid")
        self.assertEqual(mail.subject, "Suspendu : Test Resellers")

    def test_who_has_not_begun_is_told_reasons_only(self):
        waiting = self._enroll(self.rival, state="onboarding").with_user(self.manager)
        self.assertFalse(self._do("action_end", membership=waiting))
        self.assertFalse(self._do("action_resume", membership=waiting))
        mail = self._do("action_end", "No answer for a year", membership=waiting)
        self.assertIn("No answer for a year", mail.body_html)
        self.assertTrue(self._do("action_resume", membership=waiting))

    def test_several_at_once_in_one_step(self):
        other = self._enroll(self.rival).with_user(self.manager)
        wizard = (
            self.env["prm.membership.stop"]
            .with_user(self.manager)
            .create(
                {
                    "step": "suspend",
                    "reason": "Audit",
                    "membership_ids": [(6, 0, (self.membership | other).ids)],
                }
            )
        )
        wizard.action_stop()
        for membership in (self.membership, other):
            self.assertEqual(len(self._get_mails(membership)), 1)

    def test_a_deleted_template_stops_nothing(self):
        self.env.ref("prm_partner.mail_template_membership_suspended").unlink()
        self.assertFalse(self._do("action_suspend", "Unpaid"))
        self.assertEqual(self.membership.state, "suspended")

    def test_end_of_the_term(self):
        self.membership.sudo().write({"date_start": "2020-01-01", "date_end": "2020-12-31"})
        with self.enter_registry_test_mode():
            self.env.ref("prm_partner.ir_cron_renew").method_direct_trigger()
            self.env.ref("prm_partner.ir_cron_renew").method_direct_trigger()
        mail = self._get_mails()
        self.assertEqual(len(mail), 1)
        self.assertIn("not renewed in time", mail.body_html)
