"""Scores from 0 to 100: how good a measured value is, and how far a goal is reached.

Pure arithmetic on numbers and dates, no ORM.
"""

from collections.abc import Iterable
from datetime import date

FULL = 100.0


def share(value: float, floor: float, target: float) -> float:
    """How good ``value`` is, from 0.0 (``floor`` or worse) to 1.0 (``target`` or better).

    It is linear in between. Where lower is better, the target lies below the floor.

    >>> share(60, 20, 100)
    0.5
    >>> share(30, 90, 30), share(60, 90, 30), share(200, 90, 30)
    (1.0, 0.5, 0.0)

    :raise ValueError: floor and target are the same, so nothing lies between them
    """
    if floor == target:
        raise ValueError("floor and target are the same")
    return min(max((value - floor) / (target - floor), 0.0), 1.0)


def points(parts: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Divide 100 points among weighted shares.

    >>> points([(1.0, 3), (0.5, 1)])
    [(75.0, 75.0), (12.5, 25.0)]

    :param parts: pairs (share from 0.0 to 1.0, weight above zero)
    :return: pairs (points gained, points that could be gained)
    """
    found = list(parts)
    total = sum(weight for _share, weight in found)
    return [(FULL * part * weight / total, FULL * weight / total) for part, weight in found]


def progress(value: float, target: float, direction: str = "up") -> float:
    """How far a goal is reached, from 0.0 to 100.0.

    >>> progress(30, 40), progress(50, 40), progress(-5, 40)
    (75.0, 100.0, 0.0)
    >>> progress(30, 40, "down"), progress(80, 40, "down")
    (100.0, 50.0)

    :param float target: above zero; where the direction is "down", the most that is allowed
    """
    if direction == "down":
        return FULL if value <= target else FULL * target / value
    return FULL * min(max(value / target, 0.0), 1.0)


def elapsed(start: date, end: date, today: date) -> float:
    """How much of the period is over at the end of ``today``, from 0.0 to 1.0.

    >>> elapsed(date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 5))
    0.5
    >>> elapsed(date(2026, 1, 1), date(2026, 1, 10), date(2025, 12, 31))
    0.0
    """
    days = (end - start).days + 1
    return min(max(((today - start).days + 1) / days, 0.0), 1.0)


def weighted_mean(parts: Iterable[tuple[float, float]]) -> float:
    """Mean of pairs (value, weight); 0.0 for none.

    >>> weighted_mean([(100.0, 1), (40.0, 2)])
    60.0
    """
    found = list(parts)
    total = sum(weight for _value, weight in found)
    return sum(value * weight for value, weight in found) / total if total else 0.0


def color(score: float, green: float, amber: float) -> str:
    """Traffic light of a score: ``green`` and ``amber`` are the least scores for these two.

    >>> color(80, 80, 50), color(79.9, 80, 50), color(49, 80, 50)
    ('green', 'amber', 'red')
    """
    return "green" if score >= green else "amber" if score >= amber else "red"


def pace_color(reached: float, expected: float, green: float, amber: float) -> str | None:
    """Traffic light of a progress compared with the progress expected by now.

    >>> pace_color(30, 40, 80, 50), pace_color(50, 40, 80, 50), pace_color(0, 0, 80, 50)
    ('amber', 'green', None)

    :return: None while nothing is expected yet
    """
    return color(FULL * reached / expected, green, amber) if expected else None
