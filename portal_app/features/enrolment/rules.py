"""Pure decisions about activations: codes, names, tries."""

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, Literal

ACTIVATION_LIFE: Final = timedelta(days=30)
ACTIVATION_TRIES: Final = 8
"""How often name and birth date may be said for one activation; of 36,500 days of birth, that finds one in 4,500."""
CLAIM_LIFE: Final = timedelta(minutes=30)
CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
CODES_SENT: Final = 5
TRY_LIFE: Final = timedelta(days=31)
NAME_MAX: Final = 200
CODE_LENGTH: Final = 8
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What no eye takes for something else: no 0 and O, no 1, I and L, no U beside V."""
_WORDS_MAX: Final = 10
_STRANGE_MAX: Final = 2


def short_code(digest: str) -> str:
    """Return the code that a digest (hexadecimal) makes: 30 to the power of 8, which is 39 bits."""
    number, letters = int(digest, 16), []
    for _ in range(CODE_LENGTH):
        number, at = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[at])
    return "".join(letters)


def written_code(code: str) -> str:
    """Return a code as it stands on a card, in two halves."""
    return f"{code[:4]}-{code[4:]}"


def typed_code(typed: str) -> str:
    """Return what was typed as a code is kept: large letters, ASCII digits, nothing between; "" if it cannot be one."""
    folded = unicodedata.normalize("NFKC", typed[:64]).upper()
    kept = [str(unicodedata.decimal(one)) if one.isdecimal() else one for one in folded if one.isalnum()]
    code = "".join(kept)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def is_name_of(typed: str, given: str, family: str) -> bool:
    """Tell whether what somebody wrote is the name of a chart, as people write names.

    In any order, with or without accents, second names and second family names: one word of each is enough, and at
    most two may be unknown to the chart.
    """
    words, givens, families = _words(typed[:NAME_MAX]), set(_words(given)), set(_words(family))
    if not words or len(words) > _WORDS_MAX or not givens | families:
        return False
    has_both = all(not part or not part.isdisjoint(words) for part in (givens, families))
    return has_both and len(set(words) - givens - families) <= _STRANGE_MAX


def _words(name: str) -> list[str]:
    """Return the words of a name without case, accents, vowel marks, marks of direction and punctuation."""
    parts = unicodedata.normalize("NFKD", name).casefold()
    letters = (one for one in parts if unicodedata.category(one) not in ("Mn", "Cf") and one != "ـ")
    same = {"ى": "ي", "ة": "ه", "ı": "i", "ł": "l", "ø": "o", "đ": "d"}
    return "".join(same.get(one, one) if one.isalnum() else _gap(one) for one in letters).split()


def _gap(mark: str) -> str:
    return "" if mark in "'’‘ʼ`" else " "


def masked_email(address: str) -> str:
    """Return an address so that its owner knows it and nobody else learns it: m…a@example.org."""
    name, _, host = address.partition("@")
    return f"{name[0]}…{name[-1] if len(name) > 2 else ''}@{host}"


def stage_out(
    expires_at: datetime, opened_at: datetime | None, tries: int, now: datetime
) -> Literal["invited", "opened", "run_out", "worn_out"]:
    """Return how far an activation is that nobody has used."""
    if expires_at <= now:
        return "run_out"
    if tries > ACTIVATION_TRIES:
        return "worn_out"
    return "opened" if opened_at else "invited"


STEPS: Final = ("language", "channel", "passkey", "portal", "promises")
"""The first steps of somebody new, in their order."""


def steps_left(done: Collection[str]) -> tuple[str, ...]:
    """Return the first steps that are still to be done, in their order."""
    return tuple(step for step in STEPS if step not in done)
