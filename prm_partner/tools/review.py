"""The rules of a tier review: what a partner's tier becomes, and when. No ORM, no clock.

The tiers of a program are numbered from 0, the lowest; -1 is a partner without a tier. The daily
review and the what-if, which replays past months, use the same functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

NO_TIER = -1
CHANGES = ("promote", "demote")
# Amounts are floats: what differs by less than this is equal.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one metric has to reach.

    :param key: (metric code, window, scope), the key of the measured values
    :param down: whether lower values are better
    :param points: what it gives when it is met; None for a mandatory requirement
    :param facts: what is kept with a measured value in the history, e.g. window and scope
    :param metric: name of the metric, for people
    """

    key: tuple[str, str, str]
    threshold: float
    down: bool = False
    points: int | None = None
    facts: Mapping = field(default_factory=dict, compare=False)
    metric: str = field(default="", compare=False)

    def is_met(self, value: float) -> bool:
        """Whether ``value`` is enough.

        >>> Requirement(("revenue", "rolling_12", "own"), 100.0).is_met(99.9999999)
        True
        >>> Requirement(("hours", "rolling_12", "own"), 8.0, down=True).is_met(9.0)
        False
        """
        return _is_enough(value, self.threshold, self.down)

    def progress(self, value: float) -> dict:
        """The measured value beside what is asked for, with percent, missing and met."""
        met = self.is_met(value)
        best, worst = (self.threshold, value) if self.down else (value, self.threshold)
        return {
            **self.measured(value),
            "metric": self.metric,
            "mandatory": self.points is None,
            "points": self.points or 0,
            "direction": "down" if self.down else "up",
            "missing": 0.0 if met else abs(self.threshold - value),
            "percent": 100 if met else min(max(int(100 * best / worst), 0), 99),
        }

    def measured(self, value: float) -> dict:
        """What the history keeps: the measured value beside what was asked for."""
        return measured(self.rule(), value)

    def rule(self) -> dict:
        """What was asked for, to be kept for many measured values at once."""
        rule = {**self.facts, "threshold": self.threshold}
        return {**rule, "direction": "down"} if self.down else rule


def measured(rule: Mapping, value: float) -> dict:
    """A measured value beside a rule that was kept, see ``Requirement.rule``.

    >>> measured({"code": "hours", "threshold": 8.0, "direction": "down"}, 9.0)["met"]
    False
    """
    met = _is_enough(value, rule["threshold"], rule.get("direction") == "down")
    return {**rule, "value": value, "met": met}


def _is_enough(value: float, threshold: float, down: bool) -> bool:
    if down:
        return value <= threshold + TOLERANCE
    return value >= threshold - TOLERANCE


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier is met when its mandatory requirements are, and the points of the others suffice."""

    requirements: tuple[Requirement, ...] = ()
    points_required: int = 0

    def points(self, values: Mapping[tuple, float]) -> int:
        """Points of the requirements that are met."""
        return sum(
            requirement.points
            for requirement in self.requirements
            if requirement.points is not None and requirement.is_met(values[requirement.key])
        )

    def state(self, values: Mapping[tuple, float]) -> bool | None:
        """Whether the tier is met; None if it asks for nothing, so that it is given by hand.

        >>> key = ("revenue", "rolling_12", "own")
        >>> Tier((Requirement(key, 100.0),)).state({key: 120.0})
        True
        >>> Tier((Requirement(key, 100.0, points=5),), points_required=5).state({key: 20.0})
        False
        >>> Tier().state({}) is None
        True
        """
        if not self.requirements:
            return None
        return (
            all(
                requirement.is_met(values[requirement.key])
                for requirement in self.requirements
                if requirement.points is None
            )
            and self.points(values) >= self.points_required
        )


def highest_met(states: Sequence[bool | None], level: int) -> int:
    """The highest tier that a partner meets.

    A tier without requirements is met by whoever has it or a higher one, and the lowest one by
    everybody: nobody is promoted to a tier that asks for nothing.

    >>> highest_met([None, True, False], 0), highest_met([None, None, True], 0)
    (1, 2)
    >>> highest_met([None, None, False], 0), highest_met([None, None, False], 2)
    (0, 1)
    """
    met = NO_TIER
    for number, state in enumerate(states):
        if state or (state is None and (number == 0 or number <= level)):
            met = number
    return met


@dataclass(frozen=True, slots=True)
class Rules:
    """What the program says about reviews."""

    promotion: str = "at_once"
    hold_months: int = 6
    grace_days: int = 90
    notice_days: int = 30
    max_steps_down: int = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """What the past leaves to a membership. All dates are inclusive.

    :param grace_until: last day of grace; None unless the membership is at risk
    :param pinned_until: last day on which a tier given by hand stays whatever is measured
    :param refused_level: the tier that a manager refused, not proposed before ``refused_until``
    """

    level: int
    hold_until: date | None = None
    at_risk_since: date | None = None
    grace_until: date | None = None
    reminded: bool = False
    pinned_until: date | None = None
    refused_level: int | None = None
    refused_until: date | None = None

    @property
    def at_risk(self) -> bool:
        return self.grace_until is not None

    def is_refused(self, level: int, today: date) -> bool:
        return self.refused_until is not None and (
            self.refused_level == level and today < self.refused_until
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a review: keep, wait, notice, remind, recover, promote or demote."""

    kind: str
    level: int

    @property
    def is_change(self) -> bool:
        return self.kind in CHANGES


def decide(standing: Standing, met: int, due: bool, today: date, rules: Rules) -> Decision:
    """What becomes of a tier today.

    :param met: highest tier met, see ``highest_met``
    :param due: whether the regular review of this membership is due
    """
    level = standing.level
    calm = Decision("recover" if standing.at_risk else "keep", level)
    if standing.pinned_until and today <= standing.pinned_until:
        return calm
    if met > level and (due or rules.promotion == "at_once"):
        return calm if standing.is_refused(met, today) else Decision("promote", met)
    if met >= level:
        return calm
    if not standing.at_risk:
        return Decision("notice" if due else "keep", level)
    return _follow_up(standing, met, today, rules)


def _follow_up(standing: Standing, met: int, today: date, rules: Rules) -> Decision:
    """What becomes of a tier at risk whose requirements are still not met."""
    level = standing.level
    protected = max(standing.grace_until, standing.hold_until or standing.grace_until)
    if today > protected:
        target = max(met, level - rules.max_steps_down, NO_TIER)
        if target < level and not standing.is_refused(target, today):
            return Decision("demote", target)
        return Decision("wait", level)
    told_before_today = today > (standing.at_risk_since or date.min)
    ends_soon = today >= protected - timedelta(days=rules.notice_days)
    if ends_soon and told_before_today and not standing.reminded:
        return Decision("remind", level)
    return Decision("wait", level)


def settle(standing: Standing, decision: Decision, today: date, rules: Rules) -> Standing:
    """The standing after a decision was carried out."""
    if decision.is_change:
        return Standing(
            level=decision.level,
            hold_until=hold_until(today, rules),
            pinned_until=standing.pinned_until,
        )
    if decision.kind == "notice":
        grace = today + timedelta(days=rules.grace_days)
        return replace(
            standing,
            at_risk_since=today,
            grace_until=max(grace, standing.hold_until or grace),
            reminded=False,
        )
    if decision.kind == "remind":
        return replace(standing, reminded=True)
    if decision.kind == "recover":
        return replace(standing, at_risk_since=None, grace_until=None, reminded=False)
    return standing


def hold_until(day: date, rules: Rules) -> date:
    """Last day on which a tier that was given on ``day`` is not taken away.

    >>> hold_until(date(2026, 8, 31), Rules(hold_months=6))
    datetime.date(2027, 2, 28)
    """
    return day + relativedelta(months=rules.hold_months)


def next_review(schedule: str, after: date, interval: int, month: int, day: int) -> date | None:
    """Day of the regular review that follows ``after``; None if there are no reviews.

    >>> next_review("rolling", date(2026, 1, 31), 1, 1, 1)
    datetime.date(2026, 2, 28)
    >>> next_review("calendar", date(2026, 1, 15), 12, 1, 15)
    datetime.date(2027, 1, 15)
    >>> next_review("calendar", date(2026, 1, 15), 12, 2, 31)
    datetime.date(2026, 2, 28)

    :param schedule: rolling (every ``interval`` months), calendar (each year) or none
    """
    if schedule == "rolling":
        return after + relativedelta(months=interval)
    if schedule == "calendar":
        this_year = after + relativedelta(month=month, day=day)
        if this_year > after:
            return this_year
        return after + relativedelta(years=1, month=month, day=day)
    return None


def replay(
    standing: Standing,
    steps: Iterable[tuple[date, Sequence[bool | None], bool]],
    rules: Rules,
) -> tuple[Standing, list[int]]:
    """Decide again on each of some past days.

    :param steps: (day, state of each tier, whether the regular review is due), in order
    :return: the standing at the end, and the level after each step
    """
    levels = []
    for today, states, due in steps:
        decision = decide(standing, highest_met(states, standing.level), due, today, rules)
        standing = settle(standing, decision, today, rules)
        levels.append(standing.level)
    return standing, levels
