"""What the readings of the last days come to: the home average of a blood pressure by its rule, or a plain mean. Pure.

The rule of 2025 AHA/ACC, as in the joint statement on measuring at home (AHA/AMA 2020,
doi:10.1161/CIR.0000000000000803): two readings at least a minute apart, each morning and each evening, for three to
seven days, and the mean of all of them. Which hours are morning and evening it does not say: those here are ours
(docs/decisions/0119).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.features.vitals.views import ReadingView

DAYS: Final = 7
"""How many days an average looks back."""
DAYS_LEAST: Final = 3
"""On so many days there have to be readings, or whole days, before there is an average."""
A_SITTING: Final = 2
NEEDED: Final = 2 * A_SITTING * DAYS_LEAST
"""So many readings make a home average at the least."""
DAY_BEGINS: Final = 4
NOON: Final = 12
EVENING: Final = 16
"""Morning is from four until noon, evening from four in the afternoon until four at night, of the day before."""
RULED: Final = "blood_pressure"
ADULT: Final = 216
"""The rule is one for adults; age in months."""


@dataclass(frozen=True, slots=True)
class Average:
    """The average of the last days; `value` is None while there are too few.

    It is made of `count` of `of` readings. `is_by_rule` tells a home average from a plain mean of everything. `so_far`
    is how many of the NEEDED there are where the rule is meant and not met, else None.
    """

    value: Decimal | None
    pair: Decimal | None
    count: int
    of: int
    is_by_rule: bool = False
    so_far: int | None = None


def is_ruled(measure: str, age_months: int) -> bool:
    """Tell whether there is a rule for how readings of a measure are averaged."""
    return measure == RULED and age_months >= ADULT


def average(lately: Sequence[ReadingView], *, has_rule: bool) -> Average:
    """Return the home average of the last days where it has a rule and this is met, else the plain mean."""
    if not has_rule:
        return plain_mean(lately)
    found, plain = home_average(lately), plain_mean(lately)
    if found.value is not None:
        return found
    return Average(plain.value, plain.pair, plain.count, plain.of, so_far=found.so_far)


def plain_mean(lately: Sequence[ReadingView]) -> Average:
    """Return the mean of all readings, if they were taken on three different days."""
    days = {one.taken_at.astimezone(ZoneInfo(one.zone)).date() for one in lately}
    return _mean(lately if len(days) >= DAYS_LEAST else (), len(lately))


def home_average(lately: Sequence[ReadingView]) -> Average:
    """Return the mean of what counts on whole days: two readings of the morning and two of the evening."""
    days = [list(_counted(sittings)) for sittings in _sittings(lately).values()]
    whole = [one for one in days if len(one) == 2 * A_SITTING]
    if len(whole) < DAYS_LEAST:
        best = sorted((len(one) for one in days), reverse=True)[:DAYS_LEAST]
        return Average(None, None, 0, len(lately), so_far=sum(best))
    return _mean([one for day in whole for one in day], len(lately), is_by_rule=True)


def _sittings(lately: Sequence[ReadingView]) -> Mapping[date, Mapping[str, list[ReadingView]]]:
    found: dict[date, dict[str, list[ReadingView]]] = defaultdict(lambda: defaultdict(list))
    for one in sorted(lately, key=lambda one: one.taken_at):
        here = one.taken_at.astimezone(ZoneInfo(one.zone))
        day = (here.replace(tzinfo=None) - timedelta(hours=DAY_BEGINS)).date()
        if part := part_of_day(here):
            found[day][part].append(one)
    return found


def part_of_day(here: datetime) -> str:
    """Return "morning" or "evening" by the clock of where somebody is, "" for the afternoon."""
    if DAY_BEGINS <= here.hour < NOON:
        return "morning"
    return "evening" if here.hour >= EVENING or here.hour < DAY_BEGINS else ""


def _counted(sittings: Mapping[str, Sequence[ReadingView]]) -> Sequence[ReadingView]:
    """Return the first two of each sitting: whoever measures until it is low would choose the last ones."""
    return [one for some in sittings.values() for one in _a_minute_apart(some)[:A_SITTING]]


def _a_minute_apart(some: Sequence[ReadingView]) -> list[ReadingView]:
    """Leave out what came within the minute that stands beside another one: a device that sends the same again."""
    found: dict[datetime, ReadingView] = {}
    for one in some:
        found.setdefault(one.taken_at.replace(second=0, microsecond=0), one)
    return list(found.values())


def _mean(some: Sequence[ReadingView], of: int, *, is_by_rule: bool = False) -> Average:
    if not some:
        return Average(None, None, 0, of)
    pairs = [one.pair for one in some if one.pair is not None]
    value = sum((one.value for one in some), Decimal(0)) / len(some)
    pair = sum(pairs, Decimal(0)) / len(pairs) if pairs else None
    return Average(value, pair, len(some), of, is_by_rule)
