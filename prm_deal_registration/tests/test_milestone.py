from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from .common import DealCase


class TestMilestone(DealCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.program.deal_policy_ids
        with freeze_time("2030-03-01"):
            cls.deal = cls._register(date_close="2031-01-01")

    def test_due(self):
        self.assertEqual(self.deal.date_milestone, date(2030, 3, 31))
        self.policy.milestone_days = 0
        with freeze_time("2030-03-01"):
            deal = self._register(name="initech", date_close="2031-01-01")
        self.assertFalse(deal.date_milestone)

    def test_missed(self):
        self._run_expiry("2030-03-31")
        self.assertFalse(self.deal.activity_ids)
        self._run_expiry("2030-04-01")
        self._run_expiry("2030-04-02")
        self.assertEqual(self.deal.activity_ids.user_id, self.manager)
        self.assertEqual(len(self.deal.activity_ids), 1)
        self.assertEqual(self.deal.state, "approved")
        mails = self.env["mail.mail"].search(
            [("model", "=", self.deal._name), ("res_id", "=", self.deal.id)]
        )
        subjects = [mail.subject for mail in mails if mail.recipient_ids == self.contact]
        self.assertEqual(sum("How does your deal" in subject for subject in subjects), 1)

    def test_reported(self):
        with freeze_time("2030-03-20"):
            self.deal.with_user(self.sales_user).action_report_milestone("Demo", "2030-03-18")
        self.assertEqual(self.deal.date_milestone_reached, date(2030, 3, 18))
        self.assertEqual(self.deal.milestone_note, "Demo")
        self.assertEqual(self.deal.event_ids[-1].type, "milestone")
        self._run_expiry("2030-04-01")
        self.assertFalse(self.deal.activity_ids)

    def test_reported_late_settles_the_proposal(self):
        self._run_expiry("2030-04-01")
        with freeze_time("2030-04-03"):
            self.deal.with_user(self.sales_user).action_report_milestone("Demo")
        self.assertFalse(self.deal.activity_ids)

    def test_bad_input(self):
        with freeze_time("2030-03-20"):
            for note, day in (
                ("", None),
                ("Demo", "2030-03-21"),
                ("Demo", "2030-02-28"),
                ("Demo", "tomorrow"),
                ("Demo", 5),
                ("Demo", "2030-13-01"),
            ):
                with self.subTest(note=note, day=day), self.assertRaises(UserError):
                    self.deal.with_user(self.sales_user).action_report_milestone(note, day)
        with self.assertRaises(AccessError):
            self.deal.with_user(self.rival_user).action_report_milestone("Demo")

    def test_revoke(self):
        self._run_expiry("2030-04-01")
        deal = self.deal.with_user(self.manager)
        with self.assertRaises(UserError):
            deal.action_revoke(" ")
        with freeze_time("2030-04-05"):
            self.env["prm.deal.step"].with_user(self.manager).create(
                {"registration_id": deal.id, "kind": "revoke", "reason": "Nothing happened"}
            ).action_confirm()
        self.assertEqual((deal.state, deal.date_ended), ("expired", date(2030, 4, 5)))
        self.assertFalse(self.deal.protection_ids)
        self.assertFalse(self.deal.lead_id.partner_assigned_id)
        self.assertFalse(self.deal.activity_ids)
        self.assertEqual(self.deal.event_ids[-1].type, "revoked")
        with freeze_time("2030-04-06"):
            rival = self._register(self.rival_user, date_close="2031-01-01")
            rival.with_user(self.other_manager).action_approve()
        self.assertEqual(rival.state, "approved")

    def test_who_revokes(self):
        for user in (self.sales_user, self.rival_user, self.other_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.deal.with_user(user).action_revoke("No")
