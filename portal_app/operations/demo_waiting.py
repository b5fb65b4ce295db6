"""People who wait in the demo: a line, how earlier offers went, a time kept for a patient, requests to be answered."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import crypto
from portal_app.core.db import SYSTEM_PERSON_ID, Transaction
from portal_app.operations.demo_practice import PRACTITIONERS, SEED, ZONES, demo_id, location_id

Row = dict[str, Any]
LINE: Final = 24
PAST: Final = 160
REQUESTS: Final = (
    ("I work nights. Could you see me before nine in the morning, any day next week?", 3, 1),
    ("My mother comes with me and uses a wheelchair. A longer visit in the afternoon, please.", 6, 2),
    ("¿Podría atenderme alguien que hable español, por la tarde?", 1, 3),
    ("أحتاج إلى موعد بعد الرابعة عصرًا، ويفضَّل يوم الأحد.", 20, 5),
)
"""Words, how many hours ago they were written, and in how many hours an answer is promised."""


async def make_waiting(tx: Transaction, charts: Sequence[UUID], now: datetime) -> None:
    """Write all of it for the first charts of the clinic, once."""
    chance = random.Random(f"{SEED} waiting")  # noqa: S311 - invented people
    entries = [_entry(charts[n], n, now, chance) for n in range(LINE)]
    past = [_entry(charts[LINE + n], LINE + n, now, chance) | {"status": "served"} for n in range(PAST)]
    await _insert(tx, "waitlist_entry", [*entries, *past])
    await _insert(tx, "time_offer", [_offer(one, n, now, chance) for n, one in enumerate(past)])
    requests = [_request(charts[LINE + PAST + n], n, now) for n in range(len(REQUESTS))]
    await _insert(tx, "time_request", requests)
    await _insert(tx, "task", [_task(one) for one in requests])
    await tx.execute(_NAME_LANGUAGES)


def _entry(chart: UUID, number: int, now: datetime, chance: random.Random) -> Row:
    who = PRACTITIONERS[number % len(PRACTITIONERS)]
    since = now - timedelta(days=chance.randrange(1, 60), minutes=chance.randrange(1440))
    return {
        "id": demo_id("waiting", number), "patient_id": chart, "confidentiality": "N", "status": "active",
        "visit_type_id": demo_id("visit type", "follow_up"), "modality": "in_person",
        "practitioner_id": who.id if number % 3 else None, "location_id": location_id(who.place),
        "weekdays": chance.choice((127, 31, 21, 96)), "parts": chance.choice((7, 7, 1, 6)),
        "notice_min": chance.choice((120, 1440, 1440, 4320)), "until_at": now + timedelta(days=80),
        "zone": ZONES[who.place], "language": "en", "channel": "mail",
        "priority": chance.choices((1, 2, 3), (1, 3, 12))[0], "waiting_since": since,
        "request_key": demo_id("waiting key", number), "created_by": SYSTEM_PERSON_ID, "changed_at": since,
    }  # fmt: skip


def _offer(entry: Row, number: int, now: datetime, chance: random.Random) -> Row:
    who = PRACTITIONERS[number % len(PRACTITIONERS)]
    day = (now - timedelta(days=chance.randrange(3, 80))).date()
    starts_at = datetime.combine(day, time(9 + number % 8), ZoneInfo(ZONES[who.place])).astimezone(UTC)
    offered_at = starts_at - timedelta(days=2)
    return {
        "id": demo_id("offer", number), "entry_id": entry["id"], "patient_id": entry["patient_id"],
        "confidentiality": "N", "status": chance.choices(("accepted", "declined", "lapsed"), (6, 2, 2))[0],
        "practitioner_id": who.id, "location_id": location_id(who.place), "visit_type_id": entry["visit_type_id"],
        "modality": "in_person", "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=20),
        "answer_by": offered_at + timedelta(hours=3), "offered_at": offered_at,
        "answered_at": offered_at + timedelta(hours=1),
        "waiting_since": offered_at - timedelta(hours=chance.randrange(20, 600)), "language": "en", "channel": "mail",
    }  # fmt: skip


def _request(chart: UUID, number: int, now: datetime) -> Row:
    words, ago_h, in_h = REQUESTS[number]
    return {
        "id": demo_id("request", number), "patient_id": chart, "confidentiality": "N", "status": "open",
        "words": crypto.encrypt(words), "answer_phone": "", "asked_at": now - timedelta(hours=ago_h),
        "answer_by": now + timedelta(hours=in_h), "language": "en", "request_key": demo_id("request key", number),
        "created_by": SYSTEM_PERSON_ID,
    }  # fmt: skip


def _task(request: Row) -> Row:
    return {
        "id": demo_id("task", request["id"]), "code": "appointment_request", "status": "requested",
        "focus_id": request["id"], "patient_id": request["patient_id"], "confidentiality": "N", "outcome": "",
        "author_id": SYSTEM_PERSON_ID, "owner_name": "", "authored_at": request["asked_at"],
        "changed_at": request["asked_at"], "due_at": request["answer_by"],
    }  # fmt: skip


# Everybody waits in the language of their chart.
_NAME_LANGUAGES: Final = """
with e as (update waitlist_entry w set language = c.language from patient c where c.id = w.patient_id returning w.id)
update time_offer o set language = c.language from patient c where c.id = o.patient_id
"""


async def _insert(tx: Transaction, table: str, rows: Sequence[Row]) -> None:
    columns = ", ".join(rows[0])
    await tx.execute(
        f"insert into {table} ({columns}) select {columns}"  # noqa: S608 - names written above
        f" from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb)) on conflict do nothing",
        {"rows": json.dumps(list(rows), default=str)},
    )
