from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .working import WorkingCase

TODAY = date(2026, 11, 24)


@freeze_time(TODAY)
class TestScorecard(WorkingCase):
    def _score(self, membership=None, day=TODAY):
        return self.env["prm.scorecard"]._score(membership or self.membership, day)

    def test_manager_sets_the_scorecard_in_the_form(self):
        with (
            Form(self.program.with_user(self.program_manager)) as form,
            form.scorecard_weight_ids.new() as line,
        ):
            line.metric_id = self.money
            line.target = 100.0
        self._set(self.money, 80.0)
        self.membership.with_user(self.manager).action_score()
        with Form(self.membership.with_user(self.manager)) as form:
            self.assertEqual(form.score, 80.0)
            self.assertEqual(len(form.scorecard_line_ids), 1)
            form.contact_cadence = "own"
            form.contact_days = 10
        self.assertEqual(self.membership._get_contact_days(), 10)

    def test_points_of_each_metric(self):
        self._weigh((self.money, 0, 1000, 3), (self.silence, 90, 30, 1))
        self._set(self.money, 500.0)
        self._set(self.silence, 60.0)
        scorecard = self._score()
        self.assertEqual(scorecard.score, 50.0)
        self.assertEqual(scorecard.color, "amber")
        money, silence = scorecard.line_ids
        self.assertEqual((money.points, money.max_points, money.value), (37.5, 75.0, 500.0))
        self.assertEqual((silence.points, silence.max_points, silence.percent), (12.5, 25.0, 50.0))
        self.assertEqual((silence.floor, silence.target), (90.0, 30.0))
        self.assertEqual(scorecard.partner_id, self.partner)

    def test_membership_shows_the_latest(self):
        self._weigh((self.money, 0, 100, 1))
        self._set(self.money, 90.0)
        latest = self._score()
        self.assertEqual((self.membership.score, self.membership.score_color), (90.0, "green"))
        self._set(self.money, 10.0)
        old = self._score(day=TODAY - timedelta(days=40))
        self.assertEqual(old.score, 10.0)
        self.assertEqual(self.membership.scorecard_id, latest)
        self.assertEqual(self.membership.score, 90.0)
        self.assertEqual(self.membership.scorecard_line_ids, latest.line_ids)

    def test_look_back_asks_for_that_day(self):
        self._weigh((self.money, 0, 100, 1))
        self._score(day=date(2026, 3, 31))
        self.assertEqual(self.asked, [("t_money", date(2025, 4, 1), date(2026, 3, 31), 1)])

    def _dates(self, membership):
        return sorted(membership.scorecard_ids.mapped("date"))

    def test_missed_nights_are_caught_up(self):
        self._weigh((self.money, 0, 100, 1))
        self._set(self.money, 60.0)
        last = TODAY - timedelta(days=4)
        self._score(day=last)
        self.asked.clear()
        self._run_cron("ir_cron_score")
        days = [last + timedelta(days=number) for number in range(5)]
        self.assertEqual(self._dates(self.membership), days)
        self.assertEqual({asked[2] for asked in self.asked}, set(days[1:]))
        self.assertEqual(self.membership.scorecard_id.date, TODAY)
        # who had no scorecard before is scored from today on
        self.assertEqual(self._dates(self.rival_membership), [TODAY])
        self.asked.clear()
        self._run_cron("ir_cron_score")
        self.assertFalse(self.asked, "nothing twice")

    def test_a_score_by_hand_hides_no_missed_night(self):
        self._weigh((self.money, 0, 100, 1))
        for membership in (self.membership, self.rival_membership):
            self._score(membership, TODAY - timedelta(days=3))
        self._score(self.membership)
        self._run_cron("ir_cron_score")
        for membership in (self.membership, self.rival_membership):
            self.assertEqual(len(self._dates(membership)), 4)

    def test_a_month_at_most_is_caught_up(self):
        self._weigh((self.money, 0, 100, 1))
        self._score(day=TODAY - timedelta(days=60))
        self._run_cron("ir_cron_score")
        dates = self._dates(self.membership)
        self.assertEqual(dates[1], TODAY - timedelta(days=31))
        self.assertEqual(len(dates), 33)

    def test_gaps_wait_when_the_time_is_over(self):
        self.env["prm.scorecard.weight"].search([]).unlink()
        self._weigh((self.money, 0, 100, 1))
        self._score(day=TODAY - timedelta(days=3))
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda _self, *_a, **_k: 0.0
        ):
            self.env["prm.scorecard"]._cron_score()
            self.assertEqual(self._dates(self.membership)[1:], [TODAY], "today comes first")
            for _run in range(3):
                self.env["prm.scorecard"]._cron_score()
        self.assertEqual(len(self._dates(self.membership)), 4)

    def test_thresholds_of_the_program(self):
        self._weigh((self.money, 0, 100, 1))
        self.program.write({"health_green": 90, "health_amber": 70})
        for value, color in ((90, "green"), (89, "amber"), (70, "amber"), (69, "red")):
            self._set(self.money, float(value))
            self.assertEqual(self._score().color, color)
        with self._assert_refused("health_check"):
            self.program.write({"health_green": 60, "health_amber": 70})

    def test_again_on_the_same_day_replaces(self):
        self._weigh((self.money, 0, 100, 1), (self.count, 0, 10, 1))
        self._set(self.money, 10.0)
        first = self._score()
        self._set(self.money, 100.0)
        self.program.scorecard_weight_ids[1].unlink()
        self.membership.with_user(self.manager).action_score()
        self.assertEqual(self.membership.scorecard_ids, first)
        self.assertEqual((first.score, len(first.line_ids)), (100.0, 1))

    def test_nightly_job(self):
        self._weigh((self.money, 0, 100, 1))
        self._set(self.money, 55.0)
        suspended = self._enroll(self._new_partner("S", "s.example")[0], state="suspended")
        other_program = self.program.copy({"name": "Other"})
        other_program.scorecard_weight_ids.unlink()
        without = self._enroll(self._new_partner("W", "w.example")[0], program=other_program)
        self._run_cron("ir_cron_score")
        self.assertEqual(self.membership.score, 55.0)
        self.assertEqual(self.rival_membership.score, 0.0)
        self.assertEqual(self.rival_membership.score_color, "red")
        self.assertFalse((suspended | without).scorecard_ids)
        self.asked.clear()
        self._run_cron("ir_cron_score")
        self.assertFalse(self.asked, "who has a score of today is left out")
        self.assertEqual(len(self.membership.scorecard_ids), 1)

    def test_program_without_weights_any_more(self):
        self._weigh((self.money, 0, 100, 1))
        self._score()
        self.program.scorecard_weight_ids.unlink()
        with self.assertRaisesRegex(UserError, "no scorecard"):
            self.membership.action_score()
        self._run_cron("ir_cron_score")
        self.assertFalse(self.membership.scorecard_id)
        self.assertFalse(self.membership.score_color)
        self.assertEqual(len(self.membership.scorecard_ids), 1, "the history stays")

    def test_old_scorecards_are_thinned_out(self):
        self._weigh((self.money, 0, 100, 1))
        days = [TODAY - timedelta(days=age) for age in range(160)]
        for day in days:
            self._score(day=day)
        self._run_cron("ir_cron_score")
        kept = set(self.membership.scorecard_ids.mapped("date"))
        recent = {day for day in days if day >= TODAY - timedelta(days=92)}
        self.assertLessEqual(recent, kept)
        self.assertEqual(kept - recent, {date(2026, 6, 30), date(2026, 7, 31)})
        self._run_cron("ir_cron_score")
        self.assertEqual(set(self.membership.scorecard_ids.mapped("date")), kept)

    def test_metric_without_its_add_on(self):
        """It takes no points away: the others count in proportion."""
        gone = self.env["prm.metric"].create({"code": "t_gone", "name": "Gone"})
        self._weigh((gone, 0, 10, 5), (self.money, 0, 100, 1))
        self._set(self.money, 80.0)
        with self.assertLogs("odoo.addons.prm_partner", "WARNING"):
            scorecard = self._score()
        self.assertEqual((scorecard.score, len(scorecard.line_ids)), (80.0, 1))

    def test_whole_program_at_once(self):
        self._weigh((self.money, 0, 100, 1))
        self._set(self.money, 80.0)
        self.program.with_user(self.program_manager).action_recompute_scores()
        self.assertEqual(self.membership.score, 80.0)
        self.assertTrue(self.rival_membership.scorecard_id)
        with self.assertRaises(AccessError):
            self.program.with_user(self.manager).action_recompute_scores()

    def test_weights_make_sense(self):
        for metric, floor, target in (
            (self.money, 5, 5),
            (self.money, 10, 5),
            (self.silence, 5, 10),
            (self.silence, 5, 5),
        ):
            with (
                self.subTest(metric=metric.code, floor=floor, target=target),
                self._assert_refused("is better"),
            ):
                self._weigh((metric, floor, target, 1))
        for lines, rule in (
            ([(self.money, 0, 5, 0)], "weight_check"),
            ([(self.money, 0, 5, 1), (self.money, 0, 7, 1)], "metric_uniq"),
        ):
            with self.subTest(rule=rule), self._assert_refused(rule):
                self._weigh(*lines)

    def test_copied_program_has_its_own_weights(self):
        self._weigh((self.money, 0, 100, 2))
        copy = self.program.copy({"name": "Copy"})
        self.assertEqual(copy.scorecard_weight_ids.target, 100.0)
        self.assertEqual(len(self.program.scorecard_weight_ids), 1)

    def test_number_of_queries(self):
        """As many for 60 members as for 6."""
        self._weigh((self.money, 0, 100, 1), (self.count, 0, 10, 1), (self.silence, 90, 30, 1))

        def count(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{index}", "is_company": True} for index in range(number)]
            )
            memberships = self.env["prm.membership"]
            for partner in partners:
                memberships |= self._enroll(partner)
            self.asked.clear()
            queries = self._count_queries(lambda: self._score(memberships))
            self.assertEqual(len(self.asked), 3)
            return queries

        count(1)
        self.assertEqual(count(6), count(60))

    def test_score_is_explained_by_its_lines(self):
        """Whatever is measured: 0 to 100, and the lines say where it comes from."""
        self._weigh((self.money, 0, 1000, 5), (self.count, 2, 10, 3), (self.silence, 90, 30, 1))

        @settings(deadline=None, max_examples=25)  # a busy machine is no defect
        @given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3))
        def check(values):
            for metric, value in zip((self.money, self.count, self.silence), values, strict=True):
                self._set(metric, value)
            scorecard = self._score()
            self.assertTrue(0.0 <= scorecard.score <= 100.0)
            lines = scorecard.line_ids
            self.assertEqual(len(lines), 3)
            self.assertAlmostEqual(scorecard.score, sum(lines.mapped("points")), delta=0.06)
            self.assertAlmostEqual(sum(lines.mapped("max_points")), 100.0, delta=0.02)
            for line in lines:
                self.assertTrue(0.0 <= line.points <= line.max_points)

        check()
