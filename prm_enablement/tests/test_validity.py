import doctest
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import validity

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
MONTHS = st.integers(1, validity.MAX_MONTHS)
WINDOWS = st.integers(0, validity.MAX_RENEWAL_DAYS)


def given(*strategies):
    """Hypothesis without its stop-watch: a busy machine says nothing about dates."""
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    return lambda test: patient(given_any(*strategies)(test))


class TestValidity(BaseCase):
    def test_doctests(self):
        result = doctest.testmod(validity)
        self.assertGreater(result.attempted, 8)
        self.assertEqual(result.failed, 0)

    @given(DAYS, MONTHS)
    def test_end_is_so_many_months_later(self, start, months):
        end = validity.end_date(start, months)
        self.assertEqual((end.year - start.year) * 12 + end.month - start.month, months)
        last_of_month = (end + timedelta(days=1)).day == 1
        self.assertTrue(end.day == start.day or (last_of_month and end.day < start.day))

    @given(DAYS, MONTHS)
    def test_end_grows_with_start_and_months(self, start, months):
        end = validity.end_date(start, months)
        self.assertLessEqual(end, validity.end_date(start + timedelta(days=1), months))
        self.assertLess(end, validity.end_date(start, months + 1))

    @given(DAYS)
    def test_zero_months_is_for_ever(self, start):
        self.assertIsNone(validity.end_date(start, 0))
        self.assertEqual(validity.state_on(date.max, None, 60), "valid")

    @given(DAYS, DAYS, WINDOWS)
    def test_state_only_moves_forward(self, day, end, window):
        order = ("valid", "expiring", "expired")
        today = order.index(validity.state_on(day, end, window))
        tomorrow = order.index(validity.state_on(day + timedelta(days=1), end, window))
        self.assertLessEqual(today, tomorrow)

    @given(DAYS, WINDOWS)
    def test_borders_of_the_states(self, end, window):
        opens = validity.renewal_opens(end, window)
        self.assertEqual(validity.state_on(opens - timedelta(days=1), end, window), "valid")
        self.assertEqual(validity.state_on(opens, end, window), "expiring")
        self.assertEqual(validity.state_on(end, end, window), "expiring")
        self.assertEqual(validity.state_on(end + timedelta(days=1), end, window), "expired")

    @given(DAYS, st.integers(0, 4000), MONTHS, WINDOWS)
    def test_renewal_never_shortens(self, start, later, months, window):
        day, end = start + timedelta(days=later), validity.end_date(start, months)
        new_start, new_end = validity.renewed_period(day, start, end, months, window)
        self.assertGreaterEqual(new_end, end)
        self.assertGreaterEqual(new_end, day)
        self.assertLessEqual(new_end, max(validity.end_date(day, months), end) + (end - start) * 2)
        # A gap is not papered over: who was too late holds the credential from that day.
        self.assertEqual(new_start, day if day > end else start)

    @given(DAYS, st.integers(0, 4000), WINDOWS)
    def test_renewal_can_make_it_last_for_ever(self, start, later, window):
        day = start + timedelta(days=later)
        self.assertIsNone(validity.renewed_period(day, start, None, 12, window)[1])
        self.assertIsNone(validity.renewed_period(day, start, day, 0, window)[1])
