"""Readings of one measure as rows, numbers and paths, for the patient's page and the care team's alike.

Call inside `i18n.use`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import ReadingView, Seen
from portal_app.state import booking_words
from portal_app.state import vital_words as words

PERIODS: Final[Mapping[str, tuple[str, int]]] = {
    "week": (N_("Week"), 7), "month": (N_("Month"), 31), "year": (N_("Year"), 366),
}  # fmt: skip
"""How far back a page looks, in days."""
PAGE: Final = 30
"""How many readings a table begins with, and how many more each tap shows."""

POINT: Final = vitals.POINT
"""How a page finds the points of a line, to draw their dots."""


def periods() -> list[dict[str, str]]:
    """Return what can be chosen of how far back to look."""
    return [{"value": code, "label": _(said)} for code, (said, _days) in PERIODS.items()]


def parts(measure: str) -> list[dict[str, str]]:
    """Return what can be looked at of a measure by itself, all of it first; nothing where there is no choice."""
    found = vitals.parts_of(measure)
    return [{"value": part, "label": _(words.PARTS[part][0])} for part in ("", *found)] if found else []


def lead_of(seen: Seen) -> dict[str, str]:
    """Say the number that leads, what it is, and what it means: the average where there is one, else the newest.

    `basis` is what the average is made of, or what it takes to have one; `halves` what mornings and evenings come to.
    """
    mean = seen.average
    newest = seen.found[-1]
    lead, number = booking_words.moment_words(newest.taken_at, newest.zone), words.value_words(newest)
    if mean.value is not None:
        lead, number = words.average_title(mean), words.average_number(mean, newest.measure, seen.unit)
    said, tone = words.finding_words(seen.meaning.finding)
    if seen.part:
        lead = f"{lead} · {_(words.PARTS[seen.part][0])}"
    return {
        "lead": lead, "number": number, "unit": words.unit_words(newest.measure, seen.unit), "tone": tone,
        "finding": said if seen.meaning.finding else "", "basis": words.average_basis(mean, seen.part),
        "halves": words.halves_words(seen.halves, newest.measure, seen.unit),
    }  # fmt: skip


def drawing_of(seen: Seen, span: tuple[datetime, datetime]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the picture as paths, and the marks of its scale; the dots along its lines are the page's to draw."""
    first, second, band = _points(seen)
    return _said(vitals.draw(first, second, span, band))


def first_drawing_of(seen: Seen, span: tuple[datetime, datetime]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the same for the first HTML: with its dots, and with shorter paths where they run into each other.

    It looks the same where they do; where they stand apart, the line between them comes with the page.
    """
    first, second, band = _points(seen)
    bars = vitals.bars(first, second, span, band)
    drawing, marks = _said(
        vitals.draw(first, second, span, band) if bars is None else vitals.frame(first, second, band)
    )
    dots = bars or (vitals.dots_of(drawing["line"]), vitals.dots_of(drawing["line2"]))
    return drawing | {"dots": dots[0], "dots2": dots[1]}, marks


def _points(seen: Seen) -> tuple[vitals.Points, vitals.Points, tuple[Decimal | None, Decimal | None]]:
    first = [(one.taken_at, one.value) for one in seen.found]
    second = [(one.taken_at, one.pair) for one in seen.found if one.pair is not None]
    return first, second, (seen.low, seen.high)


def _said(drawn: vitals.Drawing) -> tuple[dict[str, str], list[dict[str, str]]]:
    paths = {
        "line": drawn.line, "line2": drawn.second_line, "top": str(drawn.band_top), "height": str(drawn.band_height),
    }  # fmt: skip
    return paths, [{"text": words.number_words(value), "y": str(y + 4), "at": str(y)} for value, y in drawn.marks]


def row_of(one: ReadingView, unit: str = "") -> dict[str, str]:
    """Return a reading as a line of the table: as it was entered, and beside it in another `unit` that is used now."""
    said, tone = words.finding_words(one.finding)
    when = booking_words.moment_words(one.taken_at, one.zone)
    return {
        "id": str(one.id),
        "href": i18n.localized_path(i18n.current(), f"/vitals/reading?id={one.id}"),
        "when": when,
        "number": words.reading_words(one),
        "status": said if one.finding else "",
        "row_tone": tone,
        "detail": words.detail_words(one),
        "note": one.note,
        "beside": words.converted_words(one, unit or one.unit),
        "name": booking_words.together(words.reading_words(one), when),
    }


def sentence_of(seen: Seen, found: Sequence[ReadingView]) -> str:
    """Say the picture in words: how many, the highest, the lowest, and what is not in it."""
    count = len(found)
    said = [_(words.PARTS[seen.part][1])] if seen.part else []
    said.append(
        ngettext("{count} reading in this time.", "{count} readings in this time.", count).format(
            count=i18n.format_number(count)
        )
    )
    most, least = max(seen.found, key=lambda one: one.value), min(seen.found, key=lambda one: one.value)
    if count > 1:
        said.append(
            _("Highest {most}, lowest {least}.").format(
                most=i18n.apart(words.reading_words(most)), least=i18n.apart(words.reading_words(least))
            )
        )
    counted = sum(one.times for one in seen.surplus)
    if counted:
        more = ngettext(
            "{count} more came at once and was only counted.",
            "{count} more came at once and were only counted.",
            counted,
        )
        said.append(more.format(count=i18n.format_number(counted)))
    if any(one.unit != seen.unit for one in found):
        said.append(
            _("What was entered in another unit is shown in {unit} here, and as it was entered in the table.").format(
                unit=words.unit_words(found[0].measure, seen.unit)
            )
        )
    return " ".join(said)
