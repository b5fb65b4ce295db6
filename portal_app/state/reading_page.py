"""The page of one measure: what its address asks for, what it says and draws; for its state and its first look."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal_app.core import clock, i18n
from portal_app.core.db import Transaction
from portal_app.core.i18n import _
from portal_app.features.access import service as access
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import MEASURES, Beside, Chart, ReadingView, Seen
from portal_app.state import beside_words, booking_words
from portal_app.state import reading_rows as shown
from portal_app.state import vital_words as words
from portal_app.state.reading_rows import PERIODS

READINGS, MEDICINES = "readings", "medicines"
"""What a look leaves in the trail."""


class Looked(NamedTuple):
    """What was found of one measure in a time that ends now, the newest first, and what happened beside it."""

    chart: Chart
    found: Sequence[ReadingView]
    seen: Seen | None
    around: Beside
    span: tuple[datetime, datetime]


class Asked(NamedTuple):
    """What is looked at: a measure, how far back, and which of its readings, "" for all."""

    measure: str
    period: str
    part: str

    @property
    def query(self) -> str:
        """Return it as an address asks for it."""
        return f"what={self.measure}&period={self.period}" + (f"&of={self.part}" if self.part else "")


def asked_for(asked: Mapping[str, str]) -> Asked:
    """Return what an address asks for, or what is shown instead."""
    measure, period, part = asked.get("what", ""), asked.get("period", ""), asked.get("of", "")
    known = measure if measure in MEASURES else next(iter(MEASURES))
    return Asked(known, period if period in PERIODS else "month", part if part in vitals.parts_of(known) else "")


async def look(tx: Transaction, asked: Asked, recorded: frozenset[str]) -> Looked:
    """Look a measure up; what is among `recorded` stands in the trail already. Raises NotFound."""
    now = clock.now()
    span = (now - timedelta(days=PERIODS[asked.period][1]), now)
    chart, found, seen = await vitals.look_back(
        tx, asked.measure, since=span[0], part=asked.part, is_repeated=READINGS in recorded
    )
    around = await vitals.beside(tx, chart, span, is_repeated=MEDICINES in recorded) if found else Beside()
    return Looked(chart, found, seen, around, span)


def recorded_by(looked: Looked) -> frozenset[str]:
    """Return what a look has left in the trail."""
    return frozenset((READINGS, MEDICINES) if looked.around.medicines else (READINGS,))


def leading(looked: Looked, *, is_first: bool = False) -> dict[str, Any]:
    """Return the number that leads, the picture, and the sentence that says it; nothing where there is no reading.

    The picture is that of the first HTML if it `is_first`. Call inside `i18n.use`.
    """
    if looked.seen is None:
        return {"is_empty": True}
    drawing, marks = (shown.first_drawing_of if is_first else shown.drawing_of)(looked.seen, looked.span)
    told = beside_words.said_of(looked.around, looked.chart.zone)
    return {
        "is_empty": False,
        **shown.lead_of(looked.seen),
        "drawing": drawing | beside_words.signs_of(looked.around, looked.span),
        "marks": marks,
        "begins": i18n.format_brief_date(booking_words.local_day(looked.span[0], looked.chart.zone)),
        "sentence": " ".join(filter(None, (shown.sentence_of(looked.seen, looked.found), told))),
    }


async def first_look(tx: Transaction, asked: Mapping[str, str]) -> tuple[dict[str, Any], frozenset[str]] | None:
    """Return what the page shows in its first HTML: of one's own readings, where there are any.

    Whoever acts for somebody else is told so first, and support that it looks, by the page itself.
    """
    wanted = asked_for(asked)
    if tx.actor.is_onlooker() or await access.acting_for(tx) is not None:
        return None
    looked = await look(tx, wanted, frozenset())
    if looked.seen is None:
        return None
    found = leading(looked, is_first=True) | {"title": _(words.NAMES[wanted.measure]), "last": len(looked.found) - 1}
    found |= {"periods": _links(wanted, "period", shown.periods())}
    found |= {"parts": _links(wanted, "part", shown.parts(wanted.measure))}
    return found, recorded_by(looked)


def _links(asked: Asked, what: str, choices: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return choices as links; `here` is said of the one that is shown."""
    return [
        {
            "label": one["label"],
            "href": i18n.localized_path(i18n.current(), f"/vitals/see?{asked._replace(**{what: one['value']}).query}"),
            "here": "yes" if getattr(asked, what) == one["value"] else "",
        }
        for one in choices
    ]
