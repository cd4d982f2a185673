import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools.measures import Least, Ratio, sum_up

FACTS = st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=1)


class TestMeasures(unittest.TestCase):
    @settings(deadline=None)  # a busy machine is no defect
    @given(FACTS)
    def test_mean_of_all(self, facts):
        """The mean of several companies is that of all their facts, not of their means."""
        mean = sum(part for part, _whole in facts) / sum(whole for _part, whole in facts)
        self.assertAlmostEqual(float(sum_up(Ratio(*fact) for fact in facts)), mean)

    @settings(deadline=None)  # a busy machine is no defect
    @given(st.lists(st.integers(), min_size=1))
    def test_least(self, values):
        self.assertEqual(float(sum_up(map(Least, values))), float(min(values)))

    @settings(deadline=None)  # a busy machine is no defect
    @given(st.lists(st.integers(-1000, 1000)))
    def test_sum(self, values):
        self.assertEqual(sum_up(map(float, values)), float(sum(values)))

    def test_nothing(self):
        self.assertEqual(float(sum_up([])), 0.0)
        self.assertEqual(float(Ratio(0, 0)), 0.0)
