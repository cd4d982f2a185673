from datetime import date

from freezegun import freeze_time

from .common import EnablementCase


class TestExam(EnablementCase):
    def test_passing_issues(self):
        attempt = self._pass_exam(self.contact)
        credential = self._credentials(self.contact)
        self.assertEqual(len(credential), 1)
        self.assertEqual(credential.user_input_id, attempt)
        self.assertEqual(credential.company_partner_id, self.partner)
        self.assertTrue(credential.mail_pending)

    def test_failing_issues_nothing(self):
        attempt = self._new_attempts(self.contact, right=False)
        attempt._mark_done()
        self.assertFalse(attempt.scoring_success)
        self.assertFalse(self._credentials(self.contact))

    def test_trial_run_issues_nothing(self):
        attempt = self._pass_exam(self.contact, test_entry=True)
        self.assertTrue(attempt.scoring_success)
        self.assertFalse(self._credentials(self.contact))

    def test_unknown_person_gets_nothing(self):
        before = self.env["prm.credential"].search_count([])
        attempt = self._new_attempts(self.contact, email="somebody@else.example")
        attempt.partner_id = False
        attempt._mark_done()
        self.assertTrue(attempt.scoring_success)
        self.assertEqual(self.env["prm.credential"].search_count([]), before)

    def test_other_survey_issues_nothing(self):
        self._pass_exam(self.contact, survey=self._new_exam("Unrelated"))
        self.assertFalse(self._credentials(self.contact))

    def test_each_active_certification_of_the_exam(self):
        second = self._new_certification("Second", survey=self.survey)
        archived = self._new_certification("Archived", survey=self.survey, active=False)
        self._pass_exam(self.contact)
        self.assertTrue(self._credentials(self.contact))
        self.assertTrue(self._credentials(self.contact, second))
        self.assertFalse(self._credentials(self.contact, archived))

    def test_batch(self):
        people = self._new_people(3)
        good, bad = people[:2], people[2:]
        attempts = self._new_attempts(good) | self._new_attempts(bad, right=False)
        attempts._mark_done()
        self.assertEqual([len(self._credentials(person)) for person in people], [1, 1, 0])

    def test_two_attempts_of_one_person_in_a_batch(self):
        attempts = self._new_attempts(self.contact) | self._new_attempts(self.contact)
        attempts._mark_done()
        self.assertEqual(len(self._credentials(self.contact)), 1)

    def test_handing_in_twice_counts_once(self):
        with freeze_time("2026-01-10"):
            attempt = self._pass_exam(self.contact)
        credential = self._credentials(self.contact)
        with freeze_time("2026-12-20"):
            attempt._mark_done()
        self.assertEqual(credential.date_end, date(2027, 1, 10))

    def test_passing_again_renews(self):
        with freeze_time("2026-01-10"):
            self._pass_exam(self.contact)
        credential = self._credentials(self.contact)
        with freeze_time("2026-12-20"):
            self.env["prm.credential"]._cron_update_states()
            self.assertEqual(credential.state, "expiring")
            second = self._pass_exam(self.contact)
            self.assertEqual(self._credentials(self.contact), credential)
            self.assertEqual(credential.date_end, date(2028, 1, 10))
            self.assertEqual(credential.user_input_id, second)
            self.assertEqual(credential.state, "valid")
