"""Fill the demo with a clinic at work: places, people, hours, and a day that is busy whenever the demo starts.

Everything follows from a seed and the clock, ids included, so every run finds what an earlier one made and adds only
what the passing of time asks for. Written as the system, under row-level security, like everything else.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, time

from portal_app.core import clock, crypto
from portal_app.core.db import Database, Transaction
from portal_app.features.intake import service as intake
from portal_app.operations import codes, demo_desk
from portal_app.operations.demo_caregivers import make_caregiver
from portal_app.operations.demo_check_in import FORMS, make_asked_forms, make_check_ins
from portal_app.operations.demo_days import make_days, make_promises
from portal_app.operations.demo_facts import make_facts
from portal_app.operations.demo_insurance import make_insurance
from portal_app.operations.demo_lists import make_lists
from portal_app.operations.demo_notes import make_notes
from portal_app.operations.demo_on_call import make_on_call
from portal_app.operations.demo_people import (
    everyone,
    make_caller,
    make_people,
    make_staff,
    patients_to_tap,
    staff_person,
)
from portal_app.operations.demo_practice import (
    LOCATIONS,
    PRACTITIONERS,
    VISIT_TYPES,
    ZONES,
    demo_id,
    location_id,
)
from portal_app.operations.demo_rows import insert_rows
from portal_app.operations.demo_schedules import make_schedules
from portal_app.operations.demo_vitals import make_monitored
from portal_app.operations.demo_waiting import make_waiting
from portal_app.settings import Settings

"""What the demo asks before each visit."""


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
                others = [demo_id("patient", person_id) for person_id, *_ in everyone()][len(patients_to_tap()) :]
                await make_waiting(tx, others, clock.now())
            await make_days(tx, clock.now())
            if not await tx.scalar("select exists (select from clinical_note)"):
                for form in FORMS:
                    await intake.add_rule(tx, form)
                charts = [demo_id("patient", one.person_id) for one in patients_to_tap()]
                await make_notes(tx, staff_person(PRACTITIONERS[0]), charts, clock.now())
            if not await tx.scalar("select exists (select from coverage)"):
                everybody = [demo_id("patient", person_id) for person_id, *_ in everyone()]
                tapped = len(patients_to_tap())
                await make_insurance(tx, everybody[:tapped], everybody[tapped : tapped + 20], clock.now())
            if not await tx.scalar("select exists (select from chart_entry)"):
                await make_lists(tx, [demo_id("patient", one.person_id) for one in patients_to_tap()])
            if not await tx.scalar("select exists (select from care_plan)"):
                everybody = [demo_id("patient", person_id) for person_id, *_ in everyone()]
                await make_monitored(tx, everybody, clock.now())
            if not await tx.scalar("select exists (select from form_assignment)"):
                shown = [demo_id("patient", one.person_id) for one in patients_to_tap()]
                await make_asked_forms(tx, shown, staff_person(PRACTITIONERS[0]), clock.now())
            await make_check_ins(tx, clock.now())
            await make_schedules(tx, clock.now())
            await make_on_call(tx, clock.now())
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
    await insert_rows(tx, "practice", [us])
    await insert_rows(tx, "location", [
        {"id": location_id(n), "name": name, "address": address, "zone": ZONES[n], "phone": phone,
         "directions": directions, "directions_url": ""}
        for n, (name, address, phone, directions) in enumerate(LOCATIONS)
    ])  # fmt: skip
    await insert_rows(tx, "visit_type", [
        {"id": demo_id("visit type", code), "code": code, "names": _names(names), "modalities": modalities,
         "duration_min": duration, "notice_h": notice, "lead_min": lead}
        for code, duration, modalities, notice, lead, names in VISIT_TYPES
    ])  # fmt: skip
    await make_staff(tx)
    await insert_rows(tx, "practitioner", [
        {"id": who.id, "person_id": staff_person(who), "name": who.name, "title": who.title,
         "initials": who.initials, "specialty": _names(who.specialty), "languages": who.languages}
        for who in PRACTITIONERS
    ])  # fmt: skip
    works = [{"practitioner_id": who.id, "location_id": location_id(who.place)} for who in PRACTITIONERS]
    await insert_rows(tx, "practitioner_location", works)
    await insert_rows(tx, "schedule", [
        {"id": demo_id("schedule", who.id, weekday, opens), "practitioner_id": who.id,
         "location_id": location_id(who.place), "weekday": weekday, "opens": time(opens), "closes": time(closes),
         "grid_min": 20, "modalities": modalities, "valid_from": date(2020, 1, 1)}
        for who in PRACTITIONERS for weekday, opens, closes, modalities in who.hours()
    ])  # fmt: skip
    await demo_desk.make_desk(tx)


def _names(names: Sequence[str]) -> dict[str, str]:
    return dict(zip(("en", "es", "ar"), names, strict=True))
