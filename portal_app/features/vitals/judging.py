"""A reading beside those before it: the earlier ones are brought to its unit, then the rules judge.

A pulse that was typed with a blood pressure is judged as any other pulse; the worse of both decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from portal_app.features.vitals import rules
from portal_app.features.vitals.measures import MEASURES, PER_MINUTE, converted, shown
from portal_app.features.vitals.rules import Meaning, Measured, Rule, Whose

DECIMALS: Final = 3
"""How exactly a reading is compared with one in another unit: as exactly as one can be typed."""
PULSE: Final = "pulse"
OF_PULSE: Final = "pulse."
"""What stands before a finding that is about the pulse which was typed with a pressure."""


def meaning(known: Iterable[Rule], whose: Whose, new: Measured, before: Sequence[tuple[Measured, str]] = ()) -> Meaning:
    """Say what a reading means; a finding about the pulse that was typed with it begins with `OF_PULSE`.

    Args:
        known: the rules of its measure and, if it has one, of the pulse.
        before: earlier readings, the newest first, as `rules.meaning` takes them; those of which neither the measure
            nor the pulse is asked for do not count.
    """
    known = list(known)
    first = rules.meaning(known, whose, new, _beside(new, before))
    pulse = _pulse_of(new)
    if pulse is None:
        return first
    other = rules.meaning(known, whose, pulse, _beside(pulse, before))
    return replace(other, finding=OF_PULSE + other.finding) if rules.worse(first, other) else first


def related(measure: str) -> str:
    """Return the other measure whose readings tell something of this one; "" where none does."""
    return {PULSE: "blood_pressure", "blood_pressure": PULSE}.get(measure, "")


def _pulse_of(one: Measured) -> Measured | None:
    return None if one.pulse is None else Measured(PULSE, PER_MINUTE.code, one.pulse, None, one.taken_at)


def _beside(new: Measured, before: Sequence[tuple[Measured, str]]) -> list[tuple[Measured, str]]:
    """Return what came before of the same measure, in its unit; what a pressure meant says nothing of its pulse."""
    found = []
    for one, severity in before:
        if one.measure == new.measure:
            found.append((in_unit(one, new.unit), severity))
        elif new.measure == PULSE and (pulse := _pulse_of(one)) is not None:
            found.append((pulse, ""))
    return found


def leap(new: Measured, last: Measured | None) -> bool:
    """Tell whether a value has changed since the last one by more than a body does."""
    return rules.leap(new, last and in_unit(last, new.unit))


def in_unit(one: Measured, unit: str) -> Measured:
    """Return a reading as it is in another unit of its measure; one that is in it already stays as it was entered."""
    if one.unit == unit:
        return one
    known = MEASURES[one.measure]
    return replace(one, unit=unit, value=shown(converted(one.value, known.unit(one.unit), known.unit(unit)), DECIMALS))
