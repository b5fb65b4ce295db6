"""Pure decisions about what people say about themselves."""

import unicodedata
from datetime import timedelta
from typing import Final

CALLED_MAX: Final = 60
PRONOUNS_MAX: Final = 40
NAME_MAX: Final = 100
RELATION_MAX: Final = 40
ADDRESS_MAX: Final = 200
UNDO_LIFE: Final = timedelta(days=30)
"""How long staff can put an address back that somebody says they did not change."""

TEXT_SIZES: Final = ("normal", "large", "largest")
CONTRASTS: Final = ("normal", "more")
UNITS: Final = ("metric", "us")
CHANNELS: Final = ("mail", "text", "push")
REACHED_BY: Final = ("mail", "phone", "either")
"""How the practice reaches somebody when there is something to talk about."""
QUIET_HOURS: Final = ("21-8", "22-7", "19-9", "0-0")
"""From which hour of one's own day until which nobody's telephone sounds; the last says never."""

_DOTS: Final = "••••"
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Letters of Persian and of Indian scripts are written with these; all other signs nobody sees are refused."""


def line(typed: str, most: int) -> str | None:
    """Return one line as it is kept, or None if it is too long or holds signs that nobody can see.

    Those can turn the words around them about (Unicode TR 36): what staff read must be what was written.
    """
    said = unicodedata.normalize("NFC", " ".join(typed.split()))
    hidden = any(unicodedata.category(one) in _HIDDEN and one not in _JOINERS for one in said)
    return None if hidden or len(said) > most else said


def masked_email(email: str) -> str:
    """Return an e-mail address by which only its owner knows it again, such as "m••••@example.org"."""
    name, at, host = email.partition("@")
    return f"{name[:1]}{_DOTS}{at}{host}" if at else ""


def masked_name(name: str) -> str:
    """Return a name of which the first letter is left."""
    return f"{name[:1]}{_DOTS}" if name else ""


def masked_number(written: str) -> str:
    """Return a telephone number of which the last two digits are left, as beside a code by text message."""
    digits = [one for one in written if one.isdecimal()]
    return f"{_DOTS} {''.join(digits[-2:])}" if digits else ""


def look(text_size: str, contrast: str) -> str:
    """Return how somebody reads the portal as a browser keeps it, such as "large.more"; "" for what is not known."""
    return f"{text_size}.{contrast}" if text_size in TEXT_SIZES and contrast in CONTRASTS else ""
