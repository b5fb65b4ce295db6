"""Monitored patients of the demo: plans that go well, one that is overdue, and alerts, open and closed.

The first of them is whom people meet first: two weeks of pressure by a plan, an alert that a nurse has closed, and one
that waits.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core import clock
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts import statements
from portal_app.features.alerts.service import NewAlert
from portal_app.operations.demo_practice import SEED, demo_id

Row = dict[str, Any]
DAYS: Final = 14
NURSE: Final = (UUID("d0000000-0000-4000-8000-000000000012"), "Ruth Baker")
_AS: Final = "select set_config('portal.roles', :roles, true), set_config('portal.patient_id', :patient, true)"
_PLAN: Final = """
insert into care_plan (id, patient_id, measure, times_a_day, begins_on, until_on, set_by, set_by_name, set_at,
  request_key)
values (:id, :patient_id, :measure, :times, :begins_on, :until_on, :person_id, 'Noor Haddad', :set_at, :key)
on conflict do nothing
"""
_READING: Final = """
insert into reading (id, patient_id, measure, unit, value, pair, taken_at, zone, entered_by, entered_at, request_key,
  finding, protocol, severity)
select :id, p.id, :measure, :unit, :value, :pair, :at, p.zone, :person_id, :at, :key, :finding, '', :severity
from patient p where p.id = :patient_id
on conflict do nothing
"""
_OPEN: Final = "select id from alert where patient_id = :id and closed_at is null"
_MONITORED: Final = (
    ("blood_pressure", "mm[Hg]", 2, 0, (118, 76)), ("blood_pressure", "mm[Hg]", 2, 4, (128, 79)),
    ("glucose", "mg/dL", 2, 0, (110, None)), ("weight", "[lb_av]", 1, 0, (176, None)),
    ("oxygen", "%", 1, 0, (96, None)),
)  # fmt: skip
"""Measure, unit, times a day, days since the last reading, about which numbers."""


async def make_monitored(tx: Transaction, charts: Sequence[UUID], now: datetime) -> None:
    """Write plans and readings for the first charts of the clinic, once; the first and the last have alerts."""
    chance = random.Random(f"{SEED} readings")  # noqa: S311 - invented people
    await tx.execute(_AS, {"roles": "{nurse,system}", "patient": ""})
    for number, (chart, kind) in enumerate(zip(charts, _MONITORED, strict=False)):
        measure, _unit, times, _last, _about = kind
        plan = {
            "id": demo_id("plan", number), "patient_id": chart, "measure": measure, "times": times,
            "begins_on": (now - timedelta(days=DAYS)).date(), "until_on": (now + timedelta(days=20)).date(),
            "person_id": SYSTEM_PERSON_ID, "set_at": now - timedelta(days=DAYS), "key": demo_id("plan key", number),
        }  # fmt: skip
        await tx.execute(_PLAN, plan)
    for number, (chart, kind) in enumerate(zip(charts, _MONITORED, strict=False)):
        await tx.execute(_AS, {"roles": "{system}", "patient": str(chart)})  # readings are their own
        for row in _readings(number, chart, kind, now, chance):
            await tx.execute(_READING, row)
    await _alert(tx, charts[len(_MONITORED) - 1], _LOW, now)
    await _alert(tx, charts[0], _SEVERE, now - timedelta(days=3))
    await _close(tx, charts[0], now - timedelta(days=3) + timedelta(minutes=25))
    await _alert(tx, charts[0], _SEVERE_AGAIN, now)
    await tx.execute(_AS, {"roles": "{system}", "patient": ""})


def _readings(number: int, chart: UUID, kind: Any, now: datetime, chance: random.Random) -> list[Row]:
    measure, unit, times, last, (about, pair) = kind
    return [
        {
            "id": demo_id("reading", f"{number}-{day}-{n}"), "patient_id": chart, "measure": measure, "unit": unit,
            "value": about + chance.randrange(-3, 3), "pair": None if pair is None else pair + chance.randrange(-3, 3),
            "at": now - timedelta(days=day, hours=2 + 3 * n), "person_id": SYSTEM_PERSON_ID,
            "key": demo_id("reading key", f"{number}-{day}-{n}"), "finding": "within", "severity": "",
        }
        for day in range(last, DAYS)
        for n in range(times)
        if chance.random() > 0.15
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Told:
    """A reading that is told: about what, which numbers, what it means, and how long ago."""

    measure: str
    unit: str
    shown: str
    numbers: tuple[int, int | None]
    finding: str
    minutes: int


_LOW: Final = _Told("oxygen", "%", "%", (91, None), "low", 12)
_SEVERE: Final = _Told("blood_pressure", "mm[Hg]", "mmHg", (184, 104), "severe", 0)
_SEVERE_AGAIN: Final = _Told("blood_pressure", "mm[Hg]", "mmHg", (182, 99), "severe", 8)


async def _alert(tx: Transaction, chart: UUID, told: _Told, now: datetime) -> None:
    await tx.execute(_AS, {"roles": "{system}", "patient": str(chart)})
    at, (value, pair) = now - timedelta(minutes=told.minutes), told.numbers
    reading: Row = {
        "id": demo_id("reading", f"told-{told.finding}-{value}"), "patient_id": chart, "measure": told.measure,
        "unit": told.unit, "value": value, "pair": pair, "at": at, "person_id": SYSTEM_PERSON_ID,
        "key": demo_id("reading key", f"told-{told.finding}-{value}"), "finding": told.finding, "severity": "urgent",
    }  # fmt: skip
    await tx.execute(_READING, reading)
    number = "/".join(str(one) for one in told.numbers if one is not None)
    facts = {"value": number, "unit": told.shown, "finding": told.finding, "unreviewed": "yes"}
    new = NewAlert(chart, "vitals", f"vitals.{told.measure}", "urgent", reading["id"], "N", facts)
    with clock.frozen_at(at):
        await alerts.raise_alert(tx, new)


async def _close(tx: Transaction, chart: UUID, at: datetime) -> None:
    """Have the nurse close what is open of a chart; the patient reads that they spoke about it."""
    await tx.execute(_AS, {"roles": "{nurse,system}", "patient": ""})
    found = await tx.one(_OPEN, {"id": chart})
    params = {"id": found.id, "now": at, "person_id": NURSE[0], "name": NURSE[1], "outcome": "called"}
    await tx.execute(statements.CLOSE, params)
    event = {"patient_id": chart, "confidentiality": "N", "kind": "closed", "severity": "urgent"}
    await tx.execute(statements.EVENT, {**params, **event, "person_id": SYSTEM_PERSON_ID})
