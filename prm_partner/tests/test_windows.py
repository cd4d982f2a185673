import doctest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import windows


class TestWindows(BaseCase):
    def test_doctests(self):
        result = doctest.testmod(windows)
        self.assertGreater(result.attempted, 3)
        self.assertEqual(result.failed, 0)

    @settings(deadline=None)  # a busy machine is no defect
    @given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
    def test_rolling_year_covers_each_day_once(self, today):
        start = windows.window_start("rolling_12", today)
        self.assertIn((today - start).days + 1, (365, 366))
        next_start = windows.window_start("rolling_12", today + timedelta(days=1))
        self.assertIn((next_start - start).days, (0, 1, 2))

    @settings(deadline=None)  # a busy machine is no defect
    @given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
    def test_calendar_year_starts_in_the_same_year(self, today):
        self.assertEqual(windows.window_start("calendar_year", today), date(today.year, 1, 1))

    def test_unknown_window(self):
        with self.assertRaisesRegex(ValueError, "fortnight"):
            windows.window_start("fortnight", date(2026, 1, 1))
