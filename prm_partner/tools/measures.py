"""Values of metrics that are more than a sum, to put those of several companies together.

A metric that is a plain sum (revenue, deals won) is a float. A mean or a share cannot be added up,
nor can a distance to the nearest day: they are kept in parts until the last moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add


@dataclass(frozen=True, slots=True)
class Ratio:
    """A mean or a share, such as won deals of decided ones: added up part by part.

    >>> float(Ratio(1, 4) + Ratio(3, 4))
    0.5
    >>> float(Ratio(0, 0))
    0.0
    """

    part: float
    whole: float

    def __add__(self, other: "Ratio") -> "Ratio":
        return Ratio(self.part + other.part, self.whole + other.whole)

    def __float__(self) -> float:
        return float(self.part / self.whole) if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class Least:
    """A number of which the smallest counts, such as days since the last contact.

    >>> float(Least(30) + Least(4))
    4.0
    """

    value: float

    def __add__(self, other: "Least") -> "Least":
        return min(self, other, key=float)

    def __float__(self) -> float:
        return float(self.value)


def sum_up(values: Iterable[float | Ratio | Least]) -> float | Ratio | Least:
    """Put the values of one metric for several companies together; 0.0 for none."""
    found = list(values)
    return reduce(add, found) if found else 0.0
