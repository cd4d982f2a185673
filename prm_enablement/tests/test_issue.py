from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import EnablementCase


@freeze_time("2026-03-10 12:00:00")
class TestIssue(EnablementCase):
    def test_issue(self):
        credential = self._issue(self.contact, date(2026, 3, 1))
        self.assertEqual(credential.company_partner_id, self.partner)
        self.assertEqual(credential.date_start, date(2026, 3, 1))
        self.assertEqual(credential.date_end, date(2027, 3, 1))
        self.assertEqual(credential.state, "valid")
        self.assertRegex(credential.name, r"^CR/\d{4}/\d{5}$")

    def test_numbers_differ(self):
        first, second = self._issue(self.contact), self._issue(self.colleague)
        self.assertNotEqual(first.name, second.name)

    def test_no_validity_is_for_ever(self):
        self.certification.validity_months = 0
        credential = self._issue(self.contact)
        self.assertFalse(credential.date_end)
        self.assertEqual(credential.state, "valid")

    def test_state_at_creation(self):
        for day, state in (
            (date(2026, 3, 10), "valid"),
            (date(2025, 4, 1), "expiring"),
            (date(2025, 3, 10), "expiring"),
            (date(2025, 3, 9), "expired"),
        ):
            with self.subTest(day=day):
                [person] = self._new_people(1)
                self.assertEqual(self._issue(person, day).state, state)

    def test_state_follows_dates_and_window(self):
        credential = self._issue(self.contact)
        credential.date_end = date(2026, 4, 1)
        self.assertEqual(credential.state, "expiring")
        self.certification.renewal_days = 10
        self.assertEqual(credential.state, "valid")

    def test_renew_in_window_keeps_the_old_validity(self):
        credential = self._issue(self.contact, date(2025, 4, 1))
        renewed = self._issue(self.contact)
        self.assertEqual(renewed, credential)
        self.assertEqual(credential.date_start, date(2025, 4, 1))
        self.assertEqual(credential.date_end, date(2027, 4, 1))
        self.assertEqual(credential.state, "valid")

    def test_renew_early_starts_from_today(self):
        credential = self._issue(self.contact, date(2025, 12, 1))
        self._issue(self.contact)
        self.assertEqual(credential.date_end, date(2027, 3, 10))

    def test_renew_expired_starts_again(self):
        credential = self._issue(self.contact, date(2024, 1, 1))
        self.assertEqual(credential.state, "expired")
        self._issue(self.contact)
        self.assertEqual(self._credentials(self.contact), credential)
        self.assertEqual(credential.date_start, date(2026, 3, 10))
        self.assertEqual(credential.date_end, date(2027, 3, 10))
        self.assertEqual(credential.state, "valid")

    def test_renewal_follows_the_person_to_a_new_company(self):
        credential = self._issue(self.contact, date(2025, 4, 1))
        self.contact.parent_id = self.rival
        self.assertEqual(credential.company_partner_id, self.partner)
        self._issue(self.contact)
        self.assertEqual(credential.company_partner_id, self.rival)

    def test_same_person_twice_in_one_batch(self):
        request = {"partner": self.contact, "certification": self.certification}
        self.env["prm.credential"]._issue([request, dict(request)])
        self.assertEqual(len(self._credentials(self.contact)), 1)

    def test_second_credential_is_refused_by_the_database(self):
        self._issue(self.contact)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.env["prm.credential"].create(
                {"partner_id": self.contact.id, "certification_id": self.certification.id}
            )

    def test_future_start_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "future"):
            self._issue(self.contact, date(2026, 3, 11))

    def test_revoke(self):
        credential = self._issue(self.contact)
        credential.action_revoke(" Cheated ")
        self.assertEqual(credential.state, "revoked")
        self.assertEqual(credential.date_revoked, date(2026, 3, 10))
        self.assertEqual(credential.revoke_reason, "Cheated")
        self.assertIn("Cheated", credential.message_ids[0].body)

    def test_revoke_needs_a_reason_and_happens_once(self):
        credential = self._issue(self.contact)
        for reason in ("", "  ", None, 5):
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, "why"):
                credential.action_revoke(reason)
        self.assertEqual(credential.state, "valid")
        credential.action_revoke("Cheated")
        with self.assertRaisesRegex(UserError, credential.name):
            credential.action_revoke("Again")
        self.assertEqual(credential.revoke_reason, "Cheated")

    def test_after_a_revocation_a_new_one_is_issued(self):
        revoked = self._issue(self.contact)
        revoked.action_revoke("Cheated")
        fresh = self._issue(self.contact)
        self.assertNotEqual(fresh, revoked)
        self.assertEqual(revoked.state, "revoked")
        self.assertEqual(fresh.state, "valid")

    def test_exam_must_be_a_certification(self):
        survey = self.env["survey.survey"].create({"title": "Opinion poll"})
        with self.assertRaisesRegex(ValidationError, "Opinion poll"):
            self.certification.survey_id = survey

    def test_exam_link(self):
        self.assertIn(self.survey.access_token, self.certification.exam_url)
        self.survey.access_mode = "token"
        self.assertFalse(self.certification.exam_url)

    def test_copy_of_a_certification(self):
        self.certification.code = "T-1"
        copy = self.certification.copy()
        self.assertFalse(copy.code)
        self.assertEqual(copy.survey_id, self.survey)
        self.assertFalse(copy.credential_ids)
