from datetime import date

from freezegun import freeze_time

from odoo import fields

from .working import WorkingCase


class TestObjective(WorkingCase):
    def _objective(self, metric, target, day, value, **vals):
        """The only objective of a running plan for 2026, measured on ``day``."""
        self._set(metric, value)
        with freeze_time(day):
            plan = self._new_plan(objectives=[{"metric_id": metric.id, "target": target, **vals}])
            return plan.objective_ids

    def test_growing_value_is_compared_with_the_time_passed(self):
        """On 2 July half of the year is over."""
        for value, progress, light in (
            (0.0, 0.0, "red"),
            (24.0, 24.0, "red"),
            (26.0, 26.0, "amber"),
            (39.0, 39.0, "amber"),
            (41.0, 41.0, "green"),
            (500.0, 100.0, "green"),
        ):
            with self.subTest(value=value):
                objective = self._objective(self.money, 100.0, "2026-07-02", value)
                self.assertEqual(objective.value, value)
                self.assertEqual(objective.progress, progress)
                self.assertAlmostEqual(objective.expected, 50.1, places=1)
                self.assertEqual(objective.light, light)

    def test_share_is_compared_with_the_target_itself(self):
        objective = self._objective(self.rate, 50.0, "2026-02-01", 20.0)
        self.assertEqual((objective.progress, objective.expected), (40.0, 100.0))
        self.assertEqual(objective.light, "red")

    def test_lower_is_better(self):
        self.assertEqual(self._objective(self.silence, 30, "2026-02-01", 20).progress, 100.0)
        objective = self._objective(self.silence, 30, "2026-02-01", 60)
        self.assertEqual((objective.progress, objective.light), (50.0, "amber"))

    def test_nothing_is_expected_before_the_period(self):
        objective = self._objective(self.money, 100.0, "2025-12-31", 70.0)
        self.assertFalse(objective.light)
        self.assertEqual((objective.value, objective.progress, objective.expected), (0, 0, 0))
        self.assertFalse(self.asked, "the future is not measured")

    def test_period_of_its_own(self):
        period = {"date_start": "2026-03-01", "date_end": "2026-06-30"}
        self._objective(self.count, 4, "2026-08-01", 1, **period)
        self.assertEqual(self.asked, [("t_count", date(2026, 3, 1), date(2026, 6, 30), 1)])

    def test_period_of_the_plan_up_to_today(self):
        self._objective(self.count, 4, "2026-08-01", 1)
        self.assertEqual(self.asked, [("t_count", date(2026, 1, 1), date(2026, 8, 1), 1)])

    def test_plan_is_the_weighted_mean(self):
        self._set(self.money, 100.0)
        self._set(self.rate, 20.0)
        with freeze_time("2026-07-02"):
            plan = self._new_plan(
                objectives=[
                    {"metric_id": self.money.id, "target": 100.0, "weight": 3},
                    {"metric_id": self.rate.id, "target": 100.0, "weight": 1},
                ]
            )
        self.assertEqual(plan.progress, 80.0)
        self.assertAlmostEqual(plan.expected, (3 * 50.137 + 100) / 4, places=1)
        self.assertEqual(plan.light, "green")
        with freeze_time("2026-07-02"):
            plan.objective_ids[1].weight = 9
            self.env.flush_all()
        self.assertEqual(plan.progress, 40.0)

    def test_nightly_measurement(self):
        self._set(self.money, 10.0)
        with freeze_time("2026-07-01"):
            plan = self._agree(self._new_plan())
            draft = self._new_plan()
        self._set(self.money, 60.0)
        with freeze_time("2026-07-02"):
            self._run_cron("ir_cron_follow_up_plans")
            self.assertEqual((plan.objective_ids.value, plan.progress), (60.0, 60.0))
            self.assertEqual(plan.objective_ids.measured_on, date(2026, 7, 2))
            self.assertEqual(draft.objective_ids.value, 10.0, "drafts wait")
            self.asked.clear()
            self._run_cron("ir_cron_follow_up_plans")
            self.assertFalse([call for call in self.asked if call[0] == "t_money"], "once a day")

    def test_staff_measure_at_once(self):
        with freeze_time("2026-07-01"):
            plan = self._agree(self._new_plan())
            self._set(self.money, 60.0)
            plan.with_user(self.manager).action_refresh()
        self.assertEqual(plan.objective_ids.value, 60.0)

    def test_metric_without_its_add_on(self):
        """One metric that cannot be measured any more does not stop the others."""
        gone = self.env["prm.metric"].create({"code": "t_gone", "name": "Gone"})
        self._set(self.money, 50.0)
        with freeze_time("2026-07-01"), self.assertLogs("odoo.addons.prm_partner", "WARNING"):
            plan = self._new_plan(
                objectives=[
                    {"metric_id": gone.id, "target": 1.0},
                    {"metric_id": self.money.id, "target": 100.0},
                ]
            )
        self.assertEqual(plan.objective_ids.mapped("value"), [0.0, 50.0])

    @freeze_time("2026-07-01")
    def test_number_of_queries(self):
        """As many for 40 plans as for 4, and one measurement for each different question."""

        def count(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{index}", "is_company": True} for index in range(number)]
            )
            plans = self.env["prm.business.plan"]
            for partner in partners:
                plans |= self._new_plan(self._enroll(partner))
            self.env.flush_all()
            self.asked.clear()
            objectives = plans.objective_ids.browse(plans.objective_ids.ids)
            queries = self._count_queries(objectives._refresh)
            self.assertEqual(len(self.asked), 1)
            return queries

        count(1)
        self.assertEqual(count(4), count(40))

    def test_texts(self):
        self._set(self.money, 12345.6)
        objective = self._objective(self.money, 20000.0, "2026-07-02", 12345.6)
        self.assertIn("12,345.60", objective.value_text)
        self.assertIn(self.program.currency_id.symbol, objective.target_text)
        self.assertEqual(self._objective(self.rate, 40.0, "2026-07-02", 0).target_text, "40 %")
        self.assertEqual(self._objective(self.count, 3.0, "2026-07-02", 0).target_text, "3")


@freeze_time("2026-07-01")
class TestReview(WorkingCase):
    def _new_review(self, day="2026-06-30", plan=None):
        plan = plan or self._agree(self._new_plan())
        return self.env["prm.business.plan.review"].create(
            {"plan_id": plan.id, "date": day, "name": "Half-year review"}
        )

    def test_overdue_review_reminds_the_owner_once(self):
        review = self._new_review()
        self._run_cron("ir_cron_follow_up_plans")
        self._run_cron("ir_cron_follow_up_plans")
        activity = review.plan_id.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("Half-year review", activity.summary)
        activity.with_user(self.manager).action_done()
        self._run_cron("ir_cron_follow_up_plans")
        self.assertFalse(review.plan_id.activity_ids)

    def test_no_reminder(self):
        due_today = self._new_review("2026-07-01")
        held = self._new_review()
        held.with_user(self.manager).action_done()
        of_draft = self._new_review(plan=self._new_plan())
        self._run_cron("ir_cron_follow_up_plans")
        plans = (due_today | held | of_draft).plan_id
        self.assertFalse(plans.activity_ids)

    def test_held_review_closes_its_reminder_only(self):
        review = self._new_review()
        other = self._new_review(plan=review.plan_id)
        self._run_cron("ir_cron_follow_up_plans")
        review.with_user(self.program_manager).action_done()
        self.assertEqual(review.date_done, fields.Date.today())
        self.assertEqual(review.state, "done")
        self.assertEqual(other.plan_id.activity_ids, other.activity_id)
        review.action_undo()
        self.assertEqual(review.state, "overdue")

    def test_another_date_another_reminder(self):
        review = self._new_review()
        self._run_cron("ir_cron_follow_up_plans")
        review.with_user(self.manager).date = "2026-08-01"
        self.assertFalse(review.plan_id.activity_ids)
        with freeze_time("2026-08-02"):
            self._run_cron("ir_cron_follow_up_plans")
        self.assertEqual(len(review.plan_id.activity_ids), 1)

    def test_search_by_state(self):
        overdue, planned = self._new_review(), self._new_review("2026-07-01")
        done = self._new_review()
        done.action_done()
        reviews = overdue | planned | done
        for state, expected in (("overdue", overdue), ("planned", planned), ("done", done)):
            domain = [("state", "=", state), ("id", "in", reviews.ids)]
            self.assertEqual(reviews.search(domain), expected)
            self.assertEqual(expected.state, state)
