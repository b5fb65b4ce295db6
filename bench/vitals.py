"""Measure readings from home under load: a year's chart, and readings of 2,000 people at once that all reach somebody.

Ten million readings of 5,000 people are made in the database. Then one year of one measure as the page asks for it,
beside bare SQL that returns the same rows, and the panel of a nurse who watches 500 of them, beside bare SQL for the
same. Then 2,000 readings at once, one in ten of them dangerous and one in seven
sent twice, from a process of their own, while 100 people browse: what was lost, doubled or not told is counted in the
tables, and browsing is compared with the same browsing before.

Run it with `./portal bench vitals`. `--people` and `--each` make fewer; `observations` in the last line says how many
there were. `--small` makes 1.2 million readings of 600 people. `--page` only opens the page of somebody's year of 2,000
readings, as a phone does (`bench/_chart_page.py`); without it that comes last.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Final
from uuid import UUID, uuid4, uuid5

import psycopg

from bench._chart_page import BUDGETS as CHART_PAGE
from bench._chart_page import READINGS, chart_page, chart_person
from bench._clinic import Installation, Person, analyze, installation, make_patients, require_fsync, sign_in
from bench._figures import Budget, percentile, report, spread, times
from bench.baselines import panel_sql, readings_sql
from portal_app import wiring
from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import NewReading
from portal_app.operations.places import CHECKOUT
from portal_app.operations.web_server import settings_environment
from portal_app.settings import Settings

AT_ONCE, BROWSING, ABREAST, ROUNDS, CHARTS, PANEL, PANELS = 2_000, 100, 8, 5, 20, 500, 4
MEASURES: Final = ("blood_pressure", "pulse", "weight", "oxygen")
THINKS_S: Final = 1.0
SEED: Final = UUID("7a0d6f0e-40b4-4f0e-9a53-0c1f1a6a1f11")
BUDGETS = {
    "chart_ratio_to_sql": Budget("<=", 3),
    "panel_ratio_to_sql": Budget("<=", 3),
    "lost": Budget("==", 0),
    "doubled": Budget("==", 0),
    "unalerted": Budget("==", 0),
    "browse_ratio_under_load": Budget("<=", 2),
    **CHART_PAGE,
}
FILL: Final = """
insert into reading (id, patient_id, measure, unit, value, pair, taken_at, zone, entered_by, entered_at, request_key,
  finding, protocol, severity)
select gen_random_uuid(), p.patient_id, m.measure, m.unit, m.least + (n * 7 + m.least) %% m.span,
  case when m.measure = 'blood_pressure' then 70 + n %% 15 end, now() - make_interval(mins => n * 525600 / %(each)s),
  'America/New_York', p.person_id, now() - interval '1 day', gen_random_uuid(), 'within', '', ''
from unnest(%(patients)s::uuid[], %(people)s::uuid[]) p (patient_id, person_id)
cross join (values ('blood_pressure', 'mm[Hg]', 110, 20), ('pulse', '/min', 60, 25), ('weight', 'kg', 70, 3),
  ('oxygen', '%%', 95, 5)) m (measure, unit, least, span)
cross join generate_series(1, %(each)s) n
"""

WATCHED: Final = """
insert into care_plan (id, patient_id, measure, times_a_day, begins_on, until_on, set_by, set_by_name, set_at,
  request_key)
select gen_random_uuid(), p, 'blood_pressure', 2, current_date - 10, current_date + 20, %(nurse)s, 'Noor Haddad', now(),
  gen_random_uuid()
from unnest(%(patients)s::uuid[]) p
"""
TREATED: Final = """
insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)
select %(nurse)s, p, '{vitals}', '{view,act}', 'R', 1, 'care_team' from unnest(%(patients)s::uuid[]) p
"""


def fill(superuser: str, people: Sequence[Person], each: int) -> None:
    """Make so many readings of each measure for everybody, over a year; what triggers would tell has no listener."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("update session set assurance = 2")  # readings want a second proof
        connection.execute("set session_replication_role = replica")
        for some in _batches(people, 250):
            given = {
                "patients": [one.patient_id for one in some], "people": [one.person_id for one in some], "each": each,
            }  # fmt: skip
            connection.execute(FILL, given)
    analyze(superuser)


def watch(superuser: str, people: Sequence[Person]) -> Person:
    """Make a nurse who treats all of these; each has a plan, and one in ten an open alert."""
    nurse = Person(uuid4(), None, uuid4().hex)
    patients = [one.patient_id for one in people]
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # the plans are in her name, and nobody acts here
        connection.execute("insert into person (id, display_name) values (%s, 'Noor Haddad')", [nurse.person_id])
        connection.execute(
            "insert into person_role (id, person_id, role) values (gen_random_uuid(), %s, 'nurse')", [nurse.person_id]
        )
        for statement in (WATCHED, TREATED):
            connection.execute(statement, {"nurse": nurse.person_id, "patients": patients})
    sign_in(superuser, [nurse])
    return nurse


async def alert_some(database: Database, people: Sequence[Person]) -> None:
    """Have one in ten of them enter something that is told."""
    for one in people[::10]:
        async with database.act_as(one.credential, "vitals.log") as tx:
            await vitals.log_reading(tx, NewReading("oxygen", "%", Decimal(91), uuid4()))


def _batches(people: Sequence[Person], size: int) -> list[Sequence[Person]]:
    return [people[n : n + size] for n in range(0, len(people), size)]


async def chart(here: Installation, database: Database, people: Sequence[Person]) -> float:
    """Return how much longer the page's year of one measure takes than bare SQL for the same rows."""
    since = clock.now() - timedelta(days=366)
    ours: list[list[float]] = [[] for _ in range(ROUNDS + 1)]
    theirs: list[list[float]] = [[] for _ in range(ROUNDS + 1)]
    rows = 0
    async with await psycopg.AsyncConnection.connect(here.superuser, autocommit=True) as connection:
        for number, one in itertools.product(range(ROUNDS + 1), random.Random(3).sample(list(people), CHARTS)):
            assert one.patient_id
            started = time.perf_counter()
            bare = await readings_sql.read(connection, one.patient_id, "blood_pressure", since)
            between = time.perf_counter()
            async with database.act_as(one.credential, "vitals.see") as tx:
                _, found, _ = await vitals.look_back(tx, "blood_pressure", since=since, is_repeated=True)
            ours[number].append(time.perf_counter() - between)
            theirs[number].append(between - started)
            rows = len(bare)
            assert [row[0] for row in bare] == [row.id for row in found]
    ratios = [sum(mine) / sum(bare_) for mine, bare_ in zip(ours[1:], theirs[1:], strict=True)]
    every, all_bare = [one for some in ours[1:] for one in some], [one for some in theirs[1:] for one in some]
    print(f"  a year's chart of {rows:,} readings: {times(every)}; bare: {times(all_bare)}; {spread(ratios)}")
    return median(ratios)


async def panel(here: Installation, database: Database, nurse: Person) -> float:
    """Return how much longer the panel of a nurse takes than bare SQL for the same rows, all of them and a page."""
    ratios: dict[int, list[float]] = {PANEL: [], vitals.PANEL_PAGE: []}
    async with await psycopg.AsyncConnection.connect(here.superuser, autocommit=True) as connection:
        for most, found_ratios in ratios.items():
            every: list[float] = []
            all_bare: list[float] = []
            for _ in range((ROUNDS + 1) * PANELS):
                now, started = clock.now(), time.perf_counter()
                bare = await panel_sql.read(connection, now, most)
                between = time.perf_counter()
                async with database.act_as(nurse.credential, "vitals.watch") as tx:
                    found = await vitals.panel(tx, most=most, is_repeated=True)
                every.append(time.perf_counter() - between)
                all_bare.append(between - started)
                assert [row[0] for row in bare] == [one.patient_id for one in found]
                assert len(found) == most
            for n in range(PANELS, len(every), PANELS):  # the first round warms up
                found_ratios.append(sum(every[n : n + PANELS]) / sum(all_bare[n : n + PANELS]))
            said = f"{times(every[PANELS:])}; bare: {times(all_bare[PANELS:])}; {spread(found_ratios)}"
            print(f"  {most} of a panel of {PANEL}: {said}", flush=True)
    return median(ratios[PANEL])


async def browse(database: Database, people: Sequence[Person], until: asyncio.Event | None, least: int) -> list[float]:
    """Let everybody look at their last readings again and again, with a pause, so often and until it is over."""

    async def one(who: Person, chance: random.Random) -> list[float]:
        taken: list[float] = []
        await asyncio.sleep(chance.random() * THINKS_S)
        while len(taken) < least or (until is not None and not until.is_set()):
            started = time.perf_counter()
            async with database.act_as(who.credential, "vitals.see") as tx:
                await vitals.last_readings(tx)
            taken.append(time.perf_counter() - started)
            await asyncio.sleep(THINKS_S)
        return taken

    found = await asyncio.gather(*(one(who, random.Random(n)) for n, who in enumerate(people)))
    return [one for some in found for one in some]


def readings_of(count: int) -> list[tuple[int, NewReading]]:
    """Return whose readings are sent, in the order of sending: one in ten dangerous, one in seven twice."""
    made = []
    for n in range(count):
        new = NewReading("oxygen", "%", Decimal(88 if n % 10 == 0 else 97), uuid5(SEED, str(n)))
        made += [(n, new)] * (2 if n % 7 == 0 else 1)
    random.Random(4).shuffle(made)
    return made


async def send(database: Database, people: Sequence[Person]) -> list[float]:
    """Log everything at once, so many abreast as a web process lets in; return how long the dangerous ones took."""
    gate = asyncio.Semaphore(ABREAST)
    told: list[float] = []

    async def one(who: Person, new: NewReading) -> None:
        async with gate:
            begun = time.perf_counter()
            async with database.act_as(who.credential, "vitals.log", lane=vitals.LANE) as tx:
                kept = await vitals.log_reading(tx, new)
            if kept.severity:  # by now the alert is committed too
                told.append(time.perf_counter() - begun)

    await asyncio.gather(*(one(people[n % len(people)], new) for n, new in readings_of(AT_ONCE)))
    return told


async def storm(here: Installation, database: Database, people: Sequence[Person]) -> dict[str, float]:
    """Let 100 browse in quiet, then while 2,000 readings come at once; return how that went."""
    browsing, sending = people[-BROWSING:], people[: min(AT_ONCE, len(people) - BROWSING)]
    quiet = await browse(database, browsing, None, 6)
    over = asyncio.Event()
    environment = {**os.environ, **settings_environment(here.settings), "PYTHONPATH": str(CHECKOUT)}
    given = json.dumps([[str(one.person_id), str(one.patient_id), one.secret] for one in sending]).encode()
    began = clock.now()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.vitals", "--send", env=environment, cwd=CHECKOUT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    watching = asyncio.create_task(browse(database, browsing, over, 1))
    said, _ = await process.communicate(given)
    over.set()
    loaded = await watching
    told: list[float] = json.loads(said)
    took = (clock.now() - began).total_seconds()
    print(f"  {AT_ONCE:,} readings in {took:.1f} s; dangerous ones told: {times(told)}")
    print(f"  browsing in quiet: {times(quiet)}; under load: {times(loaded)}")
    return {
        **count(here.superuser), "browse_ratio_under_load": percentile(loaded, 95) / percentile(quiet, 95),
        "log_to_alert_p95_ms": percentile(told, 95) * 1000,
    }  # fmt: skip


def count(superuser: str) -> dict[str, float]:
    """Return how many readings are not there, how many are there twice, and how many dangerous ones nobody was told."""
    keys = [new.request_key for _, new in readings_of(AT_ONCE)]
    query = """
    select count(distinct request_key), count(*), count(*) filter (where severity <> '' and not exists (
      select from alert_event e where e.source_id = r.id)), count(*) filter (where severity <> '')
    from reading r where request_key = any(%s)
    """
    with psycopg.connect(superuser) as connection:
        row = connection.execute(query, [keys]).fetchone()
    assert row
    different, rows, untold, dangerous = row
    wanted = sum(new.value < 90 for new in {new.request_key: new for _, new in readings_of(AT_ONCE)}.values())
    return {"lost": AT_ONCE - different, "doubled": rows - different, "unalerted": untold + max(0, wanted - dangerous)}


async def measure(here: Installation, people: int, each: int) -> dict[str, float]:
    """Make everything, and return the figures."""
    begun = time.perf_counter()
    found = make_patients(here.superuser, people)
    fill(here.superuser, found, each)
    made = people * each * len(MEASURES)
    nurse = watch(here.superuser, found[:PANEL])
    print(f"  {made:,} readings of {people:,} people made in {time.perf_counter() - begun:.0f} s", flush=True)
    database = wiring.open_portal(here.settings)
    try:
        await alert_some(database, found[:PANEL])
        analyze(here.superuser)
        return {
            "observations": made, "chart_ratio_to_sql": await chart(here, database, found),
            "panel_ratio_to_sql": await panel(here, database, nurse), **await storm(here, database, found),
        }  # fmt: skip
    finally:
        await database.close()


def page(here: Installation) -> dict[str, float]:
    """Give somebody a year of readings, and return what the page of one measure weighs and when it is drawn."""
    person = chart_person(here)
    fill(here.superuser, [person], READINGS)
    return chart_page(here, person)


async def _send_given() -> None:
    given = json.loads(sys.stdin.read())
    people = [Person(UUID(person), UUID(patient), secret) for person, patient, secret in given]
    database = wiring.open_portal(Settings())
    try:
        print(json.dumps(await send(database, people)))
    finally:
        await database.close()


def main() -> None:
    """Run the bench, or be the process that sends."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--small", action="store_true", help="1.2 million readings of 600 people")
    asked.add_argument("--people", type=int, default=5_000, help=f"so many people; more than {PANEL}")
    asked.add_argument("--each", type=int, default=500, help="so many readings of each of four measures, over a year")
    asked.add_argument("--page", action="store_true", help="only the page of a year's chart")
    asked.add_argument("--send", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.send:
        asyncio.run(_send_given())
        return
    people, each = (600, 500) if given.small else (max(given.people, PANEL + BROWSING), given.each)
    with installation() as here:
        print(require_fsync(here.superuser))
        figures = {} if given.page else asyncio.run(measure(here, people, each))
        print(f"  so far: {json.dumps(figures)}", flush=True)  # the page comes last, in programs of others
        figures |= page(here)
    report("vitals", figures, BUDGETS)


if __name__ == "__main__":
    main()
