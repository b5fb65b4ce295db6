"""Find one among 100,000 patients, as the front desk does while somebody is on the telephone.

The service is measured whole: a transaction for the session, row-level security, the search, what it records, the
commit. The baseline is bare SQL that returns the same rows: no transaction, no row-level security, nothing recorded.
"""

import itertools
import random
import time
from datetime import date, timedelta
from statistics import median
from typing import Final
from uuid import uuid4

import psycopg

from bench._clinic import Installation, Person, analyze, sign_in
from bench._figures import spread, times
from bench.baselines import patient_search_sql
from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.patients import rules, service
from portal_app.operations.demo_names import NAMES, WEIGHTS

PATIENTS: Final = 100_000
ROUNDS: Final = 5
QUERIES: Final = ("garcia mar", "baker", "1964-05-01", "sokolova a", "fatima khatib", "nguyen h", "peña josé",
                  "王 秀英", "mary wh", "hughes 5/1/1964")  # fmt: skip


def make_charts(superuser: str) -> None:
    """Copy so many charts in, with names of ten languages; triggers add their words."""
    chance = random.Random(7)
    begin = date(1935, 1, 1)
    with (
        psycopg.connect(superuser) as connection,
        connection.cursor() as cursor,
        cursor.copy("copy patient (id, family_name, given_name, birth_date, language) from stdin") as copy,
    ):
        for language, givens, families in chance.choices(NAMES, WEIGHTS, k=PATIENTS):
            given = f"{chance.choice(givens.split())} {chance.choice(givens.split())}"
            born = begin + timedelta(days=chance.randrange(32_000))
            copy.write_row((uuid4(), chance.choice(families.split()), given, born, language))
    analyze(superuser)


def make_desk(superuser: str) -> Person:
    """Make somebody at the front desk, with a live session."""
    desk = Person(uuid4(), None, uuid4().hex)
    with psycopg.connect(superuser) as connection:
        connection.execute("insert into person (id, display_name) values (%s, 'Sam Reyes')", [desk.person_id])
        connection.execute(
            "insert into person_role (id, person_id, role) values (%s, %s, 'front_desk')", [uuid4(), desk.person_id]
        )
    sign_in(superuser, [desk])
    return desk


async def measure(here: Installation, database: Database) -> dict[str, float]:
    """Make the charts, look for each of `QUERIES` both ways in turn, and return the figure."""
    make_charts(here.superuser)
    desk = make_desk(here.superuser)
    ours: dict[str, list[float]] = {query: [] for query in QUERIES}
    theirs: dict[str, list[float]] = {query: [] for query in QUERIES}
    async with await psycopg.AsyncConnection.connect(here.superuser, autocommit=True) as connection:
        for number, query in itertools.product(range(ROUNDS + 1), QUERIES):
            wanted = await _wanted(connection, query)
            started = time.perf_counter()
            bare = await patient_search_sql.search(connection, wanted)
            between = time.perf_counter()
            async with database.act_as(desk.credential, "patients.find") as tx:
                found = await service.find_patients(tx, query)
            if number:  # the first round warms both up
                theirs[query].append(between - started)
                ours[query].append(time.perf_counter() - between)
            same = [one.id for one in found.patients]
            assert same == bare[: len(same)], f"the query finds others for {query!r}"
            assert found.is_more == (len(bare) > len(same))
    rounds = [
        sum(ours[query][n] for query in QUERIES) / sum(theirs[query][n] for query in QUERIES) for n in range(ROUNDS)
    ]
    every = [one for taken in ours.values() for one in taken]
    print(f"  {PATIENTS:,} charts, {len(QUERIES)} queries: service {times(every)}, longest {max(every) * 1000:.0f} ms")
    print(f"  one bare query: {times([one for taken in theirs.values() for one in taken])}; ratio: {spread(rounds)}")
    return {"patient_search_ratio_to_sql": median(rounds)}


async def _wanted(connection: "psycopg.AsyncConnection[tuple[object, ...]]", query: str) -> list[list[tuple[str, str]]]:
    """Return the words of a query as ranges, before the clock runs: the baseline is told what was typed."""
    asked = rules.asked(query, clock.now().date())
    rows = await (await connection.execute("select token, low, high from wanted_words(%s)", [asked.names])).fetchall()
    words: dict[object, list[tuple[str, str]]] = {}
    for token, low, high in rows:
        words.setdefault(token, []).append((str(low), str(high)))
    wanted = list(words.values())
    if asked.birth_dates:
        days = [f"@{day:%Y%m%d}" for day in asked.birth_dates]
        wanted.append([(day, f"{day}\x01") for day in days])
    return wanted
