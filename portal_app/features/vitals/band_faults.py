"""What a set of numbers for an age or a condition cannot be, said where it stands in the form."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.vitals.measures import DIASTOLIC_LEAST, DIASTOLIC_MOST, MEASURES
from portal_app.features.vitals.reviewing import RuleRow
from portal_app.features.vitals.rules import COURSE_PARTS, RANKS

UPPER: Final = frozenset({"above", "at_least"})
"""The bounds of numbers that are too high."""
_UNTOLD: Final = N_(
    "Nobody would be told any more of numbers that count as out of range at these ages now. Type a number here, or "
    "begin with a copy of the set of these ages."
)


def refuse_implausible(measure: str, line: RuleRow, value: Decimal) -> None:
    """Refuse a number that no device for the home shows."""
    unit = MEASURES[measure].unit(line.unit)
    least, most = {"": (unit.least, unit.most), "pair": (DIASTOLIC_LEAST, DIASTOLIC_MOST)}.get(line.part, (None, None))
    if least is not None and most is not None and not least <= value <= most:
        raise InputRefused(f"number-{line.id}", N_("Home devices do not usually show this number."))


def refuse_out_of_order(lines: Sequence[tuple[RuleRow, Decimal]]) -> None:
    """Refuse a low number above a high one, and a number that is less far out than a milder one."""
    for line, value in lines:
        is_upper = line.bound in UPPER
        for other, beside in lines:
            if other.part != line.part:
                continue
            if is_upper and other.bound not in UPPER and beside >= value:
                raise InputRefused(f"number-{line.id}", N_("A high number has to be above every low one."))
            is_further = value > beside if is_upper else value < beside
            is_same_side = (other.bound in UPPER) == is_upper and other.days == line.days
            if is_same_side and _rank(other) > _rank(line) and is_further:
                raise InputRefused(f"number-{other.id}", N_("The worse it is, the further out its number has to be."))


def told_now(there: Sequence[RuleRow], condition: str, since: int, until: int) -> list[RuleRow]:
    """Return what is told of one reading at these ages now, with a condition or for all."""
    return [
        one for one in there
        if one.condition in ("", condition) and one.part not in COURSE_PARTS
        and one.age_from < until and since < one.age_until
    ]  # fmt: skip


def refuse_untold(form: Sequence[RuleRow], lines: Sequence[tuple[RuleRow, Decimal]], held: Sequence[RuleRow]) -> None:
    """Refuse a set that leaves a side without a number that has one now, or without one of which the team is told."""
    now, then = _told([line for line, _value in lines]), _told(held)
    for side, is_told in then.items():
        if side not in now or is_told > now[side]:
            left_out = [one for one in form if _side(one) == side and (_told([one])[side] or not is_told)]
            raise InputRefused(f"number-{left_out[0].id}" if left_out else "since", _UNTOLD)


def _told(lines: Sequence[RuleRow]) -> dict[tuple[str, bool], bool]:
    """Return on which sides there is a number, and whether the care team is told of one of them."""
    return {
        side: any(one.severity or one.severity_again for one in lines if _side(one) == side)
        for side in dict.fromkeys(map(_side, lines))
    }


def _side(line: RuleRow) -> tuple[str, bool]:
    return line.part, line.bound in UPPER


def _rank(line: RuleRow) -> tuple[int, int]:
    return RANKS.index(line.severity_again), RANKS.index(line.severity)
