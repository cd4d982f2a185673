"""Round numbers for thresholds of money. Pure arithmetic, no ORM."""

import math

STEPS = (1, 1.2, 1.5, 2, 2.4, 2.5, 3, 4, 5, 6, 8, 10)


def round_threshold(amount: float) -> float:
    """The nearest number that a person would choose for a threshold, such as 25 or 120.

    >>> round_threshold(25000.0)
    25000.0
    >>> round_threshold(2437812.5)
    2400000.0
    >>> round_threshold(27180.0)
    25000.0
    >>> round_threshold(0.0)
    0.0
    """
    if amount <= 0:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(amount))
    return float(round(min(STEPS, key=lambda step: abs(step * unit - amount)) * unit, 2))
