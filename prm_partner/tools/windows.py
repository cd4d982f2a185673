"""The periods that a tier requirement looks back on. Pure date arithmetic, no ORM."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

WINDOWS = ("rolling_12", "calendar_year", "lifetime")


def window_start(window: str, today: date) -> date | None:
    """First day (inclusive) of ``window`` for a look back from ``today``, None for all time.

    >>> window_start("rolling_12", date(2026, 11, 24))
    datetime.date(2025, 11, 25)
    >>> window_start("rolling_12", date(2024, 2, 29))
    datetime.date(2023, 3, 1)
    >>> window_start("calendar_year", date(2026, 11, 24))
    datetime.date(2026, 1, 1)
    >>> window_start("lifetime", date(2026, 11, 24)) is None
    True

    :raise ValueError: the window is unknown
    """
    if window == "rolling_12":
        return today + timedelta(days=1) - relativedelta(years=1)
    if window == "calendar_year":
        return today.replace(month=1, day=1)
    if window == "lifetime":
        return None
    raise ValueError(f"unknown window: {window}")
