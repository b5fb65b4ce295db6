"""Segments of X12: written without anything that could end one early, read within bounds."""

import io
import unicodedata
from collections.abc import Iterable
from typing import Final

from pyx12.errors import EngineError, X12Error
from pyx12.segment import Segment
from pyx12.x12file import X12Reader, X12Writer

from portal_app.features.coverage.errors import AnswerUnreadable

VERSION: Final = "005010X279A1"
"""Eligibility of the 5010 release of X12, as HIPAA adopts it (45 CFR 162.1202)."""
LONGEST: Final = 200_000
MOST_SEGMENTS: Final = 2_000
_ISA_CHARS: Final = 106
_KEPT: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 &'(),-./")
_MARKS: Final = frozenset("*~^:|>!<@\\\n\r\x1c\x1d\x1e\x1f")


def plain(said: str, most: int) -> str:
    """Return text in the letters that every receiver takes, without marks that part segments; "" if nothing is left."""
    folded = unicodedata.normalize("NFKD", said).upper()
    kept = "".join(one if one in _KEPT else " " for one in folded if unicodedata.category(one) != "Mn")
    return " ".join(kept.split())[:most].strip()


def write(rows: Iterable[tuple[str, ...]]) -> str:
    """Return an interchange of these segments; the counts and ends of its envelopes are added."""
    text = io.StringIO()
    with X12Writer(text, subele_term=":", eol="") as writer:
        for row in rows:
            writer.Write(Segment("*".join(row).rstrip("*"), "~", "*", ":"))
    return text.getvalue()


def read(content: str) -> list[Segment]:
    """Return the segments of one interchange.

    Raises:
        AnswerUnreadable: if it is too long, or its envelope, its counts or its marks are not those of X12.
    """
    if not _ISA_CHARS <= len(content) <= LONGEST or not content.isascii():
        raise AnswerUnreadable
    ends = {content[_ISA_CHARS - 1], content[3], content[_ISA_CHARS - 2]}
    if len(ends) < 3 or not ends <= _MARKS:
        raise AnswerUnreadable
    found: list[Segment] = []
    try:
        reader = X12Reader(io.StringIO(content))
        for segment in reader:
            found.append(segment)
            if len(found) > MOST_SEGMENTS:
                raise AnswerUnreadable
        reader.cleanup()
    except (X12Error, EngineError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise AnswerUnreadable from error
    tail = content.rpartition(content[_ISA_CHARS - 1])[2]
    if reader.err_list or reader.icvn != "00501" or tail.strip():
        raise AnswerUnreadable
    return found


def value(segment: Segment, place: int, most: int = 100) -> str:
    """Return what stands at a place of a segment, counted from 1, "" where nothing does."""
    return str(segment.get_value(f"{place:02d}") or "").strip()[:most] if place <= len(segment) else ""
