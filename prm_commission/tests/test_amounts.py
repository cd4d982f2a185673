"""Properties of the arithmetic that must hold for any history of an invoice."""

import doctest
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import amounts
from ..tools.amounts import Figures, commission_due, entry_kind

# A busy machine is no failure of the arithmetic.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CENT = Decimal("0.01")
money = st.decimals(min_value=0, max_value=10**7, places=2)
totals = st.decimals(min_value="0.01", max_value=10**7, places=2)
rates = st.decimals(min_value="0.001", max_value=100, places=3)
events = st.lists(st.tuples(st.sampled_from(["pay", "unpay", "credit", "uncredit"]), money))


def apply(figures, event, amount):
    """The figures after one event; what cannot happen in accounting is cut to what can."""
    if event == "pay":
        return figures._replace(cash=min(figures.total, figures.cash + amount))
    if event == "unpay":
        return figures._replace(cash=max(Decimal(0), figures.cash - amount))
    if event == "credit":
        return figures._replace(credited=figures.credited + amount)
    return figures._replace(credited=max(Decimal(0), figures.credited - amount))


class TestAmounts(BaseCase):
    def test_doctests(self):
        result = doctest.testmod(amounts)
        self.assertGreater(result.attempted, 5)
        self.assertEqual(result.failed, 0)

    @patient
    @given(totals, rates, events)
    def test_entries_add_up_to_what_is_due(self, total, rate, history):
        net = (total / Decimal("1.15")).quantize(CENT)
        figures, ledger = Figures(total), []
        for event, amount in history:
            figures = apply(figures, event, amount)
            ledger.append(commission_due(rate, net, figures) - sum(ledger))
        self.assertEqual(sum(ledger), commission_due(rate, net, figures))

    @patient
    @given(totals, rates, st.lists(money, max_size=20))
    def test_instalments_give_exactly_the_whole(self, total, rate, payments):
        figures, booked = Figures(total), Decimal(0)
        for amount in [*payments, total]:
            figures = apply(figures, "pay", amount)
            booked += commission_due(rate, total, figures) - booked
        self.assertEqual(booked, amounts.round_to(rate * total / 100, CENT))

    @patient
    @given(totals, money, rates, events)
    def test_due_is_exact_and_within_bounds(self, total, net, rate, history):
        figures = Figures(total)
        for event, amount in history:
            figures = apply(figures, event, amount)
        due = commission_due(rate, net, figures)
        exact = (
            Fraction(rate) * Fraction(net) * Fraction(figures.eligible) / (100 * Fraction(total))
        )
        self.assertLessEqual(abs(Fraction(due) - exact), Fraction(1, 200) + Fraction(1, 10**9))
        self.assertGreaterEqual(due, 0)
        self.assertLessEqual(due, amounts.round_to(rate * net / 100, CENT))

    @patient
    @given(totals, rates, money)
    def test_never_paid_owes_nothing(self, total, rate, credited):
        self.assertEqual(commission_due(rate, total, Figures(total, credited=credited)), 0)

    @patient
    @given(totals, rates, money)
    def test_fully_credited_owes_nothing(self, total, rate, cash):
        self.assertEqual(commission_due(rate, total, Figures(total, cash, total)), 0)

    @patient
    @given(totals, rates, money, money)
    def test_paying_never_lowers_and_crediting_never_raises(self, total, rate, cash, more):
        figures = Figures(total, min(cash, total))
        due = commission_due(rate, total, figures)
        self.assertGreaterEqual(commission_due(rate, total, apply(figures, "pay", more)), due)
        self.assertLessEqual(commission_due(rate, total, apply(figures, "credit", more)), due)

    @patient
    @given(totals, money, money)
    def test_kind_follows_the_sign(self, total, cash, credited):
        before, now = Figures(total), Figures(total, cash, credited)
        self.assertIn(entry_kind(Decimal(1), before, now), ("accrual", "adjustment"))
        self.assertIn(entry_kind(Decimal(-1), before, now), ("clawback", "adjustment"))
