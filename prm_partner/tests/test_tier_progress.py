from odoo import fields
from odoo.fields import Command

from .tier_common import TierCase


class TestTierProgress(TierCase):
    """What is shown of the way to a tier, where it is not simply the next one."""

    day = fields.Date.to_date("2026-06-01")

    def test_program_without_tiers(self):
        program = self.env["prm.program"].create({"name": "No tiers"})
        membership = self.env["prm.membership"].create(
            {"partner_id": self.partner.id, "program_id": program.id}
        )
        self.assertEqual(membership.tier_percent, 0)
        self.assertFalse(membership.next_grade_id)
        self.assertIn("no tiers yet", membership.tier_progress_html)
        self.assertNotIn("highest tier", membership.tier_progress_html)

    def test_applicant_without_a_tier(self):
        membership = self._enroll(self.partner, state="applicant")
        membership.grade_id = False
        self.assertEqual((membership.next_grade_id, membership.tier_percent), (self.silver, 0))

    def test_top(self):
        membership = self._join(self.partner, self.platinum)
        self.assertEqual((membership.tier_percent, membership.tier_summary), (100, ""))
        self.assertIn("highest tier", membership.tier_progress_html)

    def _put_at_risk(self, grade):
        membership = self._join(self.partner, grade)
        self.sales[self.partner.id] = 80.0
        self._review("2026-06-01")
        self.assertEqual(membership.state, "at_risk")
        return membership

    def test_tier_at_risk_shows_how_to_keep_it(self):
        membership = self._put_at_risk(self.platinum)
        self.assertEqual(membership.tier_percent, 16)
        self.assertFalse(membership.next_grade_id)
        self.assertIn("420", membership.tier_summary)
        self.assertIn("Platinum", membership.tier_summary)
        self.assertIn("width: 16%", membership.tier_progress_html)
        self.assertNotIn("highest tier", membership.tier_progress_html)
        progress = membership._tier_progresses("aim")[membership.id]
        self.assertEqual((progress["grade"], progress["keeps"]), (self.platinum, True))
        self.assertEqual(progress["date"], membership.grace_until)

    def test_next_tier_stays_the_one_above(self):
        membership = self._put_at_risk(self.gold)
        self.assertEqual((membership.next_grade_id, membership.tier_percent), (self.platinum, 80))
        self.sales[self.partner.id] = 100.0
        self._review("2026-06-02")
        self.assertEqual(membership.state, "active")
        self.env.invalidate_all()
        self.assertEqual((membership.next_grade_id, membership.tier_percent), (self.platinum, 20))

    def test_tier_at_risk_is_not_healthy(self):
        self.program.scorecard_weight_ids = [
            Command.create({"metric_id": self.metric.id, "weight": 1, "floor": 0, "target": 10})
        ]
        membership = self._join(self.partner, self.gold)
        self.sales[self.partner.id] = 80.0
        cards = self.env["prm.scorecard"]
        card = cards._score(membership, self.day)
        self.assertEqual((card.color, membership.score_color), ("green", "green"))
        self._review("2026-06-01")
        self.assertEqual((card.color, membership.score_color), ("amber", "amber"))
        card = cards._score(membership, self.day)
        self.assertEqual((card.color, membership.score_color), ("amber", "amber"))
        self.assertEqual(card.score, 100.0)
        membership.state = "active"
        self.assertEqual(cards._score(membership, self.day).color, "green")
