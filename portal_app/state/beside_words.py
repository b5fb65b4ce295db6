"""Visits and medicines beside readings: as signs in the picture, in its sentence, and as lines of the table.

Call inside `i18n.use`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.booking.service import PastVisit
from portal_app.features.chart.service import MedicineStep
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.saying import surplus_range, surplus_words
from portal_app.features.vitals.service import Beside, ReadingView, Surplus
from portal_app.state import booking_words
from portal_app.state.reading_rows import row_of

SAID_MOST: Final = 8
"""So many, the newest, are said in the sentence; all of them are in the table."""
_NO_READING: Final[Mapping[str, str]] = {
    "id": "", "href": "", "number": "", "status": "", "row_tone": "", "note": "", "name": "", "detail": "",
}  # fmt: skip
_STEPS: Final[Mapping[str, str]] = {
    "started": N_("{name} started"), "listed": N_("{name} put on the list of medicines"),
    "changed": N_("{name} changed"), "stopped": N_("{name} stopped"),
}  # fmt: skip


def signs_of(around: Beside, span: tuple[datetime, datetime]) -> dict[str, str]:
    """Return the paths that mark visits and steps of medicines below the picture, "" for none."""
    return {
        "visits": vitals.signs([one.starts_at for one in around.visits], span, "square"),
        "medicines": vitals.signs([one.at for one in around.medicines], span, "peak"),
    }


def said_of(around: Beside, zone: str) -> str:
    """Say what stands beside the readings, in the order of time: "May 4: Lisinopril 10 mg started."."""
    lines = sorted(_lines(around), key=lambda one: one[0])
    said = [
        _("{day}: {what}.").format(
            day=i18n.apart(i18n.format_brief_date(booking_words.local_day(at, zone))), what=i18n.apart(_what(one))
        )
        for at, one in lines[-SAID_MOST:]
    ]
    more = len(lines) - len(said)
    if more:
        left = ngettext("{count} thing before is in the table.", "{count} things before are in the table.", more)
        said.insert(0, left.format(count=i18n.format_number(more)))
    return " ".join(said)


def table_of(
    found: Sequence[ReadingView], around: Beside, zone: str, most: int, counted: Sequence[Surplus] = ()
) -> list[dict[str, str]]:
    """Return so many readings as lines, the newest first, and between them what happened in their time.

    Each is as it was entered, and beside it in the unit of the newest where that is another one.

    What was counted and not kept one by one is a line where it began.
    """
    shown = found[:most]
    since = shown[-1].taken_at if len(found) > most else None
    unit = found[0].unit if found else ""
    lines = [(one.taken_at, row_of(one, unit)) for one in shown]
    lines += [(at, _row(at, one, zone)) for at, one in _lines(around) if since is None or at >= since]
    lines += [(one.first_at, _surplus(one, zone)) for one in counted if since is None or one.last_at >= since]
    return [row for _at, row in sorted(lines, key=lambda one: one[0], reverse=True)]


def _lines(around: Beside) -> list[tuple[datetime, PastVisit | MedicineStep]]:
    return [*((one.starts_at, one) for one in around.visits), *((one.at, one) for one in around.medicines)]


def _row(at: datetime, one: PastVisit | MedicineStep, zone: str) -> dict[str, str]:
    if isinstance(one, MedicineStep):
        said = {"when": booking_words.day_words(at, zone), "detail": one.how}
    else:
        said = {"when": booking_words.moment_words(at, one.zone), "detail": ""}
    return {**_NO_READING, "beside": _what(one), **said}


def _surplus(one: Surplus, zone: str) -> dict[str, str]:
    when = booking_words.moment_words(one.first_at, zone)
    return {**_NO_READING, "when": when, "beside": surplus_words(one, zone), "detail": surplus_range(one)}


def _what(one: PastVisit | MedicineStep) -> str:
    if isinstance(one, MedicineStep):
        return _(_STEPS[one.what]).format(name=one.name)
    said = _("Video visit with {name}") if one.modality == "video" else _("Visit with {name}")
    return said.format(name=one.practitioner_name)
