"""What the demo's front desk works with: telephone numbers, rooms, a clinician who runs late, a new patient."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import clock, crypto
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.features.patients import telecom
from portal_app.features.tasks import service as tasks
from portal_app.operations.demo_practice import LOCATIONS, PRACTITIONERS, ZONES, DemoPractitioner, demo_id, location_id

LATE: Final = 1
"""Which practitioner runs late whenever the demo starts."""
LATE_MIN: Final = 20


def phone_of(number: int) -> dict[str, Any]:
    """Return the telephone number of the nth patient, as a chart keeps it."""
    e164 = f"+1718555{2000 + number:04d}"
    return {"phone": crypto.encrypt(e164), "phone_keys": telecom.keys(e164)}


def room_of(who: DemoPractitioner) -> UUID:
    """Return the room a practitioner works in."""
    return demo_id("room", who.id)


async def make_desk(tx: Transaction) -> None:
    """Write the rooms, and one request to become a patient by somebody who may have a chart."""
    rooms: dict[int, int] = dict.fromkeys(range(len(LOCATIONS)), 0)
    for who in PRACTITIONERS:
        rooms[who.place] += 1
        await tx.execute(
            "insert into room (id, location_id, name) values (:id, :place, :name)",
            {"id": room_of(who), "place": location_id(who.place), "name": f"Room {rooms[who.place]}"},
        )


async def make_request(tx: Transaction, given_name: str, family_name: str, birth_date: str) -> None:
    """Write a request that looks like a chart there is: the same name and birth date, another address."""
    request_id = demo_id("registration")
    content = {
        "given_name": given_name, "family_name": family_name, "birth_date": birth_date,
        "email": "new.patient@example.test", "phone": "+17185550199", "reason": "Check-up", "preferred": "Mornings",
    }  # fmt: skip
    await tx.execute(
        "insert into registration (id, content, locale, request_key, created_at)"
        " values (:id, :content, 'en', :id, :now) on conflict do nothing",
        {"id": request_id, "content": crypto.encrypt(json.dumps(content, ensure_ascii=False)), "now": clock.now()},
    )
    await tasks.open_task(tx, "registration", request_id)


async def run_late(tx: Transaction, now: datetime) -> None:
    """Let somebody run late today; whoever waits for them sees it, and nobody is mailed."""
    who = PRACTITIONERS[LATE]
    day = now.astimezone(ZoneInfo(ZONES[who.place])).date()
    await tx.execute(
        "insert into delay (id, practitioner_id, day, minutes, step, created_by, created_at)"
        " values (:id, :who, :day, :minutes, 1, :system, :now) on conflict do nothing",
        {"id": demo_id("delay", who.id, day), "who": who.id, "day": day, "minutes": LATE_MIN,
         "system": SYSTEM_PERSON_ID, "now": now},
    )  # fmt: skip
