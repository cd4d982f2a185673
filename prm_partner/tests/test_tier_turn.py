from datetime import date

from freezegun import freeze_time

from .tier_common import TierCase


class TestTierTurn(TierCase):
    """The turn of the year, stops and undone stops: what they do to a tier."""

    def _yearly(self, **values):
        """The metric as the sum of a calendar year."""
        self.program.grade_ids.requirement_ids.window = "calendar_year"
        self.program.write(
            {"review_schedule": "calendar", "review_month": "1", "review_day": 15, **values}
        )

    def test_a_tier_of_last_year_is_kept_in_this_one(self):
        self._yearly()
        membership = self._join(self.partner, self.gold)
        # 120 in 2025, nothing in the first days of 2026
        self.sales[self.partner.id] = lambda day: 120.0 if day.year == 2025 else 0.0
        self._review("2026-01-15")
        self.assertEqual((membership.grade_id, membership.state), (self.gold, "active"))
        self.assertEqual(membership.next_review_date, date(2027, 1, 15))
        # and nothing in 2026: at the next review it is at risk
        self._review("2027-01-15")
        self.assertEqual(membership.state, "at_risk")

    def test_a_tier_is_won_back_in_the_running_year(self):
        self._yearly(grace_days=120, notice_days=30)
        membership = self._join(self.partner, self.gold)
        self.sales[self.partner.id] = lambda day: 120.0 if day >= date(2026, 3, 1) else 0.0
        self._review("2026-01-15")
        self.assertEqual(membership.state, "at_risk")
        self._review("2026-03-02")
        self.assertEqual((membership.grade_id, membership.state), (self.gold, "active"))

    def test_the_day_that_counts_is_the_end_of_the_year(self):
        self._yearly()
        membership = self._join(self.partner, self.gold)
        with freeze_time("2026-03-02"):
            self.assertEqual(membership._tier_progress()["date"], date(2026, 12, 31))
            self.program.grade_ids.requirement_ids.window = "rolling_12"
            progress = membership._tier_progress()
        self.assertEqual(progress["date"], membership.next_review_date)

    def _propose(self):
        self.program.change_mode = "approved"
        membership = self._join(self.partner, self.silver)
        self.sales[self.partner.id] = 120.0
        return membership, self._review("2026-03-02").line_ids

    def test_a_proposal_ends_with_what_is_decided_otherwise(self):
        for number, step in enumerate(
            (
                lambda one: one.action_suspend("Debt"),
                lambda one: one.action_end("Over"),
                lambda one: one._override_tier(self.silver, "Agreed", "2026-12-31"),
                lambda one: one._set_tier(self.platinum, "Agreed"),
            )
        ):
            with self.subTest(step=number), self.cr.savepoint() as savepoint:
                membership, line = self._propose()
                self.assertEqual(line.state, "pending")
                with freeze_time("2026-03-05"):
                    step(membership)
                self.assertEqual(line.state, "outdated")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_grace_is_not_over_when_a_stop_is_undone(self):
        self.program.write({"grace_days": 60, "notice_days": 20, "hold_months": 0})
        membership = self._join(self.partner, self.gold)
        self._review("2026-06-01")
        self.assertEqual(membership.grace_until, date(2026, 7, 31))
        with freeze_time("2026-06-10"):
            membership.action_suspend("Debt")
        with freeze_time("2026-09-01"):
            membership.action_resume()
        self.assertEqual(membership.state, "at_risk")
        self.assertEqual(membership.grace_until, date(2026, 9, 21))
        self._review("2026-09-01")
        self.assertEqual(membership.grade_id, self.gold)

    def test_a_longer_grace_stays(self):
        self.program.write({"grace_days": 60, "notice_days": 20, "hold_months": 0})
        membership = self._join(self.partner, self.gold)
        self._review("2026-06-01")
        with freeze_time("2026-06-10"):
            membership.action_suspend("Debt")
        with freeze_time("2026-06-12"):
            membership.action_resume()
        self.assertEqual(membership.grace_until, date(2026, 7, 31))

    def test_an_undone_end_tells_the_reason_of_the_suspension(self):
        membership = self._join(self.partner, self.gold)
        membership.action_suspend("Debt")
        membership.action_end("Not renewed")
        self.assertEqual(membership.state_reason, "Not renewed")
        membership.action_resume()
        self.assertEqual((membership.state, membership.state_reason), ("suspended", "Debt"))

    @freeze_time("2026-03-02")
    def test_what_is_kept_by_hand_counts_in_the_what_if_as_it_is(self):
        membership = self._join(self.partner, self.silver)
        membership._override_tier(self.platinum, "Agreed", "2027-12-31")
        simulation = self.env["prm.tier.simulation"].create(
            {"name": "Test", "program_id": self.program.id}
        )
        simulation.line_ids[:1].threshold_new = 70.0
        simulation.action_simulate()
        tiers = {line.grade_id: line for line in simulation.grade_ids}
        self.assertEqual(tiers[self.platinum].count_before, 1)
        self.assertEqual(tiers[self.silver].count_before, 0)
