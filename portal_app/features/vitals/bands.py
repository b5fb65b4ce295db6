"""What the numbers of a measure mean at some ages or with a condition, put in force as one whole set by a clinician.

A set begins as a copy of another one. It takes its ages from whatever held there for the same condition, which lives
on at its other ages, so no age is judged by two sets and none is left out in between. Nobody has reviewed a new set
until a clinician approves it; what was judged before keeps what it meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.vitals import policies
from portal_app.features.vitals.band_faults import (
    UPPER,
    refuse_implausible,
    refuse_out_of_order,
    refuse_untold,
    told_now,
)
from portal_app.features.vitals.errors import RuleMovedOn
from portal_app.features.vitals.measures import MEASURES, converted, shown
from portal_app.features.vitals.plans import CONDITIONS
from portal_app.features.vitals.ranges import PROTOCOLS
from portal_app.features.vitals.reviewing import RuleRow, number_of, reason_of, recorded, rules_in_force
from portal_app.features.vitals.typed import plain_digits

OLDEST: Final = 2400
"""The end of all ages, in months."""
SOURCE_MOST: Final = 200
NEW_LOW, NEW_HIGH = -1, -2
"""The ids of the lines that a set can have beside those it was copied from."""
_LOCK: Final = "select pg_advisory_xact_lock(hashtext('vital_rule'), hashtext(:measure))"
_RETIRE: Final = "update vital_rule set retired_at = :now where id = :id and retired_at is null"
_ADD: Final = """
insert into vital_rule (measure, unit, part, above, at_least, below, at_most, days, finding, protocol, severity,
  severity_again, condition, age_from, age_until, source, version, replaces, reason)
values (:measure, :unit, :part, case :bound when 'above' then cast(:value as numeric) end,
  case :bound when 'at_least' then cast(:value as numeric) end,
  case :bound when 'below' then cast(:value as numeric) end,
  case :bound when 'at_most' then cast(:value as numeric) end, :days, :finding, :protocol, :severity,
  :again, :condition, :age_from, :age_until, :source, :version, :replaces, :reason)
"""


@dataclass(frozen=True, slots=True)
class Band:
    """A condition ("" for none), ages in months with the end excluded, and the rules of a measure that hold there."""

    condition: str
    age_from: int
    age_until: int
    rules: tuple[RuleRow, ...]

    @property
    def ids(self) -> frozenset[int]:
        """Return what tells that it still is what was seen."""
        return frozenset(one.id for one in self.rules)


def bands(rules: Sequence[RuleRow]) -> list[Band]:
    """Return the sets of one measure, by condition and age; ages without any rule have none."""
    found = []
    for condition in ("", *CONDITIONS):
        own = [one for one in rules if one.condition == condition]
        ages = sorted({age for one in own for age in (one.age_from, one.age_until)})
        for since, until in pairwise(ages):
            held = tuple(one for one in own if one.age_from <= since and until <= one.age_until)
            found += [Band(condition, since, until, held)] if held else []
    return found


def lines_of(measure: str, band: Band | None) -> list[RuleRow]:
    """Return what a copy of a set can say: its own rules in the first unit, and a low and a high number if it has none.

    Numbers in the other units follow from these.
    """
    unit = MEASURES[measure].units[0].code
    own = [one for one in band.rules if one.unit == unit] if band else []
    since, until, condition = (band.age_from, band.age_until, band.condition) if band else (0, OLDEST, "")
    new = [
        RuleRow(
            number, measure, unit, "", bound, Decimal(0), finding, "urgent", "urgent", condition, since, until, "", 0,
            "", False, "", PROTOCOLS.get(measure, "rest_repeat"), 0,
        )
        for number, bound, finding in ((NEW_LOW, "at_most", "low"), (NEW_HIGH, "at_least", "high"))
        if not any(not one.part and (one.bound in UPPER) == (bound in UPPER) for one in own)
    ]  # fmt: skip
    return [*own, *new]


async def put_band(tx: Transaction, measure: str, seen: frozenset[int], said: Mapping[str, str]) -> None:
    """Put a set in force for some ages or a condition, as a copy of the one whose rules were `seen`, nobody's if none.

    `said` has `condition`, `since`, `until` and `ages` ("years" or "months"), `source`, `reason`, and for each line
    `number-ID`, as they were typed; a line without a number is left out.

    Raises:
        NotFound: for what is no measure.
        RuleMovedOn: if a colleague has changed the set meanwhile.
        InputRefused: at what cannot be read, or cannot be.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    there = await _in_force(tx, measure)
    base = _seen(there, seen)
    condition, since, until = _whose(said)
    lines = _typed(measure, base, said)
    refuse_untold(lines_of(measure, base), lines, told_now(there, condition, since, until))
    source, reason = _source(said.get("source", "")), reason_of(said.get("reason", ""))
    kept = [one for line, value in lines for one in _in_each_unit(measure, base, line, value)]
    gone = await _make_room(tx, there, condition, since, until, reason)
    for one in kept:
        before = _taken(gone, one)
        await _add(
            tx, replace(one, condition=condition, age_from=since, age_until=until, source=source, reason=reason),
            before,
        )  # fmt: skip
    await recorded(tx, measure)


async def remove_band(tx: Transaction, measure: str, seen: frozenset[int], said: Mapping[str, str]) -> None:
    """End a set: for a condition the general one holds again, other ages are not judged. `said` has `reason`.

    Raises:
        NotFound: for what is no measure.
        RuleMovedOn: if a colleague has changed the set meanwhile.
        InputRefused: without a reason, and at the last set of a measure.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    there = await _in_force(tx, measure)
    base = _seen(there, seen)
    if base is None:
        raise RuleMovedOn
    reason = reason_of(said.get("reason", ""))
    if len(bands(there)) == 1:
        raise InputRefused("reason", N_("Without it this would never be judged. Change its numbers instead."))
    await _make_room(tx, there, base.condition, base.age_from, base.age_until, reason)
    await recorded(tx, measure)


async def _in_force(tx: Transaction, measure: str) -> list[RuleRow]:
    if measure not in MEASURES:
        raise NotFound
    await tx.execute(_LOCK, {"measure": measure})  # two at once wait for each other, so that their ages never overlap
    return [one for one in await rules_in_force(tx) if one.measure == measure]


def _seen(there: Sequence[RuleRow], seen: frozenset[int]) -> Band | None:
    if not seen:
        return None
    band = next((one for one in bands(there) if one.ids == seen), None)
    if band is None:
        raise RuleMovedOn
    return band


def _whose(said: Mapping[str, str]) -> tuple[str, int, int]:
    condition = said.get("condition", "")
    if condition not in ("none", *CONDITIONS):
        raise InputRefused("condition", N_("Choose one from the list."))
    months = {"years": 12, "months": 1}.get(said.get("ages", ""))
    if months is None:
        raise InputRefused("ages", N_("Choose one from the list."))
    since = _age(said.get("since", ""), "since", 0, months)
    until = _age(said.get("until", ""), "until", OLDEST, months)
    if since >= until:
        raise InputRefused("until", N_("The second age has to be above the first one."))
    return ("" if condition == "none" else condition), since, until


def _age(words: str, field: str, empty: int, months: int) -> int:
    typed = plain_digits(words.strip())
    if not typed:
        return empty
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 4) or int(typed) * months > OLDEST:
        raise InputRefused(field, N_("Type an age as a whole number, such as 12."))
    return int(typed) * months


def _source(words: str) -> str:
    said = words.strip()
    if not said or len(said) > SOURCE_MOST:
        raise InputRefused("source", N_("Say who gives these numbers, in 200 characters or fewer."))
    return said


def _typed(measure: str, base: Band | None, said: Mapping[str, str]) -> list[tuple[RuleRow, Decimal]]:
    """Return the lines that have a number. Raises InputRefused at the first that cannot be."""
    found = []
    for line in lines_of(measure, base):
        field = f"number-{line.id}"
        value = number_of(measure, said.get(field, ""), field, line.unit, is_needed=False)
        if value is not None:
            refuse_implausible(measure, line, value)
            found.append((line, value))
    if not found:
        raise InputRefused(f"number-{lines_of(measure, base)[0].id}", N_("Type at least one number."))
    refuse_out_of_order(found)
    return found


def _in_each_unit(measure: str, base: Band | None, line: RuleRow, value: Decimal) -> list[RuleRow]:
    """Return a line with its number in each unit of the measure: as it was there, if it stays, else converted."""
    first, *others = MEASURES[measure].units
    found = [replace(line, value=value)]
    for unit in others:
        there = next((one for one in (base.rules if base else ()) if _is_same_in(unit.code, one, line)), None)
        is_kept = there is not None and value == line.value
        here = there.value if there and is_kept else shown(converted(value, first, unit), unit.decimals)
        found.append(replace(line, unit=unit.code, value=here))
    return found


def _is_same_in(unit: str, one: RuleRow, line: RuleRow) -> bool:
    """Tell whether a rule says the same as a line, for numbers in this unit."""
    same = (one.part, one.bound, one.days, one.finding, one.age_from, one.age_until)
    return one.unit == unit and same == (line.part, line.bound, line.days, line.finding, line.age_from, line.age_until)


async def _make_room(
    tx: Transaction, there: Sequence[RuleRow], condition: str, since: int, until: int, reason: str
) -> list[RuleRow]:
    """Retire what holds at these ages and let it live on at its others; return what was retired. Raises RuleMovedOn."""
    gone = [one for one in there if one.condition == condition and one.age_from < until and since < one.age_until]
    now = clock.now()
    for one in gone:
        if not await tx.execute(_RETIRE, {"id": one.id, "now": now}):  # changed by somebody a moment ago
            raise RuleMovedOn
        if one.age_from < since:
            await _add(tx, replace(one, age_until=since, reason=reason), one)
        if until < one.age_until:
            await _add(tx, replace(one, age_from=until, reason=reason), one)
    return gone


def _taken(gone: list[RuleRow], new: RuleRow) -> RuleRow | None:
    """Return which retired rule a new one stands for, each only once."""
    same = (new.unit, new.part, new.bound, new.finding)
    before = next((one for one in gone if (one.unit, one.part, one.bound, one.finding) == same), None)
    if before is not None:
        gone.remove(before)
    return before


async def _add(tx: Transaction, one: RuleRow, before: RuleRow | None) -> None:
    await tx.execute(_ADD, {
        "measure": one.measure, "unit": one.unit, "part": one.part, "bound": one.bound, "value": one.value,
        "days": one.days, "finding": one.finding, "protocol": one.protocol, "severity": one.severity,
        "again": one.severity_again, "condition": one.condition, "age_from": one.age_from,
        "age_until": one.age_until, "source": one.source, "reason": one.reason,
        "version": before.version + 1 if before else 1, "replaces": before.id if before else None,
    })  # fmt: skip
