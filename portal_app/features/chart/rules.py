"""Pure decisions about lists, and about what patients say of them."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

NAME_MAX: Final = 120
WORDS_MAX: Final = 500
REASON_MAX: Final = 300
KINDS: Final = ("medication", "allergy")
PARTS: Final[Mapping[str, Mapping[str, int]]] = {
    "medication": {"name": NAME_MAX, "how": WORDS_MAX, "why": NAME_MAX, "prescriber": NAME_MAX},
    "allergy": {"name": NAME_MAX, "reaction": WORDS_MAX, "severity": 8},
}
"""What an entry of each kind says, and how long each may be."""
SEVERITIES: Final = ("mild", "moderate", "severe", "unknown")
ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    "medication": ("same", "differs", "stopped", "unknown"),
    "allergy": ("same", "differs", "stopped", "unknown"),
    "no_allergies": ("same", "unknown"),
}
"""What may be said of an entry; whoever has an allergy after all adds it."""
NOTED: Final = frozenset({"same", "unknown"})
"""Answers that ask the care team for no decision."""
MOST: Final = 60
"""So many entries a list has at most, and so many things somebody adds in one review."""

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")


class Refused(ValueError):
    """Something typed cannot be kept: at which field, and why ("missing", "too_long", "signs", "choose", "day")."""

    def __init__(self, field: str, why: str) -> None:
        """Remember where and why."""
        super().__init__(field, why)
        self.field, self.why = field, why


def line(typed: str, most: int, field: str) -> str:
    """Return words as they are kept, on one line. Raises Refused.

    Signs that nobody sees are refused: what staff read must be what was written (Unicode TR 36).
    """
    said = unicodedata.normalize("NFC", " ".join(typed.split()))
    if len(said) > most:
        raise Refused(field, "too_long")
    if any(unicodedata.category(one) in _HIDDEN and one not in _JOINERS for one in said):
        raise Refused(field, "signs")
    return said


def content_of(kind: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what an entry says, of the parts that its kind has; nothing else of what came is looked at.

    Raises:
        Refused: if there is no name, or a part cannot be kept.
    """
    kept = {part: line(typed.get(part, ""), most, part) for part, most in PARTS[kind].items()}
    if not kept["name"]:
        raise Refused("name", "missing")
    if kind == "allergy" and kept["severity"] not in SEVERITIES:
        raise Refused("severity", "choose")
    return {part: words for part, words in kept.items() if words}


def answer_words(kind: str, verb: str, typed: str) -> str:
    """Return what was said with an answer. Raises Refused for an answer there is not, or one that needs words."""
    if verb not in ANSWERS.get(kind, ()):
        raise Refused("answer", "choose")
    words = line(typed, WORDS_MAX, "words") if verb in ("differs", "stopped") else ""
    if verb == "differs" and not words:
        raise Refused("words", "missing")
    return words


def reason_words(typed: str) -> str:
    """Return why something is left as it is. Raises Refused."""
    said = line(typed, REASON_MAX, "reason")
    if not said:
        raise Refused("reason", "missing")
    return said


def known_day(said: date | None, today: date) -> date | None:
    """Return since when something is taken. Raises Refused for a day to come."""
    if said is not None and (said > today or said.year < today.year - 120):
        raise Refused("since", "day")
    return said
