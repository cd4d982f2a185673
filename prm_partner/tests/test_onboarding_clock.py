from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import freeze_time

from ..models.prm_onboarding_clock import CODES, SPANS
from .onboarding_common import OnboardingCase

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


class TestOnboardingClock(OnboardingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.membership = cls._enroll(cls.partner, state="applicant")

    def _clock(self, membership=None):
        return (membership or self.membership).onboarding_clock_ids

    def test_first_date_stays(self):
        self.membership._mark_milestone("signed", date(2026, 3, 2))
        self.membership._mark_milestone("signed", date(2026, 3, 9))
        self.membership._mark_milestone("signed", date(2026, 1, 1))
        self.assertEqual(self._clock().date_signed, date(2026, 3, 2))

    def test_unknown_milestone(self):
        with self.assertRaises(ValueError):
            self.membership._mark_milestone("date_signed; DROP TABLE x")

    def test_today_by_default_for_many_at_once(self):
        other = self._enroll(self.rival)
        with freeze_time("2026-03-02"):
            (self.membership | other)._mark_milestone("first_won")
        self.assertEqual(
            (self._clock() | self._clock(other)).mapped("date_first_won"), [date(2026, 3, 2)] * 2
        )

    def test_one_statement_for_many(self):
        memberships = self.membership | self._enroll(self.rival)
        self.env.flush_all()
        counts = []
        for records, code in ((memberships[:1], "signed"), (memberships, "first_won")):
            before = self.cr.sql_log_count
            self.env["prm.onboarding.clock"]._record(records, code, date(2026, 3, 2))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    @settings(
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    )
    @given(st.dictionaries(st.sampled_from(CODES), DAYS))
    def test_days_between_milestones(self, days):
        self.env["prm.onboarding.clock"].search(
            [("membership_id", "=", self.membership.id)]
        ).unlink()
        for code, day in days.items():
            self.membership._mark_milestone(code, day)
        clock = self.env["prm.onboarding.clock"].search(
            [("membership_id", "=", self.membership.id)]
        )
        self.assertEqual(bool(clock), bool(days))
        for name, start, end in SPANS if clock else ():
            self.env.cr.execute(f"SELECT {name} FROM prm_onboarding_clock WHERE id = %s", clock.ids)
            [stored] = self.env.cr.fetchone()
            if start in days and end in days:
                self.assertEqual(stored, max((days[end] - days[start]).days, 0))
            else:
                self.assertIsNone(stored, "what was not reached is in no average")

    def test_average_leaves_out_what_is_not_reached(self):
        other = self._enroll(self.rival)
        for membership in (self.membership, other):
            membership._mark_milestone("approved", date(2026, 3, 2))
        self.membership._mark_milestone("first_registration", date(2026, 4, 1))
        [[average]] = self.env["prm.onboarding.clock"]._read_group(
            [("membership_id", "in", (self.membership | other).ids)],
            [],
            ["days_to_register:avg"],
        )
        self.assertEqual(average, 30)

    def test_target(self):
        self.program.registration_target_days = 90
        start = date(2026, 3, 2)
        self.membership._mark_milestone("approved", start)
        clock = self._clock()
        for days, target in ((90, "waiting"), (91, "missed")):
            with freeze_time(start + timedelta(days=days)):
                clock.invalidate_recordset(["target"])
                self.assertEqual(clock.target, target)
                self._assert_found(clock, target)
        self.membership._mark_milestone("first_registration", start + timedelta(days=90))
        with freeze_time("2027-01-01"):
            clock.invalidate_recordset(["target"])
            self.assertEqual(clock.target, "reached")
            self._assert_found(clock, "reached")

    def _assert_found(self, clock, target):
        for value in ("reached", "missed", "waiting"):
            found = clock.search([("target", "=", value), ("id", "=", clock.id)])
            self.assertEqual(bool(found), value == target)

    def test_milestone_finishes_its_task(self):
        self._new_plan()
        self.membership.action_start_onboarding()
        login = self.membership.onboarding_task_ids[2]
        self.membership._mark_milestone("signed")
        self.assertEqual(login.state, "open")
        self.partner._prm_mark_milestone("first_login")
        self.assertEqual(login.state, "done")

    def test_milestone_before_the_plan_counts(self):
        self._new_plan()
        self.membership._mark_milestone("first_login", date(2026, 3, 2))
        self.membership.action_start_onboarding()
        tasks = self.membership.onboarding_task_ids
        self.assertEqual(tasks.mapped("state"), ["open", "open", "done"])
        self.assertEqual(tasks[2].date_done, date(2026, 3, 2))

    def test_first_login(self):
        user = self._new_portal_user(self.contact, "sales")
        with freeze_time("2026-03-02"):
            self.env["res.users"].with_user(user)._update_last_login()
        self.assertEqual(self._clock().date_first_login, date(2026, 3, 2))

    def test_login_of_others_costs_nothing(self):
        customer = self.env["res.partner"].create({"name": "C", "email": "c@c.example"})
        for user in (self.manager, self._new_portal_user(customer, None)):
            users = self.env["res.users"].with_user(user)
            users._update_last_login()
            self.env.flush_all()
            with self.subTest(user=user.login), self.assertQueryCount(1):
                users._update_last_login()
                self.env.flush_all()

    def test_activation_is_an_approval_where_nobody_applied(self):
        with freeze_time("2026-03-02"):
            self.membership.action_activate()
        self.assertEqual(self._clock().date_approved, date(2026, 3, 2))
        self.assertFalse(self._clock().date_applied)

    def test_ended_memberships_reach_nothing(self):
        self.membership.action_end()
        self.partner._prm_mark_milestone("first_login")
        self.assertFalse(self._clock())

    def test_row_goes_with_the_membership_manager(self):
        self.membership._mark_milestone("signed")
        self.membership.user_id = self.other_manager
        self.assertEqual(self._clock().user_id, self.other_manager)
