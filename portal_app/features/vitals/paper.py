"""The readings of one measure on paper, for the patient to take along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _, ngettext
from portal_app.core.printing import Line, Part, Sheet, print_sheet
from portal_app.features.practice import service as practice
from portal_app.features.vitals import policies, saying, service, statements
from portal_app.features.vitals.measures import MEASURES, Unit
from portal_app.features.vitals.seeing import Seen
from portal_app.features.vitals.views import ReadingView

LISTED_MOST: Final = 2000
"""So many readings, the newest, stand on paper one by one."""


@dataclass(frozen=True, slots=True)
class ReadingsFile:
    """Readings as a file; its name says nothing about health."""

    filename: str
    content: bytes


async def readings_paper(tx: Transaction, measure: str, days: int, part: str = "") -> ReadingsFile:
    """Return the readings of so many days as PDF in the current language: what leads first, then each of them.

    `part` are those of a part of the day, or of a context, alone.

    Raises:
        NotFound: if there is no such measure, or nothing was measured in that time.
    """
    policy.require(tx.actor, policies.SEE.name)
    if measure not in MEASURES:
        raise NotFound
    since = clock.now() - timedelta(days=days)
    part = part if part in service.parts_of(measure) else ""
    chart, found, seen = await service.look_back(
        tx, measure, since=since, part=part, is_repeated=True, most=LISTED_MOST
    )
    if seen is None:
        raise NotFound
    us = await practice.practice(tx)
    name = str(await tx.scalar(statements.CHART_NAME, {"patient_id": chart.patient_id}) or "")
    facts = tuple(filter(None, (name, _period(since, clock.now(), chart.zone))))
    sheet = Sheet(_(saying.NAMES[measure]), us.name, facts, (_lead(seen, found), _each(found, seen, chart.zone)))
    await audit.record(tx, "vitals.print", patient_id=chart.patient_id, entity="Observation", entity_id=None)
    return ReadingsFile("list.pdf", await print_sheet(sheet))


def _period(first: datetime, last: datetime, zone: str) -> str:
    days = [i18n.format_long_date(one.astimezone(ZoneInfo(zone)).date()) for one in (first, last)]
    return _("From {first} to {last}").format(first=days[0], last=days[1])


def _lead(seen: Seen, found: Sequence[ReadingView]) -> Part:
    """Say what leads: the average and what it means, the highest and the lowest."""
    measure, unit = found[0].measure, MEASURES[found[0].measure].unit(seen.unit)
    lines = [Line(_count(len(found)))]
    if seen.part:
        lines.insert(0, Line(_(saying.PARTS[seen.part][1])))
    basis = saying.average_basis(seen.average, seen.part)
    if number := saying.average_number(seen.average, measure, seen.unit):
        said = saying.finding_words(seen.meaning.finding)[0] if seen.meaning.finding else ""
        title = saying.average_title(seen.average)
        lines.append(Line(title, tuple(filter(None, (said, basis))), amount=_with(number, unit)))
    else:
        lines.append(Line(basis))
    if halves := saying.halves_words(seen.halves, measure, seen.unit):
        lines.append(Line(halves))
    for title, one in (
        (_("Highest"), max(seen.found, key=lambda one: one.value)),
        (_("Lowest"), min(seen.found, key=lambda one: one.value)),
    ):
        lines.append(Line(title, (_when(one),), amount=saying.reading_words(one)))
    return Part("lead", _("In short"), tuple(lines))


def _each(found: Sequence[ReadingView], seen: Seen, zone: str) -> Part:
    lines = tuple(
        Line(saying.surplus_words(one, zone), (i18n.format_moment(one.first_at, zone), saying.surplus_range(one)))
        for one in seen.surplus
    ) + tuple(
        Line(_when(one), tuple(filter(None, (_meaning(one), saying.detail_words(one), one.note))),
             amount=" ".join(filter(None, (saying.reading_words(one), saying.converted_words(one, seen.unit)))))
        for one in found
    )  # fmt: skip
    return Part("readings", _("Every reading"), lines)


def _meaning(one: ReadingView) -> str:
    return saying.finding_words(one.finding)[0] if one.finding else ""


def _when(one: ReadingView) -> str:
    return i18n.format_moment(one.taken_at, one.zone)


def _count(count: int) -> str:
    said = ngettext("{count} reading in this time.", "{count} readings in this time.", count)
    return said.format(count=i18n.format_number(count))


def _with(number: str, unit: Unit) -> str:
    return " ".join(filter(None, (number, unit.shown)))
