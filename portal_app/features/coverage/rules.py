"""What may be typed of an insurance, and what it comes to. Standard library only."""

import re
import unicodedata
from datetime import date
from typing import Final

NAME_MAX: Final = 80
NUMBER_MAX: Final = 30
MOST: Final = 3
RELATIONS: Final = ("self", "spouse", "child", "other")

_NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9./-]*")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Letters of Persian and of Indian scripts are written with these."""


def typed_number(typed: str) -> str | None:
    """Return a member's or a group's number as a card prints it, or None for what no card says.

    Spaces are for the eye and go; digits of other scripts become those of the card.
    """
    if len(typed) > 4 * NUMBER_MAX:
        return None
    letters = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in typed if not one.isspace())
    number = letters.upper()
    return number if len(number) <= NUMBER_MAX and _NUMBER.fullmatch(number) else None


def typed_name(typed: str) -> str | None:
    """Return a name with single spaces, or None where it is too long or holds what cannot be seen."""
    if len(typed) > 4 * NAME_MAX:
        return None
    name = " ".join(typed.split())
    is_plain = not any(unicodedata.category(one) in _HIDDEN and one not in _JOINERS for one in name)
    return name if len(name) <= NAME_MAX and is_plain else None


def is_in_force(valid_from: date | None, valid_until: date | None, on: date) -> bool:
    """Tell whether an insurance counts on a day."""
    return (valid_from is None or valid_from <= on) and (valid_until is None or on <= valid_until)


def next_free(taken: set[int]) -> int | None:
    """Return the first turn to pay that nobody has, None where all three are taken."""
    return next((turn for turn in range(1, MOST + 1) if turn not in taken), None)


def is_npi(number: str) -> bool:
    """Tell whether ten digits are a National Provider Identifier: Luhn's check over 80840 and the number (CMS)."""
    if not re.fullmatch(r"[12][0-9]{9}", number):
        return False
    doubled = [int(one) * (1 + place % 2) for place, one in enumerate(reversed("80840" + number))]
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0


def is_taxonomy(code: str) -> bool:
    """Tell whether a code has the form of the provider taxonomy of NUCC, such as 207Q00000X."""
    return re.fullmatch(r"[0-9]{3}[0-9A-Z]{6}X", code) is not None


def tax_number(typed: str) -> str | None:
    """Return the nine digits of a tax number, or None where there are not nine."""
    digits = re.sub(r"[\s-]", "", typed)
    return digits if re.fullmatch(r"[0-9]{9}", digits) else None
