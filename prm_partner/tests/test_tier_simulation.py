from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from .tier_common import TierCase


@freeze_time("2026-03-02")
class TestTierSimulation(TierCase):
    def setUp(self):
        super().setUp()
        self.program.write({"hold_months": 0, "grace_days": 20, "notice_days": 10})
        self.climber = self._join(self.partner, self.silver)
        self.holder = self._join(self.rival, self.gold)
        # one sells more from autumn on, the other has sold the same all year
        self.sales[self.partner.id] = lambda day: 80.0 if day >= date(2025, 10, 1) else 10.0
        self.sales[self.rival.id] = 120.0
        self.simulation = (
            self.env["prm.tier.simulation"]
            .with_user(self.program_manager)
            .create({"name": "Test", "program_id": self.program.id})
        )

    def _threshold(self, tier, value):
        line = self.simulation.line_ids.filtered(lambda line: line.grade_id == tier)
        line.threshold_new = value

    def test_starts_from_the_present_rules(self):
        self.assertEqual(self.simulation.line_ids.mapped("threshold_now"), [100.0, 500.0])
        self.assertEqual(self.simulation.line_ids.mapped("threshold_new"), [100.0, 500.0])
        self.assertEqual(self.simulation.grade_ids.grade_id, self.program.grade_ids)

    def test_form(self):
        form = Form(self.simulation.browse())
        form.program_id = self.program
        with form.line_ids.edit(0) as line:
            line.threshold_new = 70
        made = form.save()
        self.assertEqual(made.line_ids.requirement_id, self.program.grade_ids.requirement_ids)
        made.action_simulate()
        self.assertEqual(made.up_count, 1)

    def test_lower_threshold_moves_up(self):
        self._threshold(self.gold, 70.0)
        self.simulation.action_simulate()
        result = self.simulation.result_ids
        self.assertEqual(result.membership_id, self.climber)
        self.assertEqual((result.direction, result.steps), ("up", 1))
        self.assertEqual(
            (result.grade_today_id, result.grade_before_id, result.grade_after_id),
            (self.silver, self.silver, self.gold),
        )
        self.assertEqual(result.date, date(2025, 10, 2))
        self.assertEqual((self.simulation.up_count, self.simulation.down_count), (1, 0))
        self.assertEqual(self.climber.grade_id, self.silver, "a what-if changes nothing")
        counts = {
            tier.grade_id: (tier.count_before, tier.count_after)
            for tier in self.simulation.grade_ids
        }
        self.assertEqual(counts[self.gold], (1, 2))
        self.assertEqual(counts[self.silver], (1, 0))

    def test_higher_threshold_moves_down_by_the_rules(self):
        self._threshold(self.gold, 200.0)
        self.simulation.action_simulate()
        result = self.simulation.result_ids
        self.assertEqual((result.membership_id, result.direction), (self.holder, "down"))
        # noticed at the review of January, down a month later
        self.assertEqual(result.date, date(2026, 3, 2))

    def test_kept_by_hand_does_not_move(self):
        self.holder._override_tier(self.gold, "Strategic", date(2030, 1, 1))
        self._threshold(self.gold, 200.0)
        self.simulation.action_simulate()
        self.assertFalse(self.simulation.result_ids)

    def test_cost_of_benefits(self):
        self.env["prm.tier.benefit"].create(
            {
                "grade_id": self.gold.id,
                "kind": "support_sla",
                "text": "4 hours",
                "annual_cost": 1000.0,
            }
        )
        self._threshold(self.gold, 70.0)
        self.simulation.action_simulate()
        self.assertEqual(self.simulation.cost_before, 1000.0)
        self.assertEqual(self.simulation.cost_after, 2000.0)
        self.assertEqual(self.simulation.cost_change, 1000.0)

    def test_members_without_a_tier_are_counted(self):
        third, _contact = self._new_partner("Third", "third.example")
        self._join(third, self.silver.browse())
        self.sales[third.id] = 0.0
        self._threshold(self.gold, 70.0)
        self.simulation.action_simulate()
        simulation = self.simulation
        tiers = simulation.grade_ids
        self.assertEqual(
            sum(tiers.mapped("count_before")) + simulation.untiered_before, simulation.member_count
        )
        self.assertEqual(
            sum(tiers.mapped("count_after")) + simulation.untiered_after, simulation.member_count
        )

    def test_apply_writes_the_rules_and_says_so(self):
        self._threshold(self.gold, 600.0)
        self._threshold(self.platinum, 900.0)
        self.simulation.action_simulate()
        self.simulation.action_apply()
        self.assertEqual(
            self.program._prm_tiers().requirement_ids.mapped("threshold"), [600.0, 900.0]
        )
        body = self.program.message_ids[0].body
        self.assertIn("100 → 600", body)
        self.assertIn(self.program_manager.name, body)
        self.assertEqual(self.simulation.state, "applied")
        with self.assertRaises(UserError):
            self.simulation.unlink()
        with self.assertRaisesRegex(UserError, "Applied"):
            self._threshold(self.gold, 5.0)

    def test_apply_points(self):
        self._require(self.gold, 5, window="lifetime", mode="points", points=30)
        self.gold.points_required = 30
        self.simulation.action_reset()
        line = self.simulation.line_ids.filtered(lambda line: line.mode == "points")
        line.points_new = 10
        tier = self.simulation.grade_ids.filtered(lambda tier: tier.grade_id == self.gold)
        tier.points_new = 10
        self.simulation.action_simulate()
        self.simulation.action_apply()
        self.assertEqual(self.gold.points_required, 10)
        self.assertEqual(line.requirement_id.points, 10)

    def test_discard_changes_nothing(self):
        self._threshold(self.gold, 70.0)
        self.simulation.action_simulate()
        self.simulation.action_discard()
        self.assertEqual(self.simulation.state, "discarded")
        self.assertEqual(self.gold.requirement_ids.threshold, 100.0)

    def test_other_numbers_need_another_run(self):
        self._threshold(self.gold, 70.0)
        self.simulation.action_simulate()
        self._threshold(self.gold, 75.0)
        self.assertEqual(self.simulation.state, "draft")
        with self.assertRaises(UserError):
            self.simulation.action_apply()

    def test_rules_that_changed_meanwhile(self):
        self._threshold(self.gold, 70.0)
        self.simulation.action_simulate()
        self.gold.requirement_ids.threshold = 110.0
        with self.assertRaisesRegex(UserError, "have changed"):
            self.simulation.action_apply()
        self.simulation.action_reset()
        self.assertEqual(self.simulation.line_ids.mapped("threshold_now"), [110.0, 500.0])

    def test_nothing_changed(self):
        with self.assertRaisesRegex(UserError, "Change a threshold"):
            self.simulation.action_simulate()

    def test_status_by_buttons_only(self):
        with self.assertRaisesRegex(UserError, "buttons"):
            self.simulation.state = "simulated"

    def test_bad_period(self):
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.simulation.date_to = "2020-01-01"
            self.env.flush_all()

    def test_queries_do_not_grow_with_the_members(self):
        self._threshold(self.gold, 70.0)
        counts = []
        for size in (0, 5, 5, 40):
            partners = self.env["res.partner"].create(
                [{"name": f"P{size}-{number}", "is_company": True} for number in range(size)]
            )
            for partner in partners:
                self._join(partner, self.silver)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.simulation.action_simulate()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(self.simulation.member_count, 52)
        self.assertEqual(counts[2], counts[3])
