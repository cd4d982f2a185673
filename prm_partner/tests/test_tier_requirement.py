from psycopg2.errors import CheckViolation, ExclusionViolation, UniqueViolation

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .tier_common import TierCase


class TestTierRequirement(TierCase):
    def _refuse(self, error, message, **values):
        values = {"metric_id": self.metric.id, "threshold": 1.0, "window": "lifetime", **values}
        model = self.env["prm.tier.requirement"]
        with self.assertRaises(error) as caught, mute_logger("odoo.sql_db"), self.cr.savepoint():
            model.create({"grade_id": self.gold.id, **values})
            self.env.flush_all()
        text = str(caught.exception)
        if isinstance(caught.exception, (CheckViolation, UniqueViolation)):
            text = model._sql_error_to_message(caught.exception)
        self.assertIn(message, text)

    def test_clear_messages(self):
        self._refuse(CheckViolation, "Choose what is measured", metric_id=False)
        self._refuse(CheckViolation, "threshold above zero", threshold=-5.0)
        self._refuse(CheckViolation, "number of points", mode="points")
        self._refuse(UniqueViolation, "same metric", window="rolling_12")

    def test_same_metric_with_another_scope(self):
        self._require(self.gold, 300, scope="children")
        self.assertEqual(len(self.gold.requirement_ids), 2)

    def test_more_points_than_there_are(self):
        self._require(self.gold, 5, window="lifetime", mode="points", points=30)
        with self.assertRaisesRegex(ValidationError, "40 points.*30 at most"):
            self.gold.points_required = 40
        self.gold.points_required = 30
        with self.assertRaisesRegex(ValidationError, "30 points.*20 at most"):
            self.gold.requirement_ids.filtered("points").points = 20

    def test_higher_tier_that_asks_for_less(self):
        with self.assertRaisesRegex(ValidationError, "Platinum.*asks for less Sales.*Gold"):
            self.platinum.requirement_ids.threshold = 99.0
        self.platinum.requirement_ids.threshold = 100.0

    def test_higher_tier_where_lower_is_better(self):
        self.metric.direction = "down"
        with self.assertRaisesRegex(ValidationError, "asks for less"):
            self.platinum.requirement_ids.threshold = 200.0
        self.platinum.requirement_ids.threshold = 50.0

    def test_two_tiers_in_one_place(self):
        with (
            self.assertRaises(ExclusionViolation) as caught,
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(flush=False),
        ):
            self.gold.sequence = self.silver.sequence
            self.env.flush_all()
            self.gold._check_places_now()
        message = self.gold._sql_error_to_message(caught.exception)
        self.assertIn("same place in the order", message)
        self.cr.precommit.clear()

    def test_tiers_that_change_places(self):
        (self.gold | self.platinum).requirement_ids.unlink()
        self.silver.sequence, self.gold.sequence = 20, 10
        self.cr.flush()  # as at the end of a request
        self.assertEqual(self.program._prm_tiers().mapped("name"), ["Gold", "Silver", "Platinum"])

    def test_new_tiers_stand_last(self):
        with Form(self.program) as form:
            for name in ("Diamond", "Carbon"):
                with form.grade_ids.new() as tier:
                    tier.name = name
        self.cr.flush()
        names = self.program._prm_tiers().mapped("name")
        self.assertEqual(names, ["Silver", "Gold", "Platinum", "Diamond", "Carbon"])

    def test_progress_with_points_scope_and_date(self):
        self._require(self.gold, 10, window="lifetime", mode="points", points=30)
        self._require(self.gold, 20, scope="children", mode="points", points=20)
        self.gold.points_required = 50
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 15.0
        progress = membership._tier_progress()
        self.assertEqual((progress["points"], progress["points_required"]), (30, 50))
        self.assertEqual(progress["percent"], (15 + 60) // 2)
        self.assertEqual(
            membership.tier_summary, "85 more Sales, 20 more points by 06/01/2026 → Gold"
        )
        self.assertIn("with companies below", membership.tier_progress_html)
        self.assertIn("85 more Sales", self.partner.prm_tier_progress_html)
        self.assertEqual(self.partner.prm_tier_percent, 37)

    def test_progress_of_what_is_met_is_silent(self):
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 100.0
        self.assertEqual((membership.tier_percent, membership.tier_summary), (100, ""))

    def test_progress_says_what_cannot_be_measured(self):
        membership = self._join(self.partner, self.silver)
        gone = self.env["prm.metric"].create({"code": "t_nobody_computes", "name": "Gone"})
        self.gold.requirement_ids.metric_id = gone
        self.assertIn("t_nobody_computes", membership.tier_summary)
        self.assertIn("t_nobody_computes", membership.tier_progress_html)

    def test_progress_in_constant_queries(self):
        counts = []
        for size in (5, 5, 40):
            partners = self.env["res.partner"].create(
                [{"name": f"P{number}", "is_company": True} for number in range(size)]
            )
            memberships = self.env["prm.membership"].union(
                *(self._enroll(partner, self.silver) for partner in partners)
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            memberships._tier_progresses()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_review_settings(self):
        for values, message in (
            ({"review_day": 31, "review_month": "6"}, "30 days"),
            ({"review_day": 0}, "between 1 and"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, message):
                self.program.write(values)
        for values in (
            {"grace_days": -1},
            {"notice_days": 100, "grace_days": 90},
            {"max_steps_down": 0},
            {"review_interval": 0},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self.program.write(values)
                self.env.flush_all()

    def test_requirement_in_the_form_of_the_tier(self):
        self.platinum.requirement_ids = [Command.clear()]
        with Form(self.platinum) as form, form.requirement_ids.new() as line:
            line.metric_id = self.metric
            line.threshold = 700
            line.mode = "points"
            line.points = 5
        self.assertEqual(self.platinum.requirement_ids.points, 5)
