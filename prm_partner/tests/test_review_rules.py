import doctest
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import review
from ..tools.review import Decision, Rules, Standing, decide, highest_met, replay, settle

START = date(2026, 1, 1)
TIERS = 4
rules_strategy = st.builds(
    Rules,
    promotion=st.sampled_from(["at_once", "at_review"]),
    hold_months=st.integers(0, 12),
    grace_days=st.integers(0, 120),
    notice_days=st.integers(0, 60),
    max_steps_down=st.integers(1, 3),
)
days_strategy = st.integers(-200, 400).map(lambda days: START + timedelta(days=days))


@st.composite
def standings(draw):
    at_risk = draw(st.booleans())
    return Standing(
        level=draw(st.integers(-1, TIERS - 1)),
        hold_until=draw(st.none() | days_strategy),
        at_risk_since=START - timedelta(days=10) if at_risk else None,
        grace_until=draw(days_strategy) if at_risk else None,
        reminded=draw(st.booleans()),
        pinned_until=draw(st.none() | days_strategy),
        refused_level=draw(st.none() | st.integers(0, TIERS - 1)),
        refused_until=draw(st.none() | days_strategy),
    )


@st.composite
def histories(draw):
    """Days in order, each with the state of every tier and whether a review is due."""
    day, steps = START, []
    for _number in range(draw(st.integers(1, 25))):
        day += timedelta(days=draw(st.integers(1, 60)))
        states = draw(st.tuples(*[st.sampled_from([True, False, None])] * TIERS))
        steps.append((day, states, draw(st.booleans())))
    return steps


class TestReviewRules(BaseCase):
    def test_doctests(self):
        result = doctest.testmod(review)
        self.assertFalse(result.failed)
        self.assertGreater(result.attempted, 10)

    @settings(max_examples=400, deadline=None)
    @given(standings(), st.integers(-1, TIERS - 1), st.booleans(), rules_strategy)
    def test_one_decision(self, standing, met, due, rules):
        decision = decide(standing, met, due, START, rules)
        pinned = standing.pinned_until and standing.pinned_until >= START
        if decision.kind == "demote":
            self.assertGreaterEqual(decision.level, met, "below the highest tier met")
            self.assertLessEqual(standing.level - decision.level, rules.max_steps_down)
            self.assertGreater(standing.level, decision.level)
            self.assertTrue(standing.at_risk, "without a notice")
            self.assertGreater(START, standing.grace_until, "in the grace period")
            if standing.hold_until:
                self.assertGreater(START, standing.hold_until, "while the tier is on hold")
            self.assertFalse(pinned)
        elif decision.kind == "promote":
            self.assertEqual(decision.level, met)
            self.assertFalse(pinned)
            self.assertTrue(due or rules.promotion == "at_once")
        else:
            self.assertEqual(decision.level, standing.level)

    @settings(max_examples=400, deadline=None)
    @given(standings(), st.integers(-1, TIERS - 1), st.booleans(), rules_strategy)
    def test_nothing_is_done_twice(self, standing, met, due, rules):
        """The same day again, after the decision was carried out, changes nothing."""
        decision = decide(standing, met, due, START, rules)
        after = settle(standing, decision, START, rules)
        again = decide(after, met, False, START, rules)
        self.assertIn(again.kind, ("keep", "wait"))
        self.assertEqual(settle(after, again, START, rules), after)

    @settings(max_examples=200, deadline=None)
    @given(standings(), histories(), rules_strategy, st.data())
    def test_replay_gives_the_same_in_one_go_and_in_two(self, standing, steps, rules, data):
        cut = data.draw(st.integers(0, len(steps)))
        whole, levels = replay(standing, steps, rules)
        middle, first = replay(standing, steps[:cut], rules)
        end, second = replay(middle, steps[cut:], rules)
        self.assertEqual((whole, levels), (end, first + second))

    @settings(max_examples=200, deadline=None)
    @given(standings(), histories(), rules_strategy)
    def test_no_change_without_history(self, standing, steps, rules):
        """The level moves only by decisions that are tier changes."""
        changes = []
        for day, states, due in steps:
            met = highest_met(states, standing.level)
            decision = decide(standing, met, due, day, rules)
            after = settle(standing, decision, day, rules)
            self.assertEqual(after.level != standing.level, decision.is_change)
            if decision.is_change:
                changes.append((standing.level, after.level))
                self.assertGreaterEqual(after.level, min(met, standing.level))
            standing = after
        for (_old, new), (following, _new) in pairwise(changes):
            self.assertEqual(new, following)

    def test_the_way_down(self):
        rules = Rules(grace_days=90, notice_days=30, hold_months=6, max_steps_down=1)
        standing = Standing(level=3)
        self.assertEqual(decide(standing, 0, False, START, rules), Decision("keep", 3))
        notice = decide(standing, 0, True, START, rules)
        self.assertEqual(notice, Decision("notice", 3))
        standing = settle(standing, notice, START, rules)
        self.assertEqual(standing.grace_until, START + timedelta(days=90))
        for days, kind, level in (
            (59, "wait", 3),
            (60, "remind", 3),
            (90, "remind", 3),
            (91, "demote", 2),
        ):
            day = START + timedelta(days=days)
            self.assertEqual(decide(standing, 0, False, day, rules), Decision(kind, level), days)
        end = START + timedelta(days=91)
        standing = settle(standing, Decision("demote", 2), end, rules)
        self.assertEqual(standing.hold_until, date(2026, 10, 2))
        self.assertFalse(standing.at_risk)
        self.assertEqual(decide(standing, 2, True, end, rules).kind, "keep")

    def test_the_lowest_tier_can_be_lost(self):
        """Only where it asks for something: else everybody meets it."""
        standing = Standing(level=0, at_risk_since=START, grace_until=START)
        late = START + timedelta(days=400)
        self.assertEqual(decide(standing, -1, True, late, Rules()), Decision("demote", -1))
        self.assertEqual(decide(standing, 0, True, late, Rules()), Decision("recover", 0))

    def test_points(self):
        key, other = ("a", "lifetime", "own"), ("b", "lifetime", "own")
        tier = review.Tier(
            (
                review.Requirement(key, 10.0, points=40),
                review.Requirement(other, 5.0, points=60),
                review.Requirement(("c", "lifetime", "own"), 1.0),
            ),
            points_required=60,
        )
        values = {key: 10.0, other: 4.0, ("c", "lifetime", "own"): 1.0}
        self.assertEqual(tier.points(values), 40)
        self.assertFalse(tier.state(values))
        self.assertTrue(tier.state({**values, other: 5.0}))
        self.assertFalse(tier.state({**values, other: 5.0, ("c", "lifetime", "own"): 0.0}))
