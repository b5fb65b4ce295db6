"""A reading beside those before it: the earlier ones are brought to its unit, then the rules judge."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from portal_app.features.vitals import rules
from portal_app.features.vitals.measures import MEASURES, converted, shown
from portal_app.features.vitals.rules import Meaning, Measured, Rule, Whose

DECIMALS: Final = 3
"""How exactly a reading is compared with one in another unit: as exactly as one can be typed."""


def meaning(known: Iterable[Rule], whose: Whose, new: Measured, before: Sequence[tuple[Measured, str]] = ()) -> Meaning:
    """Say what a reading means; `before` are earlier readings of its measure, as `rules.meaning` takes them."""
    return rules.meaning(known, whose, new, [(in_unit(one, new.unit), severity) for one, severity in before])


def leap(new: Measured, last: Measured | None) -> bool:
    """Tell whether a value has changed since the last one by more than a body does."""
    return rules.leap(new, last and in_unit(last, new.unit))


def in_unit(one: Measured, unit: str) -> Measured:
    """Return a reading as it is in another unit of its measure; one that is in it already stays as it was entered."""
    if one.unit == unit:
        return one
    known = MEASURES[one.measure]
    return replace(one, unit=unit, value=shown(converted(one.value, known.unit(one.unit), known.unit(unit)), DECIMALS))
