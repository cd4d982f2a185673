from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user

from .common import PartnerCase

LOGGER = "odoo.addons.prm_partner.models.prm_metric_value"


class TestMetricValue(PartnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.history = cls.env["prm.metric.value"]
        cls.env.cr.execute("DELETE FROM prm_metric_value")
        cls.env["prm.metric"].search([]).active = False
        cls.metric = cls.env["prm.metric"].create(
            {"code": "t_days", "name": "Days", "snapshot_window": "rolling_3"}
        )
        cls._enroll(cls.partner, user=cls.manager)
        cls._enroll(cls.rival, user=cls.other_manager)
        cls.cron = cls.env.ref("prm_partner.ir_cron_snapshot")
        cls.asked = []

        def measure(metric, partners, date_from, date_to, company):
            cls.asked.append((date_from, date_to, company))
            return {partner.id: float(date_to.day) for partner in partners}

        cls.startClassPatcher(
            patch.object(type(cls.metric), "_measure_t_days", measure, create=True)
        )

    def _run(self, day):
        with freeze_time(day), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def _days(self, metric=None, partner=None):
        rows = self.history.search(
            [
                ("metric_id", "=", (metric or self.metric).id),
                ("partner_id", "=", (partner or self.partner).id),
                ("company_id", "=", self.company.id),
            ]
        )
        return sorted(rows.mapped("date"))

    def test_each_night_the_day_before(self):
        self._run("2026-03-10 02:00:00")
        self.assertEqual(self._days(), [date(2026, 3, 9)])
        row = self.history.search([("partner_id", "=", self.partner.id)])
        self.assertEqual(row.value, 9.0)
        self.assertEqual(row.company_id, self.company)
        self.assertFalse(row.currency_id)
        self.assertEqual(self.asked[0][:2], (date(2025, 12, 10), date(2026, 3, 9)))

    def test_money_has_a_currency(self):
        self.metric.unit = "money"
        self._run("2026-03-10")
        row = self.history.search([("partner_id", "=", self.partner.id)])
        self.assertEqual(row.currency_id, self.company.currency_id)

    def test_again_changes_nothing(self):
        self._run("2026-03-10")
        before = self.history.search([])
        self.asked.clear()
        self._run("2026-03-10")
        self.assertFalse(self.asked)
        self.history._snapshot(self.metric, self.company, date(2026, 3, 9))
        self.assertEqual(self.history.search([]), before)

    def test_missed_nights_are_caught_up(self):
        self._run("2026-03-10")
        self._run("2026-03-14")
        self.assertEqual(self._days(), [date(2026, 3, day) for day in range(9, 14)])

    def test_a_long_gap_is_filled_for_a_month(self):
        self._run("2026-01-02")
        self._run("2026-03-10")
        days = self._days()
        self.assertEqual(days[0], date(2026, 1, 1))
        self.assertEqual((days[1], len(days)), (date(2026, 2, 7), 32))

    def test_nights_that_failed_are_made_up_for(self):
        self._run("2026-03-10")
        with (
            patch.object(type(self.metric), "_measure_t_days", side_effect=ValueError("Down")),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            self._run("2026-03-11")
        self.history._snapshot(self.metric, self.company, date(2026, 3, 12))
        self.asked.clear()
        with freeze_time("2026-03-14"), self.assertQueryCount(3):
            units = self.history._get_missing_units(date(2026, 3, 13))
        self.assertEqual([day.day for _metric, _company, day in units], [10, 11, 13])
        self._run("2026-03-14")
        self.assertEqual([until.day for _since, until, _company in self.asked], [10, 11, 13])
        self.assertEqual(self._days(), [date(2026, 3, day) for day in range(9, 14)])
        self.asked.clear()
        self._run("2026-03-14")
        self.assertFalse(self.asked)

    def test_looking_for_missing_days_takes_the_same_queries(self):
        def look():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            units = self.history._get_missing_units(date(2026, 3, 31))
            return self.cr.sql_log_count - before, len(units)

        self.history._snapshot(self.metric, self.company, date(2026, 3, 30))
        queries, found = look()
        self.assertEqual(found, 1)
        self.history._snapshot(self.metric, self.company, date(2026, 2, 28))
        metrics = [{"code": f"t_{number}", "name": str(number)} for number in range(5)]
        self.env["prm.metric"].create(metrics)
        self.env.flush_all()
        self.assertEqual(look(), (queries, 30 + 5))

    def test_cut_short_it_goes_on_where_it_ended(self):
        self._run("2026-03-10")
        with freeze_time("2026-03-14"):
            units = self.history._get_missing_units(date(2026, 3, 13))
            self.history._snapshot(*units[0])
            left = self.history._get_missing_units(date(2026, 3, 13))
        self.assertEqual(left, units[1:])

    def test_a_metric_that_fails_does_not_stop_the_others(self):
        broken = self.env["prm.metric"].create({"code": "t_broken", "name": "A broken one"})

        def fail(metric, partners, date_from, date_to, company):
            metric.env.cr.execute("SELECT 1/0")

        with (
            patch.object(type(broken), "_measure_t_broken", fail, create=True),
            self.assertLogs(LOGGER, "ERROR") as logs,
            patch("odoo.sql_db._logger.error"),
        ):
            self._run("2026-03-10")
        self.assertIn("t_broken", logs.output[0])
        self.assertFalse(self._days(broken))
        self.assertEqual(len(self._days()), 1)

    def test_a_metric_without_its_add_on_is_left_out(self):
        orphan = self.env["prm.metric"].create({"code": "t_orphan", "name": "Orphan"})
        self._run("2026-03-10")
        self.assertFalse(self._days(orphan))
        self.assertEqual(len(self._days()), 1)

    def test_partners_that_have_left_are_left_out(self):
        self.rival.prm_membership_ids.action_end()
        self._run("2026-03-10")
        self.assertFalse(self._days(partner=self.rival))

    def test_old_days_are_thinned_to_month_ends(self):
        for day in ("2026-01-30", "2026-01-31", "2026-02-26", "2026-02-27", "2026-03-01"):
            self.history._snapshot(self.metric, self.company, date.fromisoformat(day))
        self._run("2026-06-05")
        old = [day for day in self._days() if day < date(2026, 5, 1)]
        # 28 February is missing: the last day that there is stays. March is not over 92 days ago.
        self.assertEqual(old, [date(2026, 1, 31), date(2026, 2, 27), date(2026, 3, 1)])

    def test_fill_the_history(self):
        admin = new_test_user(
            self.env, "t_admin", groups="base.group_user,prm_partner.group_prm_admin"
        )
        with freeze_time("2026-03-10"):
            self.metric.with_user(admin).action_fill_history()
        days = self._days()
        self.assertEqual((days[0], days[-1], len(days)), (date(2025, 3, 31), date(2026, 2, 28), 12))
        with self.assertRaises(AccessError):
            self.metric.with_user(self.program_manager).action_fill_history()

    def test_security(self):
        self._run("2026-03-10")
        values = self.history.with_user(self.manager).search([])
        self.assertIn(self.partner, values.partner_id)
        self.assertNotIn(self.rival, values.partner_id)
        values = self.history.with_user(self.program_manager).search([])
        self.assertLessEqual(self.partner | self.rival, values.partner_id)
        for user in (self.manager, self.program_manager):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.history.with_user(user).has_access(operation))
        employee = new_test_user(self.env, "t_employee", groups="base.group_user")
        portal = self._new_portal_user(self.contact, "admin")
        for user in (employee, portal, self.env.ref("base.public_user")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.history.with_user(user).search([])

    def test_other_company(self):
        self._run("2026-03-10")
        company = self.env["res.company"].create({"name": "Company B"})
        stranger = new_test_user(
            self.env,
            "t_company_b",
            groups="base.group_user,prm_partner.group_prm_admin",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.history.with_user(stranger).search([]))

    def test_history_of_metric_and_partner(self):
        self._run("2026-03-10")
        for action, expected in (
            (self.metric.action_view_history(), self.partner | self.rival),
            (self.contact.with_user(self.manager).action_prm_metric_history(), self.partner),
        ):
            rows = self.history.search(action["domain"])
            self.assertLessEqual(expected, rows.partner_id)
