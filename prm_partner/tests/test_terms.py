import unittest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools import terms

DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))
MONTHS = st.integers(1, 60)


class TestTerms(unittest.TestCase):
    @settings(deadline=None)  # a busy machine is no defect
    @given(DAYS, MONTHS)
    def test_a_term_is_as_long_as_it_says(self, first_day, months):
        end = terms.term_end(first_day, months)
        next_day = end + timedelta(days=1)
        passed = 12 * (next_day.year - first_day.year) + next_day.month - first_day.month
        self.assertEqual(passed, months)
        self.assertLessEqual(next_day.day, first_day.day)

    @settings(deadline=None)
    @given(DAYS, MONTHS, st.integers(-400, 4000))
    def test_renewed_until_today_and_no_longer_than_needed(self, last_day, months, late):
        today = last_day + timedelta(days=late)
        end = terms.renewed_end(last_day, months, today)
        first_day = last_day + timedelta(days=1)
        self.assertGreaterEqual(end, today)
        self.assertGreater(end, last_day)
        ends = [terms.term_end(first_day, count * months) for count in range(1, 150)]
        self.assertIn(end, ends)
        for earlier in ends[: ends.index(end)]:
            self.assertLess(earlier, today)

    def test_no_term_without_months(self):
        with self.assertRaises(ValueError):
            terms.term_end(date(2026, 1, 1), 0)
