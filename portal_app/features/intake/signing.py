"""A signature: who, when, under which words of which version, drawn or typed, and bound to the one response."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from portal_app.features.intake.errors import SignatureMissing
from portal_app.features.intake.items import Questionnaire, said

NAME_LEAST: Final = 2
NAME_MOST: Final = 200
DRAWN_MOST: Final = 20_000
"""How many characters of path data a drawing may have; the pad draws no more."""
DRAWN_WIDTH: Final = 600
DRAWN_HEIGHT: Final = 200
_DRAWN: Final = re.compile(r"(?:M\d{1,3} \d{1,3}(?:L\d{1,3} \d{1,3})+)+", re.ASCII)


def name_of(typed: str) -> str:
    """Return a name as it is kept.

    Raises:
        SignatureMissing: if it is none.
    """
    name = " ".join(typed.split())
    if not NAME_LEAST <= len(name) <= NAME_MOST or not name.isprintable():
        raise SignatureMissing
    return name


def drawing_of(given: str) -> str:
    """Return the strokes of a drawn signature (SVG path data: only M and L, whole numbers), empty if none was drawn.

    Raises:
        SignatureMissing: if it is something else, or outside of the pad.
    """
    if not given:
        return ""
    if len(given) > DRAWN_MOST or not _DRAWN.fullmatch(given):
        raise SignatureMissing
    points = [tuple(map(int, point.split(" "))) for point in re.split("[ML]", given) if point]
    if any(across > DRAWN_WIDTH or down > DRAWN_HEIGHT for across, down in points):
        raise SignatureMissing
    return given


def signature(
    questionnaire: Questionnaire, response: str, *, locale: str, name: str, drawn: str, person_id: Any, at: datetime
) -> dict[str, str]:
    """Return who signed which words; `response` is the resource it belongs to, and it stands under no other.

    Raises:
        SignatureMissing: if there is no name, or the drawing is none.
    """
    made = {
        "name": name_of(name), "drawn": drawing_of(drawn), "person_id": str(person_id), "at": at.isoformat(),
        "words": words_before(questionnaire, locale), "version": questionnaire.version, "url": questionnaire.url,
    }  # fmt: skip
    return made | {"digest": _digest(made, response)}


def is_bound(kept: Mapping[str, str], response: str) -> bool:
    """Tell whether a signature was given under this very response: its id, version, chart and answers."""
    made = {name: value for name, value in kept.items() if name != "digest"}
    return hmac.compare_digest(kept.get("digest", ""), _digest(made, response))


def _digest(made: Mapping[str, str], response: str) -> str:
    written = json.dumps([dict(sorted(made.items())), response], ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def words_before(questionnaire: Questionnaire, locale: str) -> str:
    """Return every word of a form as it stands before whoever signs it."""
    base = questionnaire.language
    lines = [said(questionnaire.title, locale, base)]
    lines += [said(item.words, locale, base) for item in questionnaire.every() if item.words]
    return "\n".join(lines)
