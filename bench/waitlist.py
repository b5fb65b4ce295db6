"""Ten thousand wait for one time: whose turn it is, by the portal and by one query.

The first who fits stands in the middle of the line: everybody before them can come on other days only.
"""

import time
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import uuid4

import psycopg

from bench._clinic import Installation, Person, Practice, analyze
from bench._figures import spread, times
from bench.baselines import waitlist_sql
from portal_app.core.db import Database
from portal_app.features.waiting import service

WAITING = 10_000
ROUNDS = 9


async def measure(
    here: Installation, database: Database, practice: Practice, patients: list[Person]
) -> dict[str, float]:
    """Return `waitlist_ratio_to_sql`: an offer computed by the service ÷ the bare query that returns the same row."""
    starts_at = practice.times((datetime.now(UTC) + timedelta(days=100)).date(), 1)[8]
    _make_line(here.superuser, practice, patients, starts_at)
    where = (practice.practitioner_ids[0], practice.location_id)
    ours, theirs = [], []
    async with await psycopg.AsyncConnection.connect(here.superuser) as connection:
        for number in range(ROUNDS + 1):
            started = time.perf_counter()
            bare = await waitlist_sql.first_in_line(connection, *where, starts_at, datetime.now(UTC))
            between = time.perf_counter()
            async with database.act_as_system("bench") as tx:
                found = await service.next_in_line(tx, *where, starts_at)
            if number:  # the first round warms both up
                theirs.append(between - started)
                ours.append(time.perf_counter() - between)
            assert found is not None, "nobody fits"
            assert found.entry_id == bare, "the query finds somebody else"
    ratios = [mine / bare_s for mine, bare_s in zip(ours, theirs, strict=True)]
    print(f"  {WAITING} waiting; service: {times(ours)}; one query: {times(theirs)}; ratio: {spread(ratios)}")
    return {"waitlist_ratio_to_sql": median(ratios)}


def _make_line(superuser: str, practice: Practice, patients: list[Person], starts_at: datetime) -> None:
    its_day = 1 << (starts_at.isoweekday() - 1)
    now = datetime.now(UTC)
    first = now - timedelta(days=90)
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        columns = (
            "id, patient_id, visit_type_id, modality, practitioner_id, weekdays, notice_min, until_at, zone, language,"
            " waiting_since, request_key, created_by, changed_at"
        )
        with cursor.copy(f"copy waitlist_entry ({columns}) from stdin") as copy:
            for n in range(WAITING):
                person = patients[n % len(patients)]
                fits = n >= WAITING // 2
                copy.write_row((
                    uuid4(), person.patient_id, practice.visit_type_id, "in_person",
                    practice.practitioner_ids[0] if n % 2 else None, 127 if fits else 127 & ~its_day, 1440,
                    now + timedelta(days=120), "America/New_York", "en", first + timedelta(minutes=n), uuid4(),
                    person.person_id, now,
                ))  # fmt: skip
    analyze(superuser)
