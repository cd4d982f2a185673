"""The periods that a tier requirement looks back on. Pure date arithmetic, no ORM."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

ROLLING_MONTHS = {"rolling_3": 3, "rolling_6": 6, "rolling_12": 12}
CALENDAR_MONTHS = {"calendar_quarter": 3, "calendar_year": 12}
WINDOWS = (*ROLLING_MONTHS, *CALENDAR_MONTHS, "lifetime")


def window_start(window: str, today: date) -> date | None:
    """First day (inclusive) of ``window`` for a look back from ``today``, None for all time.

    >>> window_start("rolling_12", date(2026, 11, 24))
    datetime.date(2025, 11, 25)
    >>> window_start("rolling_12", date(2024, 2, 29))
    datetime.date(2023, 3, 1)
    >>> window_start("rolling_3", date(2026, 11, 24))
    datetime.date(2026, 8, 25)
    >>> window_start("calendar_quarter", date(2026, 11, 24))
    datetime.date(2026, 10, 1)
    >>> window_start("calendar_year", date(2026, 11, 24))
    datetime.date(2026, 1, 1)
    >>> window_start("lifetime", date(2026, 11, 24)) is None
    True

    :raise ValueError: the window is unknown
    """
    if window in ROLLING_MONTHS:
        return today + timedelta(days=1) - relativedelta(months=ROLLING_MONTHS[window])
    if window == "calendar_quarter":
        return today.replace(month=today.month - (today.month - 1) % 3, day=1)
    if window == "calendar_year":
        return today.replace(month=1, day=1)
    if window == "lifetime":
        return None
    raise ValueError(f"unknown window: {window}")


def window_end(window: str, today: date) -> date | None:
    """Last day of the calendar period that is running; None for windows that move with the day.

    >>> window_end("calendar_year", date(2026, 11, 24))
    datetime.date(2026, 12, 31)
    >>> window_end("calendar_quarter", date(2026, 11, 24))
    datetime.date(2026, 12, 31)
    >>> window_end("rolling_12", date(2026, 11, 24)) is None
    True
    """
    if window not in CALENDAR_MONTHS:
        return None
    start = window_start(window, today)
    return start + relativedelta(months=CALENDAR_MONTHS[window]) - timedelta(days=1)


def last_end(window: str, today: date) -> date | None:
    """Last day of the calendar period before the running one; None for other windows.

    >>> last_end("calendar_year", date(2027, 1, 15))
    datetime.date(2026, 12, 31)
    >>> last_end("lifetime", date(2027, 1, 15)) is None
    True
    """
    return window_start(window, today) - timedelta(days=1) if window in CALENDAR_MONTHS else None
