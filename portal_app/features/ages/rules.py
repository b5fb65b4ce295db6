"""Pure decisions about age: what is open to a parent on a day, and what a version of a rule must be.

The database decides the same (migration 0025); tests hold the two against each other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

PREVIEWED_MOST: Final = 100
"""How many of the people touched a preview names; it counts all."""
SECTIONS: Final = ("booking", "visits", "forms", "messages", "results", "notes", "vitals", "bills")
"""What a rule may leave open: never the profile, which decides who else may."""
STATES: Final = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
)  # fmt: skip
SOURCE_MOST: Final = 300
REASON_LEAST: Final = 10
REASON_MOST: Final = 500
AHEAD_MOST: Final = timedelta(days=730)
"""How far ahead a version may be dated."""
TOLD_AHEAD: Final = timedelta(days=28)
"""How long before something closes by age both sides are told."""
LIMIT_KINDS: Final = ("court", "abuse")


class Access(StrEnum):
    """What a parent has of a minor's chart by age; `grown` once the patient is of age and the relation itself ends."""

    full = "full"
    limited = "limited"
    none = "none"
    grown = "grown"


@dataclass(frozen=True, slots=True)
class Ages:
    """One version of a state's rule ("" for states without one), and from which day on it counts."""

    state: str
    effective_from: date
    full_until: int
    limited_until: int
    majority: int
    own_from: int
    sections: frozenset[str]


def birthday(born: date, age: int) -> date:
    """Return the day somebody reaches an age; who was born on 29 February, on the 28th of other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return born.replace(year=born.year + age, day=28)


def rule_on(known: Iterable[Ages], state: str, day: date) -> Ages | None:
    """Return the version that counts for a state on a day: the state's own, or that for states without one."""
    begun = [one for one in known if one.state in (state, "") and one.effective_from <= day]
    return max(begun, key=lambda one: (one.state != "", one.effective_from), default=None)


def access_on(rule: Ages | None, born: date, day: date) -> Access:
    """Return what is open to a parent on a day; nothing without a rule."""
    if rule is None:
        return Access.none
    steps = ((rule.majority, Access.grown), (rule.limited_until, Access.none), (rule.full_until, Access.limited))
    return next((access for age, access in steps if birthday(born, age) <= day), Access.full)


def is_open(rule: Ages | None, section: str, born: date, day: date) -> bool:
    """Tell whether a section that was shared is open to a parent on a day."""
    access = access_on(rule, born, day)
    return access is Access.full or (access is Access.limited and rule is not None and section in rule.sections)


def closes_on(known: Sequence[Ages], state: str, section: str, born: date, today: date) -> date | None:
    """Return the first day from today on which a section is closed to a parent, None if it never is."""
    own = [one for one in known if one.state in (state, "")]
    ages = {age for one in own for age in (one.full_until, one.limited_until, one.majority)}
    turns = {one.effective_from for one in own} | {birthday(born, age) for age in ages}
    days = sorted({today} | {day for day in turns if day > today})
    return next((day for day in days if not is_open(rule_on(own, state, day), section, born, day)), None)


def what_is_wrong(
    ages: Mapping[str, int | None], sections: Collection[str], source: str, effective_from: date | None, today: date
) -> str:
    """Return the name of the field of a new version that cannot stand, "" if all can."""
    full, limited, majority, own = (ages.get(name) for name in ("full_until", "limited_until", "majority", "own_from"))
    checks = (
        ("full_until", full is not None and full >= 0),
        ("limited_until", limited is not None and full is not None and limited >= full),
        ("majority", majority is not None and 16 <= majority <= 21 and limited is not None and limited <= majority),
        ("own_from", own is not None and own >= 10 and majority is not None and own <= majority),
        ("sections", set(sections) <= set(SECTIONS)),
        ("source", 0 < len(source.strip()) <= SOURCE_MOST),
        ("effective_from", effective_from is not None and today < effective_from <= today + AHEAD_MOST),
    )
    return next((name for name, is_right in checks if not is_right), "")
