import doctest
import unittest
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ..tools import scoring

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
WEIGHTS = st.floats(0.01, 1000)
SHARES = st.floats(0, 1)
PARTS = st.lists(st.tuples(SHARES, WEIGHTS), min_size=1, max_size=12)
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


class TestScoring(unittest.TestCase):
    def test_doctests(self):
        result = doctest.testmod(scoring)
        self.assertGreater(result.attempted, 9)
        self.assertEqual(result.failed, 0)

    @given(NUMBERS, NUMBERS, NUMBERS)
    def test_share_is_capped_at_both_ends(self, value, floor, target):
        assume(abs(floor - target) > 1e-6)
        part = scoring.share(value, floor, target)
        self.assertTrue(0.0 <= part <= 1.0)
        self.assertEqual(scoring.share(target, floor, target), 1.0)
        self.assertEqual(scoring.share(floor, floor, target), 0.0)

    @given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
    def test_share_never_falls_when_the_value_gets_better(self, one, other, floor, target):
        assume(abs(floor - target) > 1e-6)
        worse, better = sorted((one, other), reverse=target < floor)
        self.assertLessEqual(
            scoring.share(worse, floor, target), scoring.share(better, floor, target)
        )

    def test_share_needs_a_range(self):
        with self.assertRaises(ValueError):
            scoring.share(1, 5, 5)

    @given(PARTS)
    def test_points_add_up_to_100_at_most(self, parts):
        points = scoring.points(parts)
        self.assertAlmostEqual(sum(most for _gained, most in points), 100.0)
        score = sum(gained for gained, _most in points)
        self.assertTrue(-1e-9 <= score <= 100.0 + 1e-9)
        shares = [part for part, _weight in parts]
        self.assertTrue(100 * min(shares) - 1e-6 <= score <= 100 * max(shares) + 1e-6)

    @given(PARTS, st.data())
    def test_points_are_monotone(self, parts, data):
        """One metric that gets better never costs points."""
        index = data.draw(st.integers(0, len(parts) - 1))
        share, weight = parts[index]
        better = [*parts]
        better[index] = (data.draw(st.floats(share, 1)), weight)
        before = sum(gained for gained, _most in scoring.points(parts))
        after = sum(gained for gained, _most in scoring.points(better))
        self.assertGreaterEqual(after, before - 1e-9)

    @given(PARTS, st.floats(0.1, 10))
    def test_only_the_proportion_of_weights_counts(self, parts, factor):
        scaled = [(share, weight * factor) for share, weight in parts]
        for one, other in zip(scoring.points(parts), scoring.points(scaled), strict=True):
            self.assertAlmostEqual(one[0], other[0], places=6)
            self.assertAlmostEqual(one[1], other[1], places=6)

    @given(NUMBERS, st.floats(0.01, 1e9), st.sampled_from(("up", "down")))
    def test_progress(self, value, target, direction):
        reached = scoring.progress(value, target, direction)
        self.assertTrue(0.0 <= reached <= 100.0)
        met = value >= target if direction == "up" else value <= target
        if met:
            self.assertEqual(reached, 100.0)

    @settings(deadline=None)  # a busy machine is no defect
    @given(DAYS, st.integers(0, 2000), DAYS)
    def test_elapsed(self, start, days, today):
        end = start + timedelta(days=days)
        gone = scoring.elapsed(start, end, today)
        self.assertTrue(0.0 <= gone <= 1.0)
        self.assertEqual(gone == 0.0, today < start)
        self.assertEqual(gone == 1.0, today >= end)
        self.assertLessEqual(gone, scoring.elapsed(start, end, today + timedelta(days=1)))

    @given(st.floats(0, 100), st.floats(0, 100))
    def test_pace(self, reached, expected):
        light = scoring.pace_color(reached, expected, 80, 50)
        self.assertEqual(light is None, expected == 0)
        if expected and reached >= expected:
            self.assertEqual(light, "green")
