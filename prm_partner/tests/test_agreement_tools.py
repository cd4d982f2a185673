import doctest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import merge_fields, terms

DATES = st.dates(date(2000, 1, 1), date(2060, 1, 1))


class TestAgreementTools(BaseCase):
    def test_doctests(self):
        for module in (terms, merge_fields):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 2)
                self.assertEqual(result.failed, 0)

    @settings(deadline=None)  # a busy machine is no defect
    @given(
        DATES,
        st.integers(1, 400),
        st.sets(st.integers(0, 400)),
    )
    def test_each_reminder_once_and_in_order(self, start, length, missed_nights):
        """Night after night, some of them missed: never twice, never one from before the start."""
        end = start + timedelta(days=length)
        done = terms.first_reminder_mark(start, end)
        sent = []
        for night in range(length + 1):
            if night in missed_nights:
                continue
            today = start + timedelta(days=night)
            due = terms.due_reminder(end, today, done)
            if due:
                self.assertLessEqual((end - today).days, due)
                sent.append(due)
                done = due
        self.assertEqual(sent, sorted(set(sent), reverse=True))
        self.assertFalse([days for days in sent if days >= length])
        if not missed_nights:
            self.assertEqual(sent, [days for days in terms.REMINDERS if days < length])

    def test_no_reminder_after_the_end(self):
        self.assertEqual(terms.due_reminder(date(2026, 1, 1), date(2026, 1, 2)), 0)
