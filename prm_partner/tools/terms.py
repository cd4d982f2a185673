"""Terms of memberships: how long one lasts, and when it is over. Pure dates, no ORM."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


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
