"""When an agreement starts, ends, is renewed and remembered. Pure date arithmetic, no ORM."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

# Days before the end on which the partner is reminded, the latest last.
REMINDERS = (90, 60, 30, 7)

_DAY = timedelta(days=1)


def last_day(start: date, months: int) -> date:
    """Last day, inclusive, of a term of ``months`` that begins on ``start``.

    >>> last_day(date(2026, 3, 1), 12)
    datetime.date(2027, 2, 28)
    >>> last_day(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 27)
    """
    return start + relativedelta(months=months) - _DAY


def renewed_until(end: date, months: int, today: date) -> date:
    """Last day of the term that holds ``today``, after as many renewals as it takes.

    A term that ends with a month goes on ending with a month.

    >>> renewed_until(date(2026, 1, 31), 1, date(2026, 2, 1))
    datetime.date(2026, 2, 28)
    >>> renewed_until(date(2024, 12, 31), 12, date(2026, 11, 25))
    datetime.date(2026, 12, 31)

    :raise ValueError: a term of no length never gets anywhere
    """
    if months < 1:
        raise ValueError("a renewal takes at least one month")
    while end < today:
        end = last_day(end + _DAY, months)
    return end


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
