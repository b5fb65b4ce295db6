"""Readings over time: the average first, the range that holds for this person, and everything as a file."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.features.vitals import averaging, judging, looking, parts, policies, rules
from portal_app.features.vitals.averaging import Average
from portal_app.features.vitals.fhir import bundle
from portal_app.features.vitals.measures import MEASURES
from portal_app.features.vitals.one_unit import in_unit, shown_in
from portal_app.features.vitals.ranges import rules_for, rules_of
from portal_app.features.vitals.rules import Meaning, Rule
from portal_app.features.vitals.views import Chart, ReadingView, Surplus

COLUMNS: Final = (
    "taken_at", "zone", "measure", "value", "second_value", "unit", "pulse", "context", "arm", "posture", "symptom",
    "note",
)  # fmt: skip
"""What the file of all readings has of each."""
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "'")
_NOT_OUT_OF_RANGE = frozenset({"elevated"})


@dataclass(frozen=True, slots=True)
class Seen:
    """The readings of a measure, oldest first, all in the unit of the newest: whoever measures thinks in it now.

    What was entered in another unit is as it is shown in this one; the average is made of exact numbers. `low` and
    `high` bound the range of the first number, where there is one for this person. `surplus` were counted and not kept
    one by one.
    """

    found: tuple[ReadingView, ...]
    unit: str
    average: Average
    meaning: Meaning
    low: Decimal | None
    high: Decimal | None
    is_reviewed: bool
    surplus: tuple[Surplus, ...] = ()
    part: str = ""
    """Which readings these are, by `parts.py`; "" for all."""
    halves: tuple[Average, ...] = ()
    """Of a pressure, what the mornings of the last days come to, and the evenings; nothing where one half is shown."""


async def look_back(
    tx: Transaction,
    measure: str,
    *,
    since: datetime,
    part: str = "",
    is_repeated: bool = False,
    most: int = looking.MOST,
) -> tuple[Chart, Sequence[ReadingView], Seen | None]:
    """Return whose readings the actor sees, those of a measure since a moment, the newest first, and what they show.

    `part` are those of a part of the day, or of a context, alone. Nothing is shown where there are none. Raises
    NotFound.
    """
    policy.require(tx.actor, policies.SEE.name)
    chart, found, ruled, counted = await looking.back(tx, measure, since, most)
    if not is_repeated:
        await audit.record(tx, "vitals.see", patient_id=tx.actor.patient_id, entity="Observation", entity_id=None)
    some = [one for one in found if parts.is_of(one, part)] if part else found
    if not some:
        return chart, some, None
    counted = tuple(one for one in counted if parts.is_counted_in(one, part, chart.zone))
    return chart, some, _seen(some, chart, rules_of(ruled, measure, chart), counted, found[0].unit, part)


async def seen_of(tx: Transaction, found: Sequence[ReadingView], chart: Chart, since: datetime) -> Seen:
    """Return what a page shows of readings since a moment, newest first as they were looked up; at least one."""
    counted = await looking.surplus(tx, chart.patient_id, found[0].measure, since)
    return _seen(found, chart, await rules_for(tx, found[0].measure, chart), counted, found[0].unit)


def _seen(
    found: Sequence[ReadingView],
    chart: Chart,
    known: list[Rule],
    counted: tuple[Surplus, ...],
    unit: str,
    part: str = "",
) -> Seen:
    newest = shown_in(found[0], unit)
    same = [shown_in(one, unit) for one in reversed(found)]
    whose = chart.whose(clock.now())
    own = [one for one in rules.set_for(known, newest.measure, whose) if one.unit == unit and not one.part]
    exact = [in_unit(one, unit) for one in found]
    mean = average_of(exact, chart, part)
    value, pair = (mean.value, mean.pair) if mean.value is not None else (newest.value, newest.pair)
    measured = rules.Measured(newest.measure, unit, value, pair, newest.taken_at)
    low, high = _bounds(own)
    halves = () if part or newest.pair is None else _halves(exact)
    return Seen(
        tuple(same), unit, mean, judging.meaning(known, whose, measured), low, high,
        bool(own) and all(one.is_reviewed for one in own), counted, part, halves,
    )  # fmt: skip


def average_of(same: Sequence[ReadingView], chart: Chart, part: str = "") -> Average:
    """Return what the readings of the last days come to, of one measure in one unit; at least one.

    No rule averages a part of them.
    """
    age = chart.age_months(clock.now())
    has_rule = not part and averaging.is_ruled(same[0].measure, age)
    return averaging.average(_of_last_days(same), has_rule=has_rule)


def _halves(same: Sequence[ReadingView]) -> tuple[Average, ...]:
    recent = _of_last_days(same)
    found = tuple(averaging.plain_mean([one for one in recent if parts.is_of(one, part)]) for part in parts.OF_DAY)
    return found if any(one.value is not None for one in found) else ()


def _of_last_days(some: Sequence[ReadingView]) -> list[ReadingView]:
    since = clock.now() - timedelta(days=averaging.DAYS)
    return [one for one in some if one.taken_at >= since]


async def lately(tx: Transaction, measure: str, chart: Chart) -> Average | None:
    """Return what the last days of a measure come to beside a reading that was just kept; None where no rule says how.

    Whoever entered it sees it: this is part of that look.
    """
    if not averaging.is_ruled(measure, chart.age_months(clock.now())):
        return None
    found = await looking.since(tx, chart.patient_id, measure, clock.now() - timedelta(days=averaging.DAYS))
    return average_of(found, chart) if found else None


def _bounds(own: Sequence[Rule]) -> tuple[Decimal | None, Decimal | None]:
    counted = [one for one in own if one.finding not in _NOT_OUT_OF_RANGE]
    lows = [bound for one in counted for bound in (one.below, one.at_most) if bound is not None]
    highs = [bound for one in counted for bound in (one.above, one.at_least) if bound is not None]
    return max(lows, default=None), min(highs, default=None)


async def readings_file(tx: Transaction) -> str:
    """Return all readings of the chart as CSV, as they were entered.

    Times are in UTC; beside each stands the zone of where it was measured.
    """
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for one in await _all(tx):
        said = (one.value, one.pair, one.unit, one.pulse, one.context, one.arm, one.posture)
        moment, symptom = one.taken_at.astimezone(UTC).isoformat(), "yes" if one.has_symptom else ""
        rows.writerow([moment, one.zone, one.measure, *map(_plain, said), symptom, _safe(one.note)])
    return written.getvalue()


async def fhir_file(tx: Transaction) -> str:
    """Return all readings of the chart as a FHIR Bundle; numbers have the decimals with which they were entered."""
    assert tx.actor.patient_id  # noqa: S101 - whoever may see readings acts for a chart
    mark = uuid4().hex  # JSON of the standard library knows no decimals: they are written as they are, by this mark
    written = json.dumps(bundle(await _all(tx), tx.actor.patient_id), default=lambda value: f"{mark}{value:f}")
    return re.sub(f'"{mark}([0-9.]+)"', r"\1", written)


async def _all(tx: Transaction) -> list[ReadingView]:
    policy.require(tx.actor, policies.SEE.name)
    found: list[ReadingView] = []
    for measure in MEASURES:
        found += await looking.since(tx, tx.actor.patient_id, measure, datetime(1900, 1, 1, tzinfo=UTC), 100_000)
    await audit.record(tx, "vitals.take_file", patient_id=tx.actor.patient_id, entity="Observation", entity_id=None)
    return found


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _safe(words: str) -> str:
    """Keep a spreadsheet from reading words as a formula; what takes the file in again leaves the mark out."""
    return f"'{words}" if words.lstrip()[:1] in _BEGINS_FORMULA or words[:1] in ("\t", "\r") else words
