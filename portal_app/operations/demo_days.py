"""What happens in the demo's clinic: appointments of the days around now, as busy as a clinic is."""

import random
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import crypto
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.operations import demo_desk
from portal_app.operations.demo_names import REASONS
from portal_app.operations.demo_people import OWN_CLINICIANS, everyone, patients_to_tap
from portal_app.operations.demo_practice import (
    PRACTITIONERS,
    VISIT_TYPES,
    ZONES,
    DemoPractitioner,
    demo_id,
    location_id,
)
from portal_app.operations.demo_rows import Row, as_json
from portal_app.operations.demo_video import license_clinicians, make_video_visits
from portal_app.operations.demo_visits import let_people_answer, make_changes, squeeze_in

PAST_DAYS, FUTURE_DAYS = 7, 14
GRID: Final = timedelta(minutes=20)
AROUND_NOW: Final = timedelta(hours=4)
MEETING_DAY: Final = 3


async def make_days(tx: Transaction, now: datetime) -> None:
    """Write the appointments of the days around now that are not there yet, and let time pass for the others."""
    taken = {row.id for row in await tx.all("select id from slot")}
    await tx.execute(_ADD_BLOCKED, {"rows": as_json(one for one in _blocked(now) if one["id"] not in taken)})
    await _add_appointments(tx, _usual_appointments(now, taken), now)
    await squeeze_in(tx, PRACTITIONERS[0], now)
    await make_video_visits(tx, PRACTITIONERS[0], now)
    await license_clinicians(tx, PRACTITIONERS, now)
    await tx.execute(_LET_TIME_GO_BY, {"system": SYSTEM_PERSON_ID, "now": now})
    await let_people_answer(tx, now)


async def make_promises(tx: Transaction, now: datetime) -> None:
    """Give the people whom one tap signs in as something to look at: a visit to come and one that was."""
    rows = []
    for n, one in enumerate(patients_to_tap()):
        who = PRACTITIONERS[OWN_CLINICIANS[one.locale]]
        for days, hour in ((n + 2, 9 + n), (-7 - n, 13 + n)):
            starts_at = datetime.combine(_working_day(who, now, days), time(hour, 20), ZoneInfo(ZONES[who.place]))
            chance = random.Random(f"{one.person_id} {days}")  # noqa: S311 - invented appointments
            rows.append(_appointment(who, demo_id("patient", one.person_id), starts_at, now, chance))
    await _add_appointments(tx, rows, now)
    await make_changes(tx, now)


async def _add_appointments(tx: Transaction, rows: Iterable[Row], now: datetime) -> None:
    await tx.execute(_ADD_APPOINTMENTS, {"rows": as_json(rows), "system": SYSTEM_PERSON_ID, "now": now})


def _working_day(who: DemoPractitioner, now: datetime, days: int) -> date:
    """Return the first of the practitioner's weekdays at least so many days away, into the past if negative."""
    day = now.astimezone(ZoneInfo(ZONES[who.place])).date() + timedelta(days=days)
    while day.isoweekday() not in who.weekdays:
        day += timedelta(days=1 if days > 0 else -1)
    return day


def _days(now: datetime, zone: ZoneInfo) -> Iterable[date]:
    today = now.astimezone(zone).date()
    return (today + timedelta(days=n) for n in range(-PAST_DAYS, FUTURE_DAYS + 1))


def _blocked(now: datetime) -> Iterator[Row]:
    for who in PRACTITIONERS:
        zone = ZoneInfo(ZONES[who.place])
        for day in _days(now, zone):
            if day.isoweekday() == MEETING_DAY:
                starts_at = datetime.combine(day, time(15), zone)
                yield {"id": demo_id("blocked", who.id, day), "practitioner_id": who.id,
                       "location_id": location_id(who.place), "starts_at": starts_at,
                       "ends_at": starts_at + timedelta(hours=1)}  # fmt: skip


def _usual_appointments(now: datetime, taken: Container[UUID]) -> Iterator[Row]:
    """Give everybody's appointments of office hours, and of the hours around now whatever the clock says.

    Those whose slot is in `taken` were made before. Who comes follows from the day and the place in a list, so that
    nobody is ever in two places.
    """
    charts = [demo_id("patient", person_id) for person_id, *_ in everyone()][len(patients_to_tap()) :]
    orders: dict[date, list[UUID]] = {}
    for number, who in enumerate(PRACTITIONERS):
        office, around = set(_office_times(who, now)), set(_times_around(now))
        for starts_at in sorted(office | around):
            chance = random.Random(f"{who.id} {starts_at.timestamp()}")  # noqa: S311 - invented appointments
            is_free = chance.random() > _occupancy(starts_at, now, is_busiest=number == 0)
            if is_free or _slot_id(who, starts_at) in taken:
                continue
            day = starts_at.date()
            order = orders.get(day) or orders.setdefault(day, _shuffled(charts, day))
            step = number * 72 + (starts_at.hour * 60 + starts_at.minute) // 20
            yield _appointment(who, order[step % len(order)], starts_at, now, chance)


def _slot_id(who: DemoPractitioner, starts_at: datetime) -> UUID:
    return demo_id("slot", who.name, starts_at.timestamp())


def _shuffled(charts: Sequence[UUID], day: date) -> list[UUID]:
    return random.Random(day.toordinal()).sample(charts, len(charts))  # noqa: S311 - invented appointments


def _office_times(who: DemoPractitioner, now: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(ZONES[who.place])
    for day in _days(now, zone):
        for weekday, opens, closes, _ in who.hours():
            if weekday == day.isoweekday():
                starts_at = datetime.combine(day, time(opens), zone).astimezone(UTC)
                closes_at = datetime.combine(day, time(closes), zone).astimezone(UTC)
                while starts_at < closes_at:
                    yield starts_at
                    starts_at += GRID


def _times_around(now: datetime) -> Iterator[datetime]:
    first = now.replace(minute=now.minute // 20 * 20, second=0, microsecond=0) - AROUND_NOW
    return (first + GRID * n for n in range(2 * AROUND_NOW // GRID + 1))


def _occupancy(starts_at: datetime, now: datetime, *, is_busiest: bool) -> float:
    """Return how likely a time is taken: nearly all around now, fewer the further ahead."""
    if abs(starts_at - now) <= AROUND_NOW:
        return 0.8 if is_busiest else 0.6
    return 0.75 if starts_at < now else max(0.25, 0.7 - 0.03 * (starts_at - now).days)


def _appointment(
    who: DemoPractitioner, patient_id: UUID, starts_at: datetime, now: datetime, chance: random.Random
) -> Row:
    code, duration, modalities, *_ = chance.choices(VISIT_TYPES, (6, 4, 1, 0))[0]
    ends_at = starts_at + timedelta(minutes=duration)
    status, modality = _status(starts_at, ends_at, now, chance.random()), chance.choice(modalities)
    arrived_at = min(now, starts_at) - timedelta(minutes=chance.randrange(2, 14))
    return {
        "id": demo_id("appointment", who.id, starts_at.timestamp()), "patient_id": patient_id,
        "slot_id": _slot_id(who, starts_at), "practitioner_id": who.id,
        "location_id": location_id(who.place), "visit_type_id": demo_id("visit type", code), "status": status,
        "starts_at": starts_at, "ends_at": ends_at, "modality": modality, "room_id": _room(who, modality),
        "reason": crypto.encrypt(chance.choice(REASONS)),
        "arrived_at": arrived_at if status in ("arrived", "fulfilled") else None,
    }  # fmt: skip


def _status(starts_at: datetime, ends_at: datetime, now: datetime, luck: float) -> str:
    if luck < 0.05:
        return "cancelled"
    if ends_at <= now:
        return "noshow" if luck < 0.12 else "fulfilled"
    is_near = starts_at <= now + timedelta(minutes=25)
    return "arrived" if is_near and luck < (0.95 if starts_at <= now else 0.5) else "booked"


def _room(who: DemoPractitioner, modality: str) -> UUID | None:
    return demo_desk.room_of(who) if modality == "in_person" else None


_ADD_BLOCKED: Final = """
insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status)
select id, practitioner_id, location_id, starts_at, ends_at, 'busy-unavailable'
from jsonb_populate_recordset(null::slot, cast(:rows as jsonb)) on conflict do nothing
"""

# An appointment that exists was made by an earlier run, and may have been moved on since: it is left alone.
_ADD_APPOINTMENTS: Final = """
with wanted as materialized (
  select r.*, c.zone, c.confidentiality as chart_confidentiality
  from jsonb_populate_recordset(null::appointment, cast(:rows as jsonb)) r join patient c on c.id = r.patient_id
  where not exists (select from appointment a where a.id = r.id)
), taken as (
  insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status)
  select slot_id, practitioner_id, location_id, starts_at, ends_at, 'busy' from wanted
  where status <> 'cancelled' order by starts_at, practitioner_id on conflict do nothing returning id
)
insert into appointment (id, patient_id, confidentiality, status, practitioner_id, location_id, visit_type_id,
  modality, starts_at, ends_at, patient_zone, reason, slot_id, request_key, created_by, created_at, changed_at,
  arrived_at, cancelled_by, cancelled_at, cancel_reason, room_id)
select w.id, w.patient_id, w.chart_confidentiality, w.status, w.practitioner_id, w.location_id, w.visit_type_id,
  w.modality, w.starts_at, w.ends_at, w.zone, w.reason, t.id, w.id, :system, :now, :now, w.arrived_at,
  case when w.status = 'cancelled' then cast(:system as uuid) end,
  case when w.status = 'cancelled' then cast(:now as timestamptz) end,
  case when w.status = 'cancelled' then 'practice' end, w.room_id
from wanted w left join taken t on t.id = w.slot_id
where w.status = 'cancelled' or t.id is not null
"""

_LET_TIME_GO_BY: Final = """
update appointment set changed_at = :now,
  status = case when ends_at <= :now then 'fulfilled' else 'arrived' end,
  arrived_at = coalesce(arrived_at, starts_at - interval '6 minutes')
where created_by = :system and starts_at <= :now
  and (status = 'booked' or (status = 'arrived' and ends_at <= :now))
"""
