"""Terms of memberships and agreements: length, end, renewal, reminders. Pure dates, no ORM."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

# Days before the end on which the partner is reminded, the latest last.
REMINDERS = (90, 60, 30, 7)


def term_end(first_day: date, months: int) -> date:
    """Last day of a term of ``months`` that begins on ``first_day``.

    >>> term_end(date(2026, 3, 1), 12)
    datetime.date(2027, 2, 28)
    >>> term_end(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 27)

    :raise ValueError: a term lasts at least a month
    """
    if months < 1:
        raise ValueError("a term lasts at least a month")
    return first_day + relativedelta(months=months) - timedelta(days=1)


def renewed_end(last_day: date, months: int, today: date) -> date:
    """Last day after renewing a term that ends on ``last_day``: the next one not yet over.

    Terms follow each other without a gap, however late it is noticed that one is over.

    >>> renewed_end(date(2026, 2, 28), 12, date(2026, 2, 1))
    datetime.date(2027, 2, 28)
    >>> renewed_end(date(2023, 2, 28), 12, date(2026, 11, 25))
    datetime.date(2027, 2, 28)
    """
    first_day, terms = last_day + timedelta(days=1), 1
    while term_end(first_day, terms * months) < today:
        terms += 1
    return term_end(first_day, terms * months)


def due_reminder(end: date, today: date, done: int = 0) -> int:
    """The reminder to send today: days before the end, 0 for none.

    After a pause only the latest of the missed reminders is sent.

    :param int done: the reminder that was sent last, 0 for none

    >>> due_reminder(date(2026, 12, 31), date(2026, 10, 2))
    90
    >>> due_reminder(date(2026, 12, 31), date(2026, 12, 20), done=90)
    30
    >>> due_reminder(date(2026, 12, 31), date(2026, 12, 20), done=30)
    0
    """
    left = (end - today).days
    reached = [days for days in REMINDERS if 0 <= left <= days]
    latest = min(reached, default=0)
    return latest if latest and (not done or latest < done) else 0


def first_reminder_mark(start: date, end: date) -> int:
    """What counts as sent when a term begins: reminders that would lie before its first day.

    >>> first_reminder_mark(date(2026, 1, 1), date(2026, 12, 31))
    0
    >>> first_reminder_mark(date(2026, 12, 1), date(2026, 12, 31))
    30
    """
    return min((days for days in REMINDERS if end - timedelta(days=days) <= start), default=0)
