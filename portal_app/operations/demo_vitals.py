"""Monitored patients of the demo: plans that go well, one that is overdue, and one open alert."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.features.alerts import service as alerts
from portal_app.features.alerts.service import NewAlert
from portal_app.operations.demo_practice import SEED, demo_id

Row = dict[str, Any]
DAYS: Final = 10
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
_MONITORED: Final = (
    ("blood_pressure", "mm[Hg]", 2, 0, (118, 76)), ("blood_pressure", "mm[Hg]", 2, 4, (128, 79)),
    ("glucose", "mg/dL", 2, 0, (110, None)), ("weight", "[lb_av]", 1, 0, (176, None)),
    ("oxygen", "%", 1, 0, (96, None)),
)  # fmt: skip
"""Measure, unit, times a day, days since the last reading, about which numbers."""


async def make_monitored(tx: Transaction, charts: Sequence[UUID], now: datetime) -> None:
    """Write plans and readings for the first charts of the clinic, once; the last of them has an alert."""
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
    await _alert(tx, charts[len(_MONITORED) - 1], now)
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


async def _alert(tx: Transaction, chart: UUID, now: datetime) -> None:
    reading: Row = {
        "id": demo_id("reading", "low"), "patient_id": chart, "measure": "oxygen", "unit": "%", "value": 91,
        "pair": None, "at": now - timedelta(minutes=12), "person_id": SYSTEM_PERSON_ID,
        "key": demo_id("reading key", "low"), "finding": "low", "severity": "urgent",
    }  # fmt: skip
    await tx.execute(_READING, reading)
    facts = {"value": "91", "unit": "%", "finding": "low", "unreviewed": "yes"}
    await alerts.raise_alert(tx, NewAlert(chart, "vitals", "vitals.oxygen", "urgent", reading["id"], "N", facts))
