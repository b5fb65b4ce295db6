"""`kill -9` before any statement of an act: all of it or nothing, and done again it is done once."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from uuid import uuid4

import psycopg
import pytest

from portal_app.core import jobs
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import PortalError
from portal_app.core.jobs import Workplace, enqueue
from portal_app.features.waiting import jobs as waiting_jobs
from portal_app.operations import worker
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic
from tests.features.booking.errand import ActInWorld
from tests.features.booking.killing import Mortal, mortal_process, until_nobody_acts
from tests.features.booking.practice_maker import PracticeMaker
from tests.features.booking.world import Act, World, as_superuser

MARIA, SAM = 0, 1
BOOK, ASK, OFFER = (Act(kind, MARIA, 0, 0) for kind in ("book", "ask", "offer"))
STATEMENTS_MAX = 60


@pytest.fixture
async def world(
    database: Database, clinic: Clinic, practice: PracticeMaker, settings: Settings, server: Server
) -> World:
    place = await practice.place(notice_h=0)
    patients = [await clinic.patient("Maria"), await clinic.patient("Sam")]
    superuser = libpq_conninfo(as_superuser(server, settings.database_url or ""))
    return World(database, superuser, patients, [place], await clinic.staff("front_desk"), move_key=uuid4())


def _worker(settings: Settings) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.core.sample_jobs", "before"], env=_environment(settings))


@pytest.fixture
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice dead workers at once."""
    for module, name, value in (
        (jobs, "HEARTBEAT_S", 0.2),
        (jobs, "STALLED_AFTER_S", 1.0),
        (worker, "RESCUE_EVERY_S", 0.1),
    ):
        monkeypatch.setattr(module, name, value)


def _environment(settings: Settings) -> dict[str, str]:
    ours = {"PORTAL_MODE": "test", "PORTAL_DATA_DIR": str(settings.data_dir)}
    return {**os.environ, **ours, "PORTAL_DATABASE_URL": settings.database_url or ""}


@pytest.fixture
def mortal(settings: Settings, keys: None) -> Iterator[Mortal]:
    with mortal_process("tests.features.booking.errand", _environment(settings)) as process:
        yield process


def _errand(world: World, act: Act, statement: int) -> ActInWorld:
    pieces = {one.name: getattr(world, one.name) for one in fields(World) if one.name != "database"}
    return ActInWorld(pieces, act, statement)


@pytest.mark.parametrize(
    ("act", "before"),
    [
        (BOOK, []),
        (Act("move", MARIA, 0, 2), [BOOK]),
        (Act("cancel", MARIA, 0, 0), [BOOK]),
        (OFFER, [ASK]),
        (Act("accept", MARIA, 0, 0), [Act("book", MARIA, 0, 2), Act("ask", MARIA, 0, 2), OFFER]),
        (Act("pass on", MARIA, 0, 0), [ASK, Act("ask", SAM, 0, 0), OFFER,
                                       Act("lapse", MARIA, 0, 0)]),
    ],
    ids=lambda given: given.kind if isinstance(given, Act) else "",
)  # fmt: skip
async def test_a_process_killed_in_the_middle_of_an_act_leaves_all_or_nothing(
    world: World, mortal: Mortal, act: Act, before: list[Act]
) -> None:
    for earlier in before:
        await world.do(earlier)
    start = await world.written()
    statement = 1
    while await mortal.killed(_errand(world, act, statement)):
        await until_nobody_acts(world.superuser)
        assert await world.broken_rules() == {}, statement
        assert await world.written() == start, statement
        statement += 1
        assert statement < STATEMENTS_MAX

    # The last one was killed after its end: all of it stands, and doing it again does nothing twice
    done = await world.written()
    assert done != start
    with suppress(PortalError):
        await world.do(act)
    assert await world.broken_rules() == {}
    assert await world.written() == done


@pytest.mark.usefixtures("_in_a_hurry")
async def test_a_worker_killed_in_the_middle_of_an_offer_has_offered_nothing_and_the_next_one_offers_once(
    world: World, settings: Settings
) -> None:
    await world.do(ASK)
    place = world.places[0]
    from_s = int(place.at(world.day, "09:00").timestamp())
    async with world.database.act_as_system("test") as tx:
        await enqueue(
            tx, waiting_jobs.offer_freed, practitioner_id=place.practitioner_id, location_id=place.location_id,
            from_s=from_s, until_s=from_s + 1800,
        )  # fmt: skip

    # A worker comes as far as the lock that keeps the time, and dies there
    async with await psycopg.AsyncConnection.connect(world.superuser, autocommit=True) as lock:
        await lock.execute("select pg_advisory_lock(uuid_hash_extended(%s, 0))", [place.practitioner_id])
        with _worker(settings) as process:
            waits = "select 1 from pg_locks where locktype = 'advisory' and not granted"
            while not await (await lock.execute(waits)).fetchone():  # noqa: ASYNC110 - the database is asked
                await asyncio.sleep(0.02)
            process.kill()
    await until_nobody_acts(world.superuser)
    assert (await world.offers(), await world.broken_rules()) == ([], {})

    # The next one finds the job, and offers
    working = asyncio.create_task(worker.work(Workplace(Database(settings.database_url or ""), settings)))
    while not await world.offers():  # noqa: ASYNC110 - the database is asked
        await asyncio.sleep(0.02)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert (await world.offers(), await world.broken_rules()) == (["open"], {})
