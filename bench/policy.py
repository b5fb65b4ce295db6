"""Measure what it costs that the database itself knows who acts and what they may see.

One page's query, somebody's own appointments, in a transaction: as the application's role, which tells the database
who acts and reads through row-level security and `may()`; and bare, as a role that row-level security does not concern.
Both by psycopg on one connection, in as many round trips. For a small practice, for 100,000 charts, and for a caregiver
of five among them. Bench and servers share one processor: else the time a page takes depends on whether its server
happens to run beside the bench, which is no property of the page and was worth up to half of the ratio.

Run it with `./portal bench policy`. About a minute.
"""

import argparse
import itertools
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg

from bench._clinic import (
    GRID_MIN,
    SELF_SECTIONS,
    Installation,
    Person,
    Practice,
    analyze,
    installation,
    make_patients,
    make_practice,
    sign_in,
)
from bench._figures import Budget, report, spread, times
from portal_app.core.db import libpq_conninfo, secret_hash
from portal_app.features.booking.statements import OWN_APPOINTMENTS

SMALL, LARGE, BUSY, MEASURED, CARED_FOR, EACH = 400, 100_000, 20_000, 40, 5, 12
ROUNDS: Final = 5
BUDGETS = {"ratio_to_bare_query": Budget("<=", 2)}

PAGE: Final = re.sub(r"(?<!:):([a-z_]+)\b", r"%(\1)s", str(OWN_APPOINTMENTS))
BEGIN_AS: Final = "begin; select to_json(begin_as(%(secret_hash)s, '192.0.2.7')) as who"
BEGIN_BARE: Final = "begin; select 1"

Conn = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Reader:
    """Somebody who opens the page of a chart."""

    secret: str
    patient_id: UUID


def make_visits(superuser: str, practice: Practice, patients: Sequence[UUID], after_days: int = 1) -> None:
    """Give each of these charts its appointments, all practitioners in turn, from so many days on."""
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=after_days)
    length = timedelta(minutes=GRID_MIN)
    slots, visits = [], []
    abreast = len(practice.practitioner_ids)
    apart = (len(patients) // abreast + 1) * abreast  # a patient's next visit is at a later time
    for visit, at in itertools.product(range(EACH), range(len(patients))):
        step, which = divmod(visit * apart + at, abreast)
        who, patient_id = practice.practitioner_ids[which], patients[at]
        begin, slot_id = first + length * step, uuid4()
        slots.append((slot_id, who, practice.location_id, begin, begin + length, "busy", practice.visit_type_id))
        visits.append((
            uuid4(), patient_id, "booked", who, practice.location_id, practice.visit_type_id, "in_person", begin,
            begin + length, "UTC", slot_id, uuid4(), uuid4(), first, first,
        ))  # fmt: skip
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # these rows are for reading only
        _copy(cursor, "slot (id, practitioner_id, location_id, starts_at, ends_at, status, visit_type_id)", slots)
        _copy(
            cursor,
            "appointment (id, patient_id, status, practitioner_id, location_id, visit_type_id, modality, starts_at,"
            " ends_at, patient_zone, slot_id, request_key, created_by, created_at, changed_at)",
            visits,
        )


def _copy(cursor: "psycopg.Cursor[tuple[Any, ...]]", target: str, rows: Sequence[tuple[object, ...]]) -> None:
    with cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def make_caregiver(superuser: str, charts: Sequence[UUID]) -> list[Reader]:
    """Make somebody who cares for all these charts and has an open session for each, as on several devices."""
    person_id, secrets = uuid4(), [uuid4().hex for _ in charts]
    with psycopg.connect(superuser) as connection:
        connection.execute("insert into person (id, display_name) values (%s, 'Rosa Alvarez')", [person_id])
        connection.execute(
            "insert into person_role (id, person_id, role) values (%s, %s, 'caregiver')", [uuid4(), person_id]
        )
        for chart, (assurance, sections) in ((chart, one) for chart in charts for one in SELF_SECTIONS.items()):
            connection.execute(
                "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)"
                " values (%s, %s, %s, '{view,act}', 'N', %s, 'caregiver')",
                [person_id, chart, sections, assurance],
            )
    sign_in(superuser, [Person(person_id, chart, secret) for chart, secret in zip(charts, secrets, strict=True)])
    return [Reader(secret, chart) for chart, secret in zip(charts, secrets, strict=True)]


def compare(name: str, ours: Conn, bare: Conn, readers: Sequence[Reader], pages: int) -> float:
    """Open the page of each in turn both ways; return the median ratio of the rounds' medians."""
    ratios, kept, free = [], [], []
    for number in range(ROUNDS + 1):
        mine, theirs = [], []
        for page in range(pages):
            reader = readers[page % len(readers)]
            seen, took = _open(ours, BEGIN_AS, reader)
            all_rows, bare_took = _open(bare, BEGIN_BARE, reader)
            assert seen == all_rows, "row-level security hides what is theirs"
            assert len(seen) == EACH, f"{len(seen)} appointments"
            mine.append(took)
            theirs.append(bare_took)
        if number:  # the first round warms both up
            ratios.append(median(mine) / median(theirs))
            kept += mine
            free += theirs
    print(f"  {name}: {times(kept)}; bare: {times(free)}; ratio: {spread(ratios)}", flush=True)
    return median(ratios)


def _open(connection: Conn, begin: str, reader: Reader) -> tuple[list[tuple[Any, ...]], float]:
    asked = {"patient_id": reader.patient_id, "now": datetime.now(UTC)}
    started = time.perf_counter()
    psycopg.ClientCursor(connection).execute(begin, {"secret_hash": secret_hash(reader.secret)})
    rows = connection.execute(PAGE, asked).fetchall()
    connection.execute("commit")
    return rows, time.perf_counter() - started


def share_one_processor(*connections: Conn) -> None:
    """Let this process and the servers of these connections run on one processor, where the system can say so."""
    if hasattr(os, "sched_setaffinity"):
        one = {min(os.sched_getaffinity(0))}
        for pid in (0, *(connection.info.backend_pid for connection in connections)):
            os.sched_setaffinity(pid, one)


def measure(here: Installation, pages: int) -> dict[str, float]:
    """Measure all three and return the figures."""
    practice = make_practice(here.superuser, 50)
    url = libpq_conninfo(here.settings.database_url or "")
    figures = {}
    with psycopg.connect(url, autocommit=True) as ours, psycopg.connect(here.superuser, autocommit=True) as bare:
        people = make_patients(here.superuser, SMALL)
        charts = [one.patient_id for one in people if one.patient_id]
        make_visits(here.superuser, practice, charts[:MEASURED])
        analyze(here.superuser)
        own = [Reader(one.secret, one.patient_id) for one in people[:MEASURED] if one.patient_id]
        share_one_processor(ours, bare)
        figures["small_practice"] = compare(f"{SMALL} charts", ours, bare, own, pages)
        others = [one.patient_id for one in make_patients(here.superuser, LARGE - SMALL) if one.patient_id]
        make_visits(here.superuser, practice, others[:BUSY], after_days=2)
        cared = make_caregiver(here.superuser, charts[:CARED_FOR])
        analyze(here.superuser)
        figures["large_practice"] = compare(f"{LARGE:,} charts", ours, bare, own, pages)
        figures["caregiver_of_five"] = compare(f"a caregiver of {CARED_FOR} of them", ours, bare, cared, pages)
    return {"ratio_to_bare_query": max(figures.values())} | figures


def main() -> None:
    """Run the benchmark in an installation of its own."""
    parser = argparse.ArgumentParser(prog="./portal bench policy", description=__doc__)
    parser.add_argument("--pages", type=int, default=400, help="how often the page is opened in each round")
    given = parser.parse_args()
    with installation() as here:
        figures = measure(here, given.pages)
    report("policy", figures, BUDGETS)


if __name__ == "__main__":
    main()
