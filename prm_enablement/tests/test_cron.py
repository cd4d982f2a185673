from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import EnablementCase

REPORT = "odoo.addons.base.models.ir_actions_report.IrActionsReport"


class TestCron(EnablementCase):
    def _update(self, day):
        with freeze_time(day):
            return self.env["prm.credential"]._cron_update_states() & self.credentials

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-10"):
            cls.credential = cls._issue(cls.contact, date(2026, 3, 1))
            cls.revoked = cls._issue(cls.colleague, date(2026, 3, 1))
            cls.revoked.action_revoke("Cheated")
            cls.for_ever = cls._issue(
                cls.contact, certification=cls._new_certification("Ever", validity_months=0)
            )
        cls.credentials = cls.credential | cls.revoked | cls.for_ever

    def test_states_over_time(self):
        for day, state in (
            ("2026-12-30", "valid"),
            ("2026-12-31", "expiring"),
            ("2027-03-01", "expiring"),
            ("2027-03-02", "expired"),
        ):
            self._update(day)
            with self.subTest(day=day):
                self.assertEqual(self.credential.state, state)
                self.assertEqual(self.revoked.state, "revoked")
                self.assertEqual(self.for_ever.state, "valid")

    def test_idempotent(self):
        self.assertEqual(self._update("2027-03-02"), self.credential)
        self.assertFalse(self._update("2027-03-02"))
        self.assertEqual(self.credential.state, "expired")

    def test_same_as_the_compute(self):
        """The SQL and the Python say the same on every day around the borders."""
        for day in ("2026-12-30", "2026-12-31", "2027-03-01", "2027-03-02"):
            with self.subTest(day=day), freeze_time(day):
                self.env["prm.credential"]._cron_update_states()
                by_sql = self.credentials.mapped("state")
                self.credentials._compute_state()
                self.assertEqual(self.credentials.mapped("state"), by_sql)

    def test_one_update_whatever_the_number(self):
        def count(people):
            with freeze_time("2026-03-10"):
                for_day = date(2026, 3, 1)
                self.env["prm.credential"]._issue(
                    [
                        {"partner": person, "certification": self.certification, "date": for_day}
                        for person in self._new_people(people)
                    ]
                )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with freeze_time("2027-03-02"):
                changed = self.env["prm.credential"]._cron_update_states()
            self.assertGreaterEqual(len(changed), people)
            return self.cr.sql_log_count - before

        self.assertEqual(count(10), 1)
        self.assertEqual(count(100), 1)

    def _send(self):
        with self.enter_registry_test_mode():
            self.env.ref("prm_enablement.ir_cron_send_credential_mails").method_direct_trigger()

    def _mails(self, credential):
        return self.env["mail.mail"].search(
            [("model", "=", "prm.credential"), ("res_id", "=", credential.id)]
        )

    def test_mail_once_to_the_person(self):
        credential = self._issue(self._new_people(1))
        credential.partner_id.email = "person@a.example"
        self._send()
        self._send()
        mail = self._mails(credential)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, credential.partner_id)
        self.assertIn(self.certification.name, mail.subject)
        self.assertIn(credential.name, mail.body_html)
        self.assertFalse(credential.mail_pending)

    def test_mail_has_the_certificate(self):
        credential = self._issue(self._new_people(1))
        credential.partner_id.email = "person@a.example"
        with (
            patch(f"{REPORT}.get_wkhtmltopdf_state", return_value="ok"),
            patch(f"{REPORT}._render_qweb_pdf", return_value=(b"%PDF-1.4", "pdf")),
        ):
            credential._send_mail()
        attachment = self._mails(credential).attachment_ids
        self.assertEqual(attachment.raw, b"%PDF-1.4")
        self.assertEqual(attachment.name, f"{credential.name.replace('/', '-')}.pdf")

    def test_mail_goes_without_a_certificate_that_cannot_be_made(self):
        credential = self._issue(self._new_people(1))
        credential.partner_id.email = "person@a.example"
        with (
            patch(f"{REPORT}.get_wkhtmltopdf_state", return_value="ok"),
            patch(f"{REPORT}._render_qweb_pdf", side_effect=UserError("crashed")),
            self.assertLogs("odoo.addons.prm_enablement.models.prm_credential", "WARNING"),
        ):
            credential._send_mail()
        self.assertEqual(len(self._mails(credential)), 1)
        self.assertFalse(self._mails(credential).attachment_ids)

    def test_no_address_no_mail(self):
        credential = self._issue(self._new_people(1))
        self._send()
        self.assertFalse(self._mails(credential))
        self.assertFalse(credential.mail_pending)
