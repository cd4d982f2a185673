from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import PartnerCase


class TestRenewal(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.write({"duration_months": 12, "renewal_notice_days": 60})
        cls.partner.lang = "en_US"
        cls.cron = cls.env.ref("prm_partner.ir_cron_renew")
        cls.template = cls.env.ref("prm_partner.mail_template_renewal")

    def _member(self, day="2026-03-01", partner=None):
        with freeze_time(day):
            membership = self._enroll(partner or self.partner, state="applicant")
            membership.action_activate()
        return membership

    def _run(self, day):
        with freeze_time(day), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def _mails(self, membership):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "prm.membership"),
                ("res_id", "=", membership.id),
                ("recipient_ids", "in", self.partner.ids),
            ]
        )

    def test_activation_sets_the_last_day(self):
        self.assertEqual(self._member().date_end, date(2027, 2, 28))

    def test_without_a_duration_there_is_no_end(self):
        self.program.duration_months = 0
        self.assertFalse(self._member().date_end)

    def test_the_last_day_is_within_the_program(self):
        self.program.date_end = "2026-12-31"
        self.assertEqual(self._member().date_end, date(2026, 12, 31))

    def test_automatic_renewal(self):
        membership = self._member()
        self._run("2027-02-28")
        self.assertEqual(membership.date_end, date(2027, 2, 28))
        self._run("2027-03-01")
        self.assertEqual(membership.state, "active")
        self.assertEqual(membership.date_end, date(2028, 2, 29))
        self.assertIn("Renewed until", "".join(membership.message_ids.mapped("body")))
        messages = len(membership.message_ids)
        self._run("2027-03-01")
        self.assertEqual(membership.date_end, date(2028, 2, 29))
        self.assertEqual(len(membership.message_ids), messages)

    def test_a_cron_that_was_off_for_years_leaves_no_gap(self):
        membership = self._member()
        self._run("2029-06-01")
        self.assertEqual(membership.date_end, date(2030, 2, 28))

    def test_without_renewal_the_membership_ends(self):
        self.program.renewal_mode = "manual"
        membership = self._member()
        self._run("2027-02-28")
        self.assertEqual(membership.state, "active")
        self._run("2027-03-05")
        self.assertEqual(membership.state, "ended")
        self.assertEqual(membership.date_end, date(2027, 2, 28))
        self.assertIn("not renewed in time", membership.state_reason)

    def test_the_end_of_a_term_can_be_undone(self):
        self.program.renewal_mode = "manual"
        membership = self._member()
        self._run("2027-03-05")
        with freeze_time("2027-03-10"):
            membership.action_resume()
        self.assertEqual(membership.state, "active")
        self.assertEqual(membership.date_end, date(2028, 3, 9))
        self._run("2027-03-11")
        self.assertEqual(membership.state, "active")

    def test_a_suspended_membership_is_not_renewed(self):
        membership = self._member()
        with freeze_time("2027-01-10"):
            membership.action_suspend("Unpaid")
        self._run("2027-03-01")
        self.assertEqual(membership.state, "ended")

    def test_memberships_end_with_their_program(self):
        membership = self._member()
        self.program.date_end = "2027-02-01"
        self._run("2027-03-01")
        self.assertEqual(membership.state, "ended")
        self.assertRegex(membership.state_reason, "valid until")

    def test_manual_renewal(self):
        membership = self._member()
        with freeze_time("2027-01-15"):
            membership.with_user(self.manager).action_renew()
        self.assertEqual(membership.date_end, date(2028, 2, 29))

    def test_what_cannot_be_renewed_says_why(self):
        membership = self._member()
        self.program.duration_months = 0
        with self.assertRaisesRegex(UserError, "no terms to renew"):
            membership.action_renew()
        self.program.write({"duration_months": 12, "date_end": membership.date_end})
        with freeze_time("2026-12-01"), self.assertRaisesRegex(UserError, "until the end of its"):
            membership.action_renew()
        with freeze_time("2028-12-01"), self.assertRaisesRegex(UserError, "was valid until"):
            membership.action_renew()
        membership.action_suspend()
        with self.assertRaisesRegex(UserError, "Suspended"):
            membership.action_renew()

    def test_manual_mode_reminds_partner_and_manager_once(self):
        self.program.renewal_mode = "manual"
        membership = self._member()
        self._run("2026-12-29")
        self.assertFalse(membership.activity_ids)
        self._run("2026-12-30")
        self.assertEqual(membership.activity_ids.user_id, self.manager)
        self.assertEqual(membership.activity_ids.date_deadline, date(2027, 2, 28))
        mail = self._mails(membership)
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertIn("not renewed automatically", mail.body_html)
        self._run("2026-12-31")
        self.assertEqual(len(membership.activity_ids), 1)
        self.assertEqual(self._mails(membership), mail)
        with freeze_time("2027-01-05"):
            membership.action_renew()
        self.assertFalse(membership.activity_ids)
        self._run("2027-12-31")
        self.assertEqual(len(self._mails(membership)), 2)

    def test_automatic_mode_notifies_the_manager(self):
        membership = self._member()
        self._run("2026-12-30")
        self.assertFalse(membership.activity_ids)
        self.assertIn("is renewed automatically", self._mails(membership)[-1:].body_html)
        notified = self.env["mail.message"].search(
            [("model", "=", "prm.membership"), ("res_id", "=", membership.id)]
        )
        self.assertIn(self.manager.partner_id, notified.notified_partner_ids)

    def test_reminder_in_the_language_of_the_partner(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.template.with_context(lang="ru_RU").subject = "Срок участия"
        self.partner.lang = "ru_RU"
        membership = self._member()
        self._run("2026-12-30")
        self.assertIn("Срок участия", self._mails(membership).mapped("subject"))

    def test_slices(self):
        """More memberships than one slice holds, and one that a rule refuses to end."""
        self.program.renewal_mode = "manual"
        stuck, other = self._member(), self._member(partner=self.rival)
        end = type(self.env["prm.membership"])._end_of_term

        refusal = "not this one"

        def refuse(membership):
            if membership == stuck:
                raise UserError(refusal)
            return end(membership)

        path = "odoo.addons.prm_partner.models.prm_membership_renewal"
        with (
            patch(f"{path}.SLICE", 1),
            patch.object(type(stuck), "_end_of_term", refuse),
            self.assertLogs(path, "WARNING") as logs,
        ):
            self._run("2027-03-01")
        self.assertIn("not this one", logs.output[0])
        self.assertEqual(stuck.state, "active")
        self.assertEqual(other.state, "ended")

    def test_search_what_ends_soon(self):
        membership = self._member()
        endless = self._member(partner=self.rival)
        endless.date_end = False
        Membership = self.env["prm.membership"]
        both = [("id", "in", (membership | endless).ids)]
        for day, found in (("2026-12-29", Membership), ("2026-12-30", membership)):
            with self.subTest(day=day), freeze_time(day):
                self.env.invalidate_all()
                due = Membership.search([*both, ("renewal_due", "=", True)])
                self.assertEqual(due, found)
                self.assertEqual(
                    Membership.search([*both, ("renewal_due", "=", False)]),
                    (membership | endless) - found,
                )
                self.assertEqual(bool(membership.renewal_due), bool(found))
