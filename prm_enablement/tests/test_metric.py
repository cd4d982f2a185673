from datetime import date

from freezegun import freeze_time

from .common import EnablementCase


class TestMetric(EnablementCase):
    def _certified(self, day, company=None):
        return self.env["prm.metric"]._measure(
            "certified_people", self.partner | self.rival, None, day, company or self.company
        )

    def test_people_not_credentials(self):
        other = self._new_certification("Other")
        for certification in (self.certification, other):
            self._issue(self.contact, certification=certification)
        self._issue(self.colleague)
        self.assertEqual(self._certified(date.today()), {self.partner.id: 2.0, self.rival.id: 0.0})

    def test_held_at_the_end_of_the_period(self):
        with freeze_time("2026-03-10"):
            self._issue(self.contact, date(2026, 3, 1))
        for day, count in (
            (date(2026, 2, 28), 0),
            (date(2026, 3, 1), 1),
            (date(2027, 3, 1), 1),
            (date(2027, 3, 2), 0),
        ):
            with self.subTest(day=day):
                self.assertEqual(self._certified(day)[self.partner.id], count)

    def test_revoked_counts_until_that_day(self):
        with freeze_time("2026-03-10"):
            credential = self._issue(self.contact, date(2026, 3, 1))
        with freeze_time("2026-06-01"):
            credential.action_revoke("Cheated")
        self.assertEqual(self._certified(date(2026, 5, 31))[self.partner.id], 1)
        self.assertEqual(self._certified(date(2026, 6, 1))[self.partner.id], 0)

    def test_the_company_at_the_time_counts(self):
        self._issue(self.contact)
        self.contact.parent_id = self.rival
        self.assertEqual(self._certified(date.today()), {self.partner.id: 1.0, self.rival.id: 0.0})

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Company B"})
        self._issue(self.contact, certification=self._new_certification("B", company_id=other.id))
        self.assertEqual(self._certified(date.today())[self.partner.id], 0)
        self.assertEqual(self._certified(date.today(), other)[self.partner.id], 1)
        self._issue(self.colleague)  # of a certification for all companies
        self.assertEqual(self._certified(date.today())[self.partner.id], 1)
        self.assertEqual(self._certified(date.today(), other)[self.partner.id], 2)

    def test_tier_progress(self):
        self.env["prm.tier.requirement"].create(
            {
                "grade_id": self.gold.id,
                "metric_id": self.env.ref("prm_enablement.prm_metric_certified_people").id,
                "threshold": 2,
            }
        )
        membership = self._enroll(self.partner, self.silver)
        self._issue(self.contact)
        progress = membership._tier_progress()
        self.assertEqual(progress["grade"], self.gold)
        self.assertEqual(progress["percent"], 50)
        self.assertEqual(progress["requirements"][0]["missing"], 1.0)

    def test_counts_on_the_partner(self):
        self._issue(self.contact)
        self._issue(self.contact, certification=self._new_certification("Other"))
        self._issue(self.colleague).action_revoke("Cheated")
        self.assertEqual(self.partner.prm_certified_count, 1)
        self.assertEqual(self.partner.prm_credential_count, 3)
        self.assertEqual(self.contact.prm_credential_count, 2)
        self.assertEqual(self.certification.certified_count, 1)
