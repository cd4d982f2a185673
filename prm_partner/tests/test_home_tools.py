import doctest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import thresholds, tier_names


class TestHomeTools(BaseCase):
    def test_doctests(self):
        for module in (thresholds, tier_names):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 3)
            self.assertEqual(result.failed, 0)

    @settings(deadline=None)  # a busy machine is no defect
    @given(st.floats(0.01, 1e12), st.floats(0.01, 1e12))
    def test_thresholds_stay_near_and_in_order(self, one, other):
        low, high = sorted((one, other))
        self.assertLessEqual(thresholds.round_threshold(low), thresholds.round_threshold(high))
        self.assertTrue(0.8 * low <= thresholds.round_threshold(low) <= 1.25 * low or low < 1)
