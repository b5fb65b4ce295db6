"""What a reading means: which rule of which set holds, what to do next, and who has to know. Pure.

Thresholds are not here: they are rows of `vital_rule`, with their sources (migration 0043).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

AGAIN_WITHIN: Final = timedelta(minutes=30)
"""A second measurement counts as the repetition of the first for so long."""
LEAPS: Final = {"weight": (Decimal("0.12"), timedelta(days=7))}
"""By how much of itself a value changes in a time only if something was typed wrong."""
LATER: Final = timedelta(hours=6)
"""So much later than the time before somebody may step on the scales, and it still is a day, or a week, since then."""
COURSE_PARTS: Final = frozenset({"average", "average_pair", "trend"})
"""What is said about many readings, not about one."""
RANKS: Final = ("", "routine", "urgent", "critical")
AHEAD: Final = timedelta(minutes=10)
"""How far ahead of ours a device's clock may be."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: from `low` (included unless `over`) to `high` (excluded unless `through`), for whom, and what it means.

    `part` is "" for the value itself, "pair" for the second of two, or "gain" for the change within `days`; "average",
    "average_pair" and "trend" are about many readings (`course.py`). Ages are in months. `severity_again` holds when a
    second measurement found the same or worse. `range_id` is set where it is the range of one person.
    """

    measure: str
    unit: str
    part: str
    finding: str
    protocol: str
    severity: str
    severity_again: str
    condition: str = ""
    age_from: int = 0
    age_until: int = 2400
    above: Decimal | None = None
    at_least: Decimal | None = None
    below: Decimal | None = None
    at_most: Decimal | None = None
    days: int = 0
    is_reviewed: bool = False
    id: int | None = None
    version: int | None = None
    range_id: UUID | None = None

    def holds(self, value: Decimal) -> bool:
        """Tell whether a value is within it."""
        return (
            (self.above is None or value > self.above)
            and (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
            and (self.at_most is None or value <= self.at_most)
        )


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose reading it is: age in whole months, and what the care team has noted."""

    age_months: int
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Measured:
    """One reading in the unit it was entered in; `pair` is the diastolic of a pressure, `pulse` was typed with it."""

    measure: str
    unit: str
    value: Decimal
    pair: Decimal | None
    taken_at: datetime
    pulse: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reading means. `finding` is "" where there is no rule for this person: a person has to say."""

    finding: str
    protocol: str = ""
    severity: str = ""
    is_again: bool = False
    is_reviewed: bool = True
    rule_id: int | None = None
    rule_version: int | None = None
    range_id: UUID | None = None


UNJUDGED: Final = Meaning("")
WITHIN: Final = Meaning("within")
_IN_RANGE: Final = (UNJUDGED.finding, WITHIN.finding)


def age_months(born: date, day: date) -> int:
    """Return the age in whole months."""
    return (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)


def set_for(rules: Iterable[Rule], measure: str, whose: Whose) -> list[Rule]:
    """Return the rules that hold for somebody: those of their condition where there are some, else the general ones."""
    fitting = [one for one in rules if one.measure == measure and one.age_from <= whose.age_months < one.age_until]
    own = [one for one in fitting if one.condition and one.condition in whose.conditions]
    return own or [one for one in fitting if not one.condition]


def meaning(rules: Iterable[Rule], whose: Whose, new: Measured, before: Sequence[tuple[Measured, str]] = ()) -> Meaning:
    """Say what a reading means; the worst rule counts.

    Args:
        before: earlier readings in the same measure and unit, the newest first, each with the severity it had
            (`judging.py` brings them to one).
    """
    fitting = set_for(rules, new.measure, whose)
    known = [one for one in fitting if one.unit == new.unit and one.part not in COURSE_PARTS]
    if not known:
        return UNJUDGED
    holding = [one for one in known if any(one.holds(value) for value in _values(one, new, before))]
    if not holding:
        return WITHIN
    worst = max(
        holding, key=lambda one: (RANKS.index(one.severity_again), RANKS.index(one.severity), one.protocol != "")
    )
    is_again = bool(worst.protocol) and any(
        timedelta(0) <= new.taken_at - earlier.taken_at <= AGAIN_WITHIN and (severity or _is_out(known, earlier))
        for earlier, severity in before
    )
    severity = worst.severity_again if is_again else worst.severity
    return Meaning(
        worst.finding, worst.protocol, severity, is_again, worst.is_reviewed, worst.id, worst.version, worst.range_id
    )


def worse(first: Meaning, other: Meaning) -> bool:
    """Tell whether the other meaning is worse than the first: more urgent, or else the only one out of range."""
    return _rank(other) > _rank(first)


def _rank(one: Meaning) -> tuple[int, bool]:
    return RANKS.index(one.severity), one.finding not in _IN_RANGE


def _is_out(known: Sequence[Rule], earlier: Measured) -> bool:
    """Tell whether an earlier reading was one to measure again, though nobody was told of it."""
    repeated = [one for one in known if one.protocol and (one.severity or one.severity_again) and one.part != "gain"]
    return any(one.holds(value) for one in repeated for value in _values(one, earlier, ()))


def _values(rule: Rule, new: Measured, before: Sequence[tuple[Measured, str]]) -> list[Decimal]:
    if rule.part == "pair":
        return [] if new.pair is None else [new.pair]
    if rule.part == "gain":
        since = new.taken_at - timedelta(days=rule.days) - LATER
        return [new.value - one.value for one, _ in before if since <= one.taken_at < new.taken_at]
    return [] if rule.part in COURSE_PARTS else [new.value]


def leap(new: Measured, last: Measured | None) -> bool:
    """Tell whether a value has changed since the last one, in the same unit, by more than a body does."""
    if last is None or new.measure not in LEAPS:
        return False
    share, within = LEAPS[new.measure]
    return abs(new.taken_at - last.taken_at) <= within and abs(new.value - last.value) > last.value * share
