from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.prm_deal_registration.models import prm_deal_registration_expiry as expiry
from odoo.tests import freeze_time

from .common import DealCase


class TestExpiry(DealCase):
    def _reminders(self, deal):
        mails = self.env["mail.mail"].search(
            [("model", "=", deal._name), ("res_id", "=", deal.id), ("subject", "like", "ends soon")]
        )
        return len(mails)

    def _register_on(self, day, **values):
        with freeze_time(day):
            return self._register(date_close="2031-01-01", **values)

    def test_reminders(self):
        deal = self._register_on("2030-03-01")  # until 30 May
        for day, sent in (
            ("2030-04-29", 0),
            ("2030-04-30", 1),  # 30 days
            ("2030-05-01", 1),
            ("2030-05-16", 2),  # 14 days
            ("2030-05-22", 2),
            ("2030-05-25", 3),  # 7 days, two days late
            ("2030-05-29", 4),  # 1 day
            ("2030-05-30", 4),
        ):
            with self.subTest(day=day):
                self._run_expiry(day)
                self._run_expiry(day)
                self.assertEqual(self._reminders(deal), sent)

    def test_job_that_did_not_run_reminds_once(self):
        deal = self._register_on("2030-03-01")
        self._run_expiry("2030-05-28")
        self.assertEqual(self._reminders(deal), 1)

    def test_short_protection_is_not_reminded_at_once(self):
        self.program.deal_policy_ids.protection_days = 20
        deal = self._register_on("2030-03-01")  # until 21 March
        self._run_expiry("2030-03-02")
        self.assertEqual(self._reminders(deal), 0)
        self._run_expiry("2030-03-07")
        self.assertEqual(self._reminders(deal), 1)

    def test_extension_reminds_anew(self):
        deal = self._register_on("2030-03-01")
        self._run_expiry("2030-05-16")
        self.program.deal_policy_ids.write(
            {"extension_automatic": True, "extension_activity_days": 0}
        )
        with freeze_time("2030-05-16"):
            deal.action_request_extension("Trial")  # until 29 June
        self._run_expiry("2030-05-30")
        self.assertEqual(self._reminders(deal), 2)

    def test_ends_with_its_last_day(self):
        deal = self._register_on("2030-03-01")
        self._run_expiry("2030-05-30")
        self.assertEqual(deal.state, "approved")
        self._run_expiry("2030-06-10")
        self.assertEqual((deal.state, deal.date_ended), ("expired", date(2030, 5, 30)))
        self.assertFalse(deal.protection_ids)

    def test_slices(self):
        """Cut short after each slice, the job goes on where it stopped, and repeats nothing."""
        self.deals.search([("state", "=", "approved")]).state = "lost"
        deals = self.deals.concat(
            *(self._register_on("2030-03-01", name=f"customer{number}") for number in range(5))
        )
        committed = []

        def stop(cron, processed=0, **_values):
            committed.append(processed)
            return 0

        with patch.object(expiry, "SLICE", 2), patch.object(
            type(self.env["ir.cron"]), "_commit_progress", stop
        ):
            for done in (2, 4, 5):
                with freeze_time("2030-06-01"):
                    self.deals._cron_expire()
                expired = deals.filtered(lambda deal: deal.state == "expired")
                self.assertEqual(len(expired), done)
        self.assertEqual(committed[:3], [2, 2, 1])
        for deal in deals:
            self.assertEqual(deal.event_ids.mapped("type").count("expired"), 1)

    def test_number_of_queries(self):
        def expire(prefix, count):
            deals = self.deals.create(
                [
                    {
                        "partner_id": self.partner.id,
                        "membership_id": self.membership.id,
                        **self._values(name=f"{prefix}{number}"),
                    }
                    for number in range(count)
                ]
            )
            day = date(2020, 1, 1)
            deals.write(
                {
                    "state": "approved",
                    "date_protected_from": day,
                    "date_protected_until": day + timedelta(days=90),
                }
            )
            self.env["prm.deal.protection"]._protect(deals)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
                self.deals._cron_expire()
            self.env.flush_all()
            counted = self.cr.sql_log_count - before
            self.assertEqual(set(deals.mapped("state")), {"expired"})
            return counted

        expire("warm", 1)
        self.assertEqual(expire("few", 10), expire("many", 90))
