"""Enter readings, see them, take them back; what is dangerous alerts the care team in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.features.practice import service as practice
from portal_app.features.profile import service as profile
from portal_app.features.vitals import carried, entering, looking, policies, statements
from portal_app.features.vitals.bands import OLDEST, Band, bands, lines_of, put_band, remove_band
from portal_app.features.vitals.beside import Beside, beside
from portal_app.features.vitals.carried import Carried, Taken
from portal_app.features.vitals.correcting import (
    Story,
    Version,
    as_typed,
    corrected,
    ended_readings,
    story,
    watched_ended,
)
from portal_app.features.vitals.drawing import (
    POINT,
    Drawing,
    Points,
    bars,
    dots_of,
    draw,
    frame,
    place_of,
    signs,
    spark,
)
from portal_app.features.vitals.errors import (
    ReadingCounted,
    ReadingDoubted,
    ReadingMovedOn,
    RuleMovedOn,
    TooManyReadings,
)
from portal_app.features.vitals.keeping import HOURLY_MOST, log_reading, problem_of, take_back, told_under
from portal_app.features.vitals.measures import MEASURES, Measure, Unit, converted, learn_units, shown
from portal_app.features.vitals.parts import parts_of
from portal_app.features.vitals.plans import (
    CONDITIONS,
    REMINDERS_MOST,
    NewPlan,
    PlanView,
    clock_time,
    end_plan,
    has_plan,
    local_today,
    note_conditions,
    plans_of,
    remind_at,
    reminders,
    set_plan,
)
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.reviewing import (
    PROTOCOL_CODES,
    OwnRange,
    RuleRow,
    approve_rules,
    change_rule,
    end_own_range,
    own_ranges,
    rules_in_force,
    set_own_range,
)
from portal_app.features.vitals.rules import Meaning
from portal_app.features.vitals.seeing import Seen, fhir_file, lately, look_back, readings_file
from portal_app.features.vitals.views import Chart, NewReading, ReadingView, Surplus
from portal_app.features.vitals.watching import (
    PANEL_PAGE,
    Watched,
    WatchedChart,
    panel,
    watched_chart,
    watched_measure,
    watched_readings,
)

__all__ = [
    "CONDITIONS", "FILE_LANE", "HOURLY_MOST", "LANE", "MEASURES", "OLDEST", "PANEL_PAGE", "POINT", "PROTOCOL_CODES",
    "REMINDERS_MOST", "Band", "Beside", "Carried", "Chart", "Drawing", "Meaning", "Measure", "NewPlan",
    "NewReading", "OwnRange", "PlanView", "Points", "ReadingCounted", "ReadingDoubted", "ReadingMovedOn",
    "ReadingView", "RuleMovedOn", "RuleRow", "Seen", "Story", "Surplus", "Taken", "TooManyReadings", "Unit",
    "Version", "Watched", "WatchedChart", "approve_rules", "as_typed", "bands", "bars", "beside", "carried_sheet",
    "change_rule", "chart_of", "clock_time", "confirmed", "converted", "corrected", "dots_of", "draw",
    "end_own_range", "end_plan", "ended_readings", "fhir_file", "frame", "has_plan", "last_readings", "lately",
    "learn_units", "lines_of", "local_today", "log_reading", "look_back", "note_conditions", "own_ranges", "panel",
    "parts_of", "place_of", "plans_of", "problem_of", "put_band", "reading", "reading_at", "readings",
    "readings_file", "remind_at", "reminders", "remove_band", "rules_for", "rules_in_force", "set_own_range",
    "set_plan", "shown", "signs", "spark", "story", "take_back", "take_in", "told_under", "typed_reading",
    "usual_unit", "watched_chart", "watched_ended", "watched_measure", "watched_readings",
]  # fmt: skip

typed_reading = entering.typed_reading
US_UNITS: Final = {"weight": "[lb_av]", "temperature": "[degF]", "glucose": "mg/dL"}
METRIC_UNITS: Final = {"weight": "kg", "temperature": "Cel", "glucose": "mmol/L"}
LANE: Final = "readings"
"""In which lane of the database's connections readings are kept: a flood of them leaves the rest to the pages."""
FILE_LANE: Final = "files of readings"
"""In which lane whole files of them are kept: a single reading waits for none."""


async def chart_of(tx: Transaction) -> Chart:
    """Return whose readings the actor enters and sees. Raises NotFound."""
    row = await looking.chart_row(tx)
    return Chart(row.patient_id, row.zone, row.birth_date, frozenset(row.conditions))


def confirmed(new: NewReading) -> NewReading:
    """Return the reading as one whose unusual numbers are right."""
    return replace(new, is_confirmed=True)


async def usual_unit(tx: Transaction, measure: str) -> str:
    """Return the unit in which somebody thinks: that of their last reading, else as they chose, or as their place has.

    `units` of the profile is "metric" or "us"; whoever has not chosen thinks as in the country of the practice.
    """
    known = MEASURES[measure]
    last: str | None = await tx.scalar(statements.LAST_UNIT, _mine(tx, measure=measure))
    if last is not None or len(known.units) == 1:
        return last or known.units[0].code
    chosen = (await profile.reading(tx)).units or ("us" if (await practice.practice(tx)).country == "US" else "metric")
    return (US_UNITS if chosen == "us" else METRIC_UNITS)[measure]


async def carried_sheet(tx: Transaction) -> dict[str, Any]:
    """Return what a device needs to take readings of this chart by itself. Raises NotFound."""
    chart = await chart_of(tx)
    return await carried.sheet(tx, chart, {code: await usual_unit(tx, code) for code in MEASURES})


async def take_in(tx: Transaction, one: Carried) -> Taken:
    """Keep a reading that a device could not send when it was entered, once; judged anew, it alerts as any other.

    A device whose clock is ahead of ours does not lose a reading: then it was taken now. Raises NotFound.
    """
    chart = await chart_of(tx)
    said = one.said if one.said.get("at") else one.said | {"at": min(one.at, clock.now()).isoformat()}
    try:
        new = entering.typed_reading(MEASURES[one.measure], said, one.key, chart.zone)
        kept = await log_reading(tx, confirmed(new) if one.is_confirmed else new)
    except ReadingDoubted as error:
        return Taken("doubted", reason=error.message)
    except TooManyReadings as error:
        return Taken("later", reason=error.message)
    except ReadingCounted as error:
        return Taken("counted", reason=error.message)
    except InputRefused as error:
        return Taken("refused", reason=error.reason)
    except NotFound:  # its key is that of another chart's reading: it would hold up those behind it for good
        return Taken("refused")
    return Taken("kept", kept.severity)


async def reading(tx: Transaction, reading_id: UUID, *, is_repeated: bool = False) -> ReadingView:
    """Return one reading of the chart acted for. Raises NotFound."""
    row = await tx.first(statements.ONE, _mine(tx, id=reading_id))
    if row is None:
        raise NotFound
    if not is_repeated:
        await audit.record(tx, "vitals.see", patient_id=tx.actor.patient_id, entity="Observation", entity_id=reading_id)
    return ReadingView.of(row)


async def readings(
    tx: Transaction, measure: str, *, since: datetime, is_repeated: bool = False, most: int = looking.MOST
) -> Sequence[ReadingView]:
    """Return the readings of a measure since a moment, the newest first, without those that were taken back."""
    found = await looking.since(tx, tx.actor.patient_id, measure, since, most)
    if not is_repeated:
        await audit.record(tx, "vitals.see", patient_id=tx.actor.patient_id, entity="Observation", entity_id=None)
    return found


async def reading_at(
    tx: Transaction, measure: str, *, since: datetime, place: int, part: str = ""
) -> ReadingView | None:
    """Return one of the readings since a moment, counted from 0, the newest; a step through what was looked at."""
    policy.require(tx.actor, policies.SEE.name)
    row = await tx.first(statements.AT_PLACE, _mine(tx, measure=measure, since=since, place=place, part=part))
    return None if row is None else ReadingView.of(row)


async def last_readings(tx: Transaction, *, is_repeated: bool = False) -> Sequence[ReadingView]:
    """Return the newest reading of each measure there is one of, in the order of measures."""
    policy.require(tx.actor, policies.SEE.name)
    found = await looking.last(tx, tx.actor.patient_id)
    if not is_repeated:
        await audit.record(tx, "vitals.see", patient_id=tx.actor.patient_id, entity="Observation", entity_id=None)
    return found


def _mine(tx: Transaction, **more: object) -> dict[str, object]:
    return {"patient_id": tx.actor.patient_id, **more}
