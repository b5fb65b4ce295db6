"""Fill the demo with a clinic at work: places, people, hours, and a day that is busy whenever the demo starts.

Everything follows from a seed and the clock, ids included, so every run finds what an earlier one made and adds only
what the passing of time asks for. Written as the system, under row-level security, like everything else.
"""

import asyncio
import json
import random
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import clock, crypto
from portal_app.core.db import SYSTEM_PERSON_ID, Database, Transaction
from portal_app.features.access.demo import DemoPerson
from portal_app.features.access.service import demo_people, email_index
from portal_app.operations import codes, demo_desk
from portal_app.operations.demo_caregivers import make_caregiver
from portal_app.operations.demo_facts import make_facts
from portal_app.operations.demo_names import NAMES, REASONS, WEIGHTS
from portal_app.operations.demo_notes import make_notes
from portal_app.operations.demo_practice import (
    LOCATIONS,
    PRACTITIONERS,
    SEED,
    VISIT_TYPES,
    ZONES,
    DemoPractitioner,
    demo_id,
    location_id,
)
from portal_app.operations.demo_schedules import make_schedules
from portal_app.operations.demo_video import license_clinicians, make_video_visits
from portal_app.operations.demo_visits import let_people_answer, make_changes, squeeze_in
from portal_app.operations.demo_waiting import make_waiting
from portal_app.settings import Settings

PATIENTS: Final = 400
WITHOUT_ACCOUNT: Final = 9
"""Each ninth patient was never invited to the portal."""
PAST_DAYS, FUTURE_DAYS = 7, 14
GRID: Final = timedelta(minutes=20)
AROUND_NOW: Final = timedelta(hours=4)
MEETING_DAY: Final = 3
_SECTIONS: Final = {
    1: ["booking", "forms", "visits", "profile"],
    2: ["vitals", "messages", "results", "notes", "bills"],
}
"""What people may do with their own chart, by assurance."""

Row = dict[str, Any]
OTHER_STAFF: Final[dict[int, tuple[str, int | None]]] = {
    0x12: ("nurse", 0), 0x13: ("front_desk", None), 0x14: ("manager", None)
}  # fmt: skip
"""Role and place of those whom one tap signs in as and who see nobody, by the last byte of their id."""
OWN_CLINICIANS: Final = {"en": 0, "es": 0, "ar": 6}
"""The own clinician of each demo patient, by the language they read."""


def main(settings: Settings) -> None:
    """Make the clinic, or bring the one there is up to the present moment."""
    crypto.load_key_ring(settings)
    asyncio.run(fill(settings))
    asyncio.run(load_codes(settings))


async def fill(settings: Settings) -> None:
    """Do it in one transaction: the whole clinic is there or nothing of it."""
    if not settings.database_url:
        raise SystemExit("Set PORTAL_DATABASE_URL: the address of the application's role.")
    database = Database(settings.database_url, pool=1)
    try:
        async with database.act_as_system("demo") as tx:
            if not await tx.scalar("select exists (select from practice)"):
                await make_practice(tx)
                await make_facts(tx, clock.now())
                await make_people(tx)
                await make_caregiver(tx, clock.now())
                await make_promises(tx, clock.now())
                await make_caller(tx)
                others = [demo_id("patient", person_id) for person_id, *_ in _everyone()][len(_demo_patients()) :]
                await make_waiting(tx, others, clock.now())
            await make_days(tx, clock.now())
            if not await tx.scalar("select exists (select from clinical_note)"):
                charts = [demo_id("patient", one.person_id) for one in _demo_patients()]
                await make_notes(tx, _staff_person(PRACTITIONERS[0]), charts, clock.now())
            await make_schedules(tx, clock.now())
            await demo_desk.run_late(tx, clock.now())
    finally:
        await database.close()


async def load_codes(settings: Settings) -> None:
    """Load all diagnoses, once."""
    database = Database(settings.database_url or "", pool=1)
    try:
        async with database.act_as_system("demo") as tx:
            has_few = await tx.scalar("select count(*) < 1000 from diagnosis_code")
        if has_few:
            await codes.load_diagnoses(database)
    finally:
        await database.close()


async def make_practice(tx: Transaction) -> None:
    """Write the practice, its locations, whom one can see, what can be booked, and the weekly hours."""
    us = {"id": demo_id("practice"), "name": "Riverside Health", "initial": "R", "state": "NY", "accent": "#0b6b62",
          "phone": "+1 718-555-0100", "emergency_phone": "911"}  # fmt: skip
    await _insert(tx, "practice", [us])
    await _insert(tx, "location", [
        {"id": location_id(n), "name": name, "address": address, "zone": ZONES[n], "phone": phone,
         "directions": directions, "directions_url": ""}
        for n, (name, address, phone, directions) in enumerate(LOCATIONS)
    ])  # fmt: skip
    await _insert(tx, "visit_type", [
        {"id": demo_id("visit type", code), "code": code, "names": _names(names), "modalities": modalities,
         "duration_min": duration, "notice_h": notice, "lead_min": lead}
        for code, duration, modalities, notice, lead, names in VISIT_TYPES
    ])  # fmt: skip
    await make_staff(tx)
    await _insert(tx, "practitioner", [
        {"id": who.id, "person_id": _staff_person(who), "name": who.name, "title": who.title,
         "initials": who.initials, "specialty": _names(who.specialty), "languages": who.languages}
        for who in PRACTITIONERS
    ])  # fmt: skip
    works = [{"practitioner_id": who.id, "location_id": location_id(who.place)} for who in PRACTITIONERS]
    await _insert(tx, "practitioner_location", works)
    await _insert(tx, "schedule", [
        {"id": demo_id("schedule", who.id, weekday, opens), "practitioner_id": who.id,
         "location_id": location_id(who.place), "weekday": weekday, "opens": time(opens), "closes": time(closes),
         "grid_min": 20, "modalities": modalities, "valid_from": date(2020, 1, 1)}
        for who in PRACTITIONERS for weekday, opens, closes, modalities in who.hours()
    ])  # fmt: skip
    await demo_desk.make_desk(tx)


def _room(who: DemoPractitioner, modality: str) -> UUID | None:
    return demo_desk.room_of(who) if modality == "in_person" else None


def _names(names: Sequence[str]) -> dict[str, str]:
    return dict(zip(("en", "es", "ar"), names, strict=True))


def _staff_person(who: DemoPractitioner) -> UUID:
    shown = [one.person_id for one in demo_people() if one.name.endswith(who.name)]
    return shown[0] if shown else demo_id("person", who.name)


async def make_staff(tx: Transaction) -> None:
    """Write who works here: every practitioner signs in, and those whom one tap signs in as."""
    clinicians = [(_staff_person(who), f"{who.title} {who.name}", "clinician", who.place) for who in PRACTITIONERS]
    others = [
        (one.person_id, one.name, OTHER_STAFF[one.person_id.int & 0xFF][0], OTHER_STAFF[one.person_id.int & 0xFF][1])
        for one in demo_people()
        if one.person_id.int & 0xFF in OTHER_STAFF
    ]
    everybody = [*clinicians, *others]
    await _insert(
        tx, "person", [_person(id_, name, f"staff{n}", "en") for n, (id_, name, _, _) in enumerate(everybody)]
    )
    await _insert(tx, "person_role", [
        {"id": demo_id("role", id_, role), "person_id": id_, "role": role,
         "location_id": None if place is None else location_id(place)}
        for id_, _, role, place in everybody
    ])  # fmt: skip


def _person(id_: UUID, name: str, mailbox: str, locale: str) -> Row:
    email = f"{mailbox}@example.test"
    return {"id": id_, "display_name": name, "email": crypto.encrypt(email), "email_index": email_index(email),
            "locale": locale}  # fmt: skip


async def make_people(tx: Transaction) -> None:
    """Write the patients: the ones whom one tap signs in as, and as many others as it takes; some cannot sign in."""
    people, patients = [], []
    for number, (person_id, mailbox, given, family, language, own) in enumerate(_everyone()):
        locale = language if language in ("en", "es", "ar") else "en"
        people.append(_person(person_id, f"{given} {family}", mailbox, locale))
        born = random.Random(mailbox).randrange(1935, 2023)  # noqa: S311 - invented people
        patients.append({
            "id": demo_id("patient", person_id), "family_name": family, "given_name": given,
            "birth_date": date(born, 1 + born % 12, 1 + born % 28), "language": language,
            "zone": ZONES[PRACTITIONERS[own].place], "general_practitioner_id": PRACTITIONERS[own].id,
            **demo_desk.phone_of(number),
        })  # fmt: skip
    await _insert(tx, "person", people)
    await _insert(tx, "patient", patients)
    roles = [{"id": demo_id("role", one["id"]), "person_id": one["id"], "role": "patient"} for one in people]
    await _insert(tx, "person_role", roles)
    await _insert(tx, "access_grant", [
        {"id": demo_id("grant", one["id"], assurance), "grantee": one["id"], "patient_id": chart["id"],
         "sections": sections, "verbs": ["view", "act"], "up_to": "V", "min_assurance": assurance, "basis": "self"}
        for number, (one, chart) in enumerate(zip(people, patients, strict=True)) if (number + 1) % WITHOUT_ACCOUNT
        for assurance, sections in _SECTIONS.items()
    ])  # fmt: skip


async def make_caller(tx: Transaction) -> None:
    """Let somebody who has a chart ask to become a patient, with another address."""
    chart = await tx.one(
        "select given_name, family_name, birth_date::text as born from patient where id = :id",
        {"id": demo_id("patient", demo_id("person", 0))},
    )
    await demo_desk.make_request(tx, chart.given_name, chart.family_name, chart.born)


def _demo_patients() -> list[DemoPerson]:
    """Return the patients whom one tap signs in as; the last byte of their ids is below 0x10."""
    return [one for one in demo_people() if one.person_id.int & 0xFF < 0x10]


def _everyone() -> Iterator[tuple[UUID, str, str, str, str, int]]:
    shown = _demo_patients()
    for one in shown:
        given, family = one.name.split(" ", 1)
        yield one.person_id, f"patient-{one.locale}", given, family, one.locale, OWN_CLINICIANS[one.locale]
    chance = random.Random(SEED)  # noqa: S311 - invented people
    for n in range(PATIENTS - len(shown)):
        language, givens, families = chance.choices(NAMES, WEIGHTS)[0]
        given, family = chance.choice(givens.split()), chance.choice(families.split())
        yield demo_id("person", n), f"patient{n}", given, family, language, chance.randrange(len(PRACTITIONERS))


async def make_days(tx: Transaction, now: datetime) -> None:
    """Write the appointments of the days around now that are not there yet, and let time pass for the others."""
    taken = {row.id for row in await tx.all("select id from slot")}
    await tx.execute(_ADD_BLOCKED, {"rows": _json(one for one in _blocked(now) if one["id"] not in taken)})
    await _add_appointments(tx, _usual_appointments(now, taken), now)
    await squeeze_in(tx, PRACTITIONERS[0], now)
    await make_video_visits(tx, PRACTITIONERS[0], now)
    await license_clinicians(tx, PRACTITIONERS)
    await tx.execute(_LET_TIME_GO_BY, {"system": SYSTEM_PERSON_ID, "now": now})
    await let_people_answer(tx, now)


async def make_promises(tx: Transaction, now: datetime) -> None:
    """Give the people whom one tap signs in as something to look at: a visit to come and one that was."""
    rows = []
    for n, one in enumerate(_demo_patients()):
        who = PRACTITIONERS[OWN_CLINICIANS[one.locale]]
        for days, hour in ((n + 2, 9 + n), (-7 - n, 13 + n)):
            starts_at = datetime.combine(_working_day(who, now, days), time(hour, 20), ZoneInfo(ZONES[who.place]))
            chance = random.Random(f"{one.person_id} {days}")  # noqa: S311 - invented appointments
            rows.append(_appointment(who, demo_id("patient", one.person_id), starts_at, now, chance))
    await _add_appointments(tx, rows, now)
    await make_changes(tx, now)


async def _add_appointments(tx: Transaction, rows: Iterable[Row], now: datetime) -> None:
    await tx.execute(_ADD_APPOINTMENTS, {"rows": _json(rows), "system": SYSTEM_PERSON_ID, "now": now})


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
    charts = [demo_id("patient", person_id) for person_id, *_ in _everyone()][len(_demo_patients()) :]
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


def _json(rows: Iterable[Row]) -> str:
    return json.dumps(list(rows), default=str)


async def _insert(tx: Transaction, table: str, rows: Sequence[Row]) -> None:
    columns = ", ".join(rows[0])
    await tx.execute(
        f"insert into {table} ({columns}) select {columns}"  # noqa: S608 - names written above
        f" from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb))",
        {"rows": _json(rows)},
    )


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
