"""How long a credential is valid. Pure date arithmetic, no ORM."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

MAX_MONTHS = 600
MAX_RENEWAL_DAYS = 3650


def end_date(start: date, months: int) -> date | None:
    """Last valid day of a credential that starts on ``start``; None if it never ends.

    >>> end_date(date(2026, 11, 24), 12)
    datetime.date(2027, 11, 24)
    >>> end_date(date(2027, 8, 31), 6)
    datetime.date(2028, 2, 29)
    >>> end_date(date(2026, 11, 24), 0) is None
    True
    """
    return start + relativedelta(months=months) if months else None


def renewal_opens(end: date | None, renewal_days: int) -> date | None:
    """First day on which the credential is due for renewal; None if it never ends.

    >>> renewal_opens(date(2027, 3, 1), 60)
    datetime.date(2026, 12, 31)
    """
    return end - timedelta(days=renewal_days) if end else None


def state_on(day: date, end: date | None, renewal_days: int) -> str:
    """State of a credential on ``day``: valid, expiring or expired.

    >>> [state_on(date(2027, month, 1), date(2027, 3, 1), 45) for month in (1, 2, 3, 4)]
    ['valid', 'expiring', 'expiring', 'expired']
    >>> state_on(date(2027, 1, 1), None, 60)
    'valid'
    """
    if end is None:
        return "valid"
    if day > end:
        return "expired"
    return "expiring" if day >= renewal_opens(end, renewal_days) else "valid"


def renewed_period(
    day: date, start: date, end: date | None, months: int, renewal_days: int
) -> tuple[date, date | None]:
    """First and last valid day of a credential that is renewed on ``day``.

    Who renews within the renewal window loses nothing: the new period follows the old one. Who
    renews earlier, gets a new period from that day. Who renews too late starts again.

    >>> renewed_period(date(2027, 2, 1), date(2026, 3, 1), date(2027, 3, 1), 12, 60)
    (datetime.date(2026, 3, 1), datetime.date(2028, 3, 1))
    >>> renewed_period(date(2026, 6, 1), date(2026, 3, 1), date(2027, 3, 1), 12, 60)
    (datetime.date(2026, 3, 1), datetime.date(2027, 6, 1))
    >>> renewed_period(date(2027, 9, 1), date(2026, 3, 1), date(2027, 3, 1), 12, 60)
    (datetime.date(2027, 9, 1), datetime.date(2028, 9, 1))
    """
    state = state_on(day, end, renewal_days)
    if state == "expired":
        return day, end_date(day, months)
    if end is None or not months:
        return min(start, day), None
    base = end if state == "expiring" else day
    return min(start, day), max(end, end_date(base, months))
