"""Enter readings, see them, take them back; what is dangerous alerts the care team in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg.rows import namedtuple_row

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.core.errors import InputRefused, NotFound
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from portal_app.features.practice import service as practice
from portal_app.features.profile import service as profile
from portal_app.features.vitals import carried, course, entering, looking, policies, rules, statements
from portal_app.features.vitals.beside import Beside, beside
from portal_app.features.vitals.carried import Carried, Taken
from portal_app.features.vitals.drawing import draw, place_of, signs, spark
from portal_app.features.vitals.errors import ReadingDoubted, RuleMovedOn, TooManyReadings
from portal_app.features.vitals.measures import MEASURES, Measure, Unit, converted, shown
from portal_app.features.vitals.plans import (
    CONDITIONS,
    REMINDERS_MOST,
    NewPlan,
    PlanView,
    clock_time,
    end_plan,
    local_today,
    note_conditions,
    plans_of,
    remind_at,
    reminders,
    set_plan,
)
from portal_app.features.vitals.ranges import rules_for
from portal_app.features.vitals.reviewing import (
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
from portal_app.features.vitals.seeing import Seen, fhir_file, readings_file, see
from portal_app.features.vitals.views import Chart, NewReading, ReadingView
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
    "CONDITIONS", "LANE", "MEASURES", "PANEL_PAGE", "REMINDERS_MOST", "Beside", "Carried", "Chart", "Meaning",
    "Measure", "NewPlan", "NewReading", "OwnRange", "PlanView", "ReadingDoubted", "ReadingView", "RuleMovedOn",
    "RuleRow", "Seen", "Taken", "TooManyReadings", "Unit", "Watched", "WatchedChart", "approve_rules", "beside",
    "carried_sheet", "change_rule", "chart_of", "clock_time", "confirmed", "converted", "draw", "end_own_range",
    "end_plan", "fhir_file", "last_readings", "local_today", "log_reading", "note_conditions", "own_ranges",
    "panel", "place_of", "plans_of", "problem_of", "reading", "reading_at", "readings", "readings_file",
    "remind_at", "reminders", "rules_for", "rules_in_force", "see", "set_own_range", "set_plan", "shown", "signs",
    "spark", "take_back", "take_in", "typed_reading", "usual_unit", "watched_chart", "watched_measure",
    "watched_readings",
]  # fmt: skip

typed_reading = entering.typed_reading
US_UNITS: Final = {"weight": "[lb_av]", "temperature": "[degF]", "glucose": "mg/dL"}
METRIC_UNITS: Final = {"weight": "kg", "temperature": "Cel", "glucose": "mmol/L"}
HOURLY_MOST: Final = 30
"""So many readings of one measure are kept in an hour; a broken device sends more."""
LANE: Final = "readings"
"""In which lane of the database's connections readings are kept: a flood of them leaves the rest to the pages."""
TAKEN_BACK: Final = "taken_back"
"""How an alert ends whose readings were all taken back."""
LOOKED_BACK: Final = timedelta(days=8)


def problem_of(measure: str) -> str:
    """Return under which problem the care team is alerted about a measure."""
    return f"vitals.{measure}"


async def chart_of(tx: Transaction) -> Chart:
    """Return whose readings the actor enters and sees. Raises NotFound."""
    return _chart(await _row(tx))


async def log_reading(tx: Transaction, new: NewReading) -> ReadingView:
    """Keep a reading, say what it means, and alert the care team if it is dangerous; a second tap changes nothing.

    Raises:
        InputRefused: if it cannot have been taken then.
        ReadingDoubted: if numbers are unusual and nobody has said that they are right; nothing is kept.
        TooManyReadings: if more came than anybody takes; what is dangerous is kept and told all the same.
        NotFound: if the key has made a reading of another chart.
    """
    policy.require(tx.actor, policies.LOG.name)
    if (kept := await tx.first(statements.BY_KEY, _mine(tx, key=new.request_key))) is not None:
        return ReadingView.of(kept)
    row = await _row(tx)
    new = entering.checked(new, clock.now(), row.birth_date)
    before = await readings(tx, new.measure, since=(new.taken_at or clock.now()) - LOOKED_BACK, is_repeated=True)
    if not new.is_confirmed and (found := entering.doubts(new, before[0].measured if before else None)):
        raise ReadingDoubted(found)
    meaning = await _meaning(tx, new, _chart(row), before)
    if not meaning.severity and await _lately(tx, new.measure) >= HOURLY_MOST:
        raise TooManyReadings
    if not await _add(tx, new, meaning, row):  # the same key came twice at once: the other one's stands
        if (kept := await tx.first(statements.BY_KEY, _mine(tx, key=new.request_key))) is None:
            raise NotFound
        return ReadingView.of(kept)
    if new.instead is not None:
        await take_back(tx, new.instead)
    view = ReadingView.of(await tx.one(statements.BY_KEY, _mine(tx, key=new.request_key)))
    if meaning.severity:
        await _alert(tx, view, row.confidentiality, is_reviewed=meaning.is_reviewed)
    await course.follow(tx, view, _chart(row), row.confidentiality)
    await audit.record(tx, "vitals.log", patient_id=tx.actor.patient_id, entity="Observation", entity_id=view.id)
    return view


async def tell(tx: Transaction, view: ReadingView, *, is_reviewed: bool) -> None:
    """Alert the care team about a reading that is kept, with the severity it has in the view."""
    await _alert(tx, view, (await _row(tx)).confidentiality, is_reviewed=is_reviewed)


def view_of(row: Any) -> ReadingView:
    """Return a row of COLUMNS as a reading."""
    return ReadingView.of(row)


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
    except InputRefused as error:
        return Taken("refused", reason=error.reason)
    except NotFound:  # its key is that of another chart's reading: it would hold up those behind it for good
        return Taken("refused")
    return Taken("kept", kept.severity)


async def take_back(tx: Transaction, reading_id: UUID) -> None:
    """Take a reading back that was a mistake: it is in the history and counts for nothing. Twice changes nothing.

    The care team is told where it was alerted.
    """
    policy.require(tx.actor, policies.LOG.name)
    if await tx.first(statements.TAKE_BACK, _mine(tx, id=reading_id)) is not None:
        await audit.record(
            tx, "vitals.take_back", patient_id=tx.actor.patient_id, entity="Observation", entity_id=reading_id
        )
        await alerts.withdraw(tx, reading_id, TAKEN_BACK)


async def reading(tx: Transaction, reading_id: UUID) -> ReadingView:
    """Return one reading of the chart acted for. Raises NotFound."""
    row = await tx.first(statements.ONE, _mine(tx, id=reading_id))
    if row is None:
        raise NotFound
    return ReadingView.of(row)


async def readings(
    tx: Transaction, measure: str, *, since: datetime, is_repeated: bool = False, most: int = looking.MOST
) -> Sequence[ReadingView]:
    """Return the readings of a measure since a moment, the newest first, without those that were taken back."""
    found = await looking.since(tx, tx.actor.patient_id, measure, since, most)
    if not is_repeated:
        await audit.record(tx, "vitals.see", patient_id=tx.actor.patient_id, entity="Observation", entity_id=None)
    return found


async def reading_at(tx: Transaction, measure: str, *, since: datetime, place: int) -> ReadingView | None:
    """Return one of the readings since a moment, counted from 0, the newest; a step through what was looked at."""
    policy.require(tx.actor, policies.SEE.name)
    row = await tx.first(statements.AT_PLACE, _mine(tx, measure=measure, since=since, place=place))
    return None if row is None else ReadingView.of(row)


async def last_readings(tx: Transaction, *, is_repeated: bool = False) -> Sequence[ReadingView]:
    """Return the newest reading of each measure there is one of, in the order of measures."""
    policy.require(tx.actor, policies.SEE.name)
    order = list(MEASURES)
    rows = [ReadingView.of(row) for row in await tx.all(statements.LAST, _mine(tx, measures=order))]
    if not is_repeated:
        await audit.record(tx, "vitals.see", patient_id=tx.actor.patient_id, entity="Observation", entity_id=None)
    return sorted(rows, key=lambda one: order.index(one.measure))


async def _meaning(tx: Transaction, new: NewReading, chart: Chart, before: Sequence[ReadingView]) -> Meaning:
    if new.has_symptom:
        return Meaning("symptom", "emergency", "critical")
    known = await rules_for(tx, new.measure, chart)
    taken_at = new.taken_at or clock.now()
    whose = rules.Whose(rules.age_months(chart.birth_date, taken_at.date()), chart.conditions)
    measured = rules.Measured(new.measure, new.unit, new.value, new.pair, taken_at)
    return rules.meaning(known, whose, measured, [(one.measured, one.severity) for one in before])


async def _add(tx: Transaction, new: NewReading, meaning: Meaning, row: Any) -> bool:
    values = {
        "id": uuid4(), "patient_id": tx.actor.patient_id, "confidentiality": row.confidentiality,
        "measure": new.measure, "unit": new.unit, "value": new.value, "pair": new.pair, "pulse": new.pulse,
        "context": new.context, "arm": new.arm, "posture": new.posture, "has_symptom": new.has_symptom,
        "note": crypto.encrypt(new.note) if new.note else None, "taken_at": new.taken_at, "zone": row.zone,
        "person_id": tx.actor.person_id, "now": clock.now(), "request_key": new.request_key,
        "is_confirmed": new.is_confirmed, "finding": meaning.finding, "protocol": meaning.protocol,
        "is_again": meaning.is_again, "severity": meaning.severity, "rule_id": meaning.rule_id,
        "rule_version": meaning.rule_version, "range_id": meaning.range_id,
    }  # fmt: skip
    return await tx.execute(statements.ADD, values) == 1


async def _alert(tx: Transaction, view: ReadingView, confidentiality: str, *, is_reviewed: bool) -> None:
    value = f"{view.value}/{view.pair}" if view.pair is not None else f"{view.value}"
    facts = {
        "value": value, "unit": MEASURES[view.measure].unit(view.unit).shown, "finding": view.finding,
        "again": "yes" if view.is_again else "", "unreviewed": "" if is_reviewed else "yes",
    }  # fmt: skip
    assert tx.actor.patient_id  # noqa: S101 - whoever may log acts for a chart
    await alerts.raise_alert(
        tx,
        NewAlert(
            tx.actor.patient_id, "vitals", problem_of(view.measure), _severity(view.severity), view.id,
            confidentiality, facts,
        ),
    )  # fmt: skip


def _severity(said: str) -> alerts.Severity:
    return "critical" if said == "critical" else "urgent" if said == "urgent" else "routine"


async def _lately(tx: Transaction, measure: str) -> int:
    since = clock.now() - timedelta(hours=1)
    return int(await tx.scalar(statements.LATELY, _mine(tx, measure=measure, since=since)))


async def _row(tx: Transaction) -> Any:
    rows = await fetch(tx, statements.CHART, {}, namedtuple_row)
    if not rows:
        raise NotFound
    return rows[0]


def _mine(tx: Transaction, **more: object) -> dict[str, object]:
    return {"patient_id": tx.actor.patient_id, **more}


def _chart(row: Any) -> Chart:
    return Chart(row.patient_id, row.zone, row.birth_date, frozenset(row.conditions))
