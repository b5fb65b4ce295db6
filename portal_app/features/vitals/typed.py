"""Numbers as people type and paste them: either decimal mark, any digits, with or without the unit."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from portal_app.features.vitals.measures import Measure, Unit

_LONGEST: Final = 24
_MARKS: Final = str.maketrans({
    "\u066b": ".", "\uff0e": ".", "\u066c": ",", "\uff0c": ",", "\u3001": ",", "\u060c": ",", "\u2044": "/",
    "\u200e": "", "\u200f": "",
})  # fmt: skip
"""Decimal marks and separators of other scripts; marks of direction that come with what is pasted are left out."""
_NUMBER: Final = re.compile(r"([0-9]+(?:[.,][0-9]+)*)\s*([^0-9]*)")
_PAIR: Final = re.compile(r"\s*([0-9]+)\s*[/\\]\s*([0-9]+)\s*")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the number as it was written, and the unit if it was written too."""

    value: Decimal
    unit: Unit | None = None


def plain_digits(words: str) -> str:
    """Write digits of any script as 0–9, and marks of any script as ours; whatever else stays."""
    return "".join(_digit(sign) for sign in words.translate(_MARKS))


def typed_number(words: str, measure: Measure) -> Typed | None:
    """Return the number that was meant, with as many decimals as were typed; None where it cannot be told.

    One group of exactly three digits after a mark is a thousand where the measure has no decimals ("8,500 steps").
    """
    found = _NUMBER.fullmatch(plain_digits(words[: _LONGEST + 1]).strip())
    if found is None or len(words.strip()) > _LONGEST:
        return None
    number, said = found.group(1), found.group(2).strip().casefold()
    unit = next((one for one in measure.units if said in one.typed), None)
    if said and unit is None:
        return None
    value = _value(number, has_decimals=any(one.decimals for one in measure.units))
    return None if value is None else Typed(value, unit)


def typed_pair(words: str) -> tuple[str, str] | None:
    """Return both numbers of a pressure that was typed or pasted in one, such as 120/80."""
    found = _PAIR.fullmatch(plain_digits(words[:_LONGEST]))
    return (found.group(1), found.group(2)) if found else None


def _value(number: str, *, has_decimals: bool) -> Decimal | None:
    parts: Sequence[str] = re.split("[.,]", number)
    if len(parts) == 1:
        return Decimal(number)
    is_grouped = all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3
    if is_grouped and (not has_decimals or len(parts) > 2):
        return Decimal("".join(parts))
    if len(parts) == 2 and len(parts[1]) <= 3:
        return Decimal(f"{parts[0]}.{parts[1]}")
    return None


def _digit(sign: str) -> str:
    if sign.isascii():
        return sign
    number = unicodedata.numeric(sign, -1)
    return str(int(number)) if number in range(10) else sign
