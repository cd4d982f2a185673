"""How much commission is due on an invoice. Pure arithmetic in ``Decimal``, no ORM.

The ledger never computes "the commission of this payment": it computes what is due *now*, from all
that was paid and credited so far, and books the difference to what it booked before. So the parts
always add up to the whole, the rounding included, in whatever order payments and credit notes come.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

HUNDRED = Decimal(100)


class Figures(NamedTuple):
    """What happened to an invoice so far, in its own currency, taxes included.

    ``cash``: money that came in for it; neither write-offs nor credit notes.
    ``credited``: its posted credit notes.
    """

    total: Decimal
    cash: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)

    @property
    def eligible(self) -> Decimal:
        """The part of ``total`` that was paid for and not given back.

        >>> Figures(Decimal(100), Decimal(100), Decimal(30)).eligible  # paid, then credited
        Decimal('70')
        >>> Figures(Decimal(100), Decimal(0), Decimal(100)).eligible  # never paid, then credited
        Decimal('0')
        >>> Figures(Decimal(100), Decimal(50), Decimal(50)).eligible  # half paid, half credited
        Decimal('50')
        """
        return max(Decimal(0), min(self.cash, self.total - self.credited))


def decimal(number: float) -> Decimal:
    """The decimal number that a float from the database stands for.

    >>> decimal(0.1) + decimal(0.2)
    Decimal('0.3')
    """
    return number if isinstance(number, Decimal) else Decimal(str(number))


def round_to(amount: Decimal, rounding: Decimal) -> Decimal:
    """Round to a multiple of ``rounding``, halves away from zero.

    >>> round_to(Decimal("2.345"), Decimal("0.01"))
    Decimal('2.35')
    >>> round_to(Decimal("-2.345"), Decimal("0.01"))
    Decimal('-2.35')
    >>> round_to(Decimal("2.33"), Decimal("0.05"))
    Decimal('2.35')
    """
    return (amount / rounding).quantize(Decimal(1), ROUND_HALF_UP) * rounding


def commission_due(
    rate: Decimal,
    net: Decimal,
    figures: Figures,
    rounding: Decimal = Decimal("0.01"),
    currency_rate: Decimal = Decimal(1),
) -> Decimal:
    """What a rule owes for an invoice in its present state.

    >>> half = Figures(total=Decimal(13800), cash=Decimal(6900))
    >>> commission_due(Decimal(8), Decimal(12000), half)
    Decimal('480.00')

    An invoice without a positive total owes nothing:

    >>> commission_due(Decimal(8), Decimal(12000), Figures(total=Decimal(0)))
    Decimal('0')

    :param rate: percent of the net amount
    :param net: amount without taxes that the rule covers
    :param figures: state of the invoice that ``net`` belongs to
    :param rounding: smallest unit of the currency of the result
    :param currency_rate: units of the currency of the result for one unit of the invoice's currency
    """
    if figures.total <= 0:
        return Decimal(0)
    # Dividing last keeps the exact product for as long as possible.
    amount = rate * net * figures.eligible * currency_rate / (HUNDRED * figures.total)
    return round_to(amount, rounding)


def entry_kind(change: Decimal, before: Figures, now: Figures) -> str:
    """Why the amount due changed: ``accrual``, ``clawback`` or ``adjustment``.

    >>> unpaid, paid = Figures(Decimal(100)), Figures(Decimal(100), Decimal(100))
    >>> entry_kind(Decimal(8), unpaid, paid)
    'accrual'
    >>> entry_kind(Decimal(-8), paid, paid._replace(credited=Decimal(100)))
    'clawback'
    >>> entry_kind(Decimal(-8), paid, unpaid)
    'adjustment'
    """
    if change > 0:
        return "accrual" if now.cash > before.cash else "adjustment"
    return "clawback" if now.credited > before.credited else "adjustment"
