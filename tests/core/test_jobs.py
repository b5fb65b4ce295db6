"""Jobs: enqueued with the act, done once, whoever dies."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from portal_app import wiring
from portal_app.core import clock, jobs, policy
from portal_app.core.actor import Role
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.jobs import Workplace, enqueue
from portal_app.operations import worker
from portal_app.settings import Settings
from tests.core import sample_jobs

pytestmark = pytest.mark.usefixtures("in_a_hurry")


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (jobs, "HEARTBEAT_S", 0.2),
        (jobs, "STALLED_AFTER_S", 1.0),
        (worker, "RESCUE_EVERY_S", 0.1),
        (worker, "AWAY_WAIT_S", 0.1),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.fixture
async def running(settings: Settings, keys: None) -> AsyncIterator[None]:
    """Run a worker in this process."""
    database = Database(settings.database_url or "", pool=5)
    working = asyncio.create_task(worker.work(Workplace(database, settings)))
    yield
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(90):
        while not await is_so():  # noqa: ASYNC110 - the database is asked; it has no event to wait on
            await asyncio.sleep(0.02)


async def marks(database: Database, mark_id: UUID) -> int:
    async with database.act_as_system("test") as tx:
        return int(await tx.scalar("select count(*) from audit_event where entity_id = :id", {"id": mark_id}))


async def waiting(database: Database) -> int:
    async with database.act_as_system("test") as tx:
        return int(await tx.scalar("select count(*) from procrastinate_jobs where task_name like 'test.%'"))


async def add(database: Database, task: jobs.JobTask, mark_id: UUID) -> None:
    async with database.act_as_system("test") as tx:
        await enqueue(tx, task, mark_id=mark_id)


@pytest.mark.parametrize("task", [sample_jobs.mark, sample_jobs.long_mark])
async def test_a_job_is_done_and_leaves_the_queue(database: Database, running: None, task: jobs.JobTask) -> None:
    mark_id = uuid4()
    await add(database, task, mark_id)

    async def is_done() -> bool:
        return await waiting(database) == 0

    await eventually(is_done)
    assert await marks(database, mark_id) == 1


async def test_an_act_that_rolls_back_leaves_no_job(database: Database) -> None:
    async def fail_after_enqueueing() -> None:
        async with database.act_as_system("test") as tx:
            await enqueue(tx, sample_jobs.mark, mark_id=uuid4())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_enqueueing()
    assert await waiting(database) == 0


@pytest.mark.parametrize("said", ["Maria Alvarez", "555-0100", ""])
async def test_a_job_takes_ids_only(database: Database, said: str) -> None:
    async with database.act_as_system("test") as tx:
        with pytest.raises(ValueError, match="is an id"):
            await enqueue(tx, sample_jobs.mark, mark_id=said)


async def test_a_job_for_later_waits(database: Database, running: None) -> None:
    later, now = uuid4(), uuid4()
    async with database.act_as_system("test") as tx:
        await enqueue(tx, sample_jobs.mark, run_at=clock.now() + timedelta(hours=1), mark_id=later)
        await enqueue(tx, sample_jobs.mark, mark_id=now)

    async def is_done() -> bool:
        return await marks(database, now) == 1

    await eventually(is_done)
    assert await marks(database, later) == 0


async def test_a_job_whose_policy_does_not_name_the_system_does_nothing(database: Database, running: None) -> None:
    mark_id = uuid4()
    await add(database, sample_jobs.forbidden, mark_id)

    async def was_refused() -> bool:
        async with database.act_as_system("test") as tx:
            return bool(await tx.scalar("select count(*) from procrastinate_jobs where attempts > 0"))

    await eventually(was_refused)
    assert await marks(database, mark_id) == 0


@pytest.fixture
def killed(request: pytest.FixtureRequest, settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Start a worker that stops in the middle of a job; the test kills it there."""
    environment = {
        **os.environ,
        "PORTAL_MODE": "test",
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": settings.database_url or "",
    }
    command = [sys.executable, "-m", "tests.core.sample_jobs", request.param]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("killed", ["before", "after"], indirect=True)
async def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(
    database: Database, settings: Settings, killed: subprocess.Popen[str], request: pytest.FixtureRequest
) -> None:
    mark_id = uuid4()
    await add(database, sample_jobs.mark, mark_id)
    assert killed.stdout is not None
    assert await asyncio.to_thread(killed.stdout.readline) == "in the middle\n"
    killed.kill()
    request.getfixturevalue("keys")
    working = asyncio.create_task(worker.work(Workplace(Database(settings.database_url or ""), settings)))

    async def is_done() -> bool:
        return await waiting(database) == 0

    await eventually(is_done)
    assert await marks(database, mark_id) == 1
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def test_a_worker_outlives_its_connections(database: Database, settings: Settings, running: None) -> None:
    first, second = uuid4(), uuid4()
    await add(database, sample_jobs.mark, first)

    async def is_first_done() -> bool:
        return await marks(database, first) == 1

    await eventually(is_first_done)
    with psycopg.connect(libpq_conninfo(settings.database_url or ""), autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    await database.close()
    await add(database, sample_jobs.mark, second)

    async def is_second_done() -> bool:
        return await marks(database, second) == 1

    await eventually(is_second_done)


async def test_a_worker_ends_though_its_first_cancellation_is_lost(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, lost = asyncio.Event(), asyncio.Event()

    async def deaf(*_: object) -> None:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        lost.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(worker, "_work_once", deaf)
    monkeypatch.setattr(worker, "AGAIN_S", 0.1)
    working = asyncio.create_task(worker.work(Workplace(database, settings)))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert lost.is_set()


async def test_a_job_that_kills_its_workers_is_set_aside(database: Database, running: None) -> None:
    async with database.act_as_system("test") as tx:
        await enqueue(tx, sample_jobs.mark, run_at=clock.now() + timedelta(hours=1), mark_id=uuid4())
        await tx.flush()
        await tx.execute("update procrastinate_jobs set status = 'doing', attempts = 10")

    async def is_aside() -> bool:
        async with database.act_as_system("test") as tx:
            return bool(await tx.scalar("select count(*) from procrastinate_jobs where status = 'failed'"))

    await eventually(is_aside)


async def test_the_sweep_forgets_what_is_long_over(database: Database) -> None:
    for _ in range(2):
        await add(database, sample_jobs.mark, uuid4())
    async with database.act_as_system("test") as tx:
        await tx.execute("update procrastinate_jobs set status = 'failed'")
        await tx.execute(
            "update procrastinate_events set at = at - interval '31 days'"
            " where job_id = (select min(id) from procrastinate_jobs)"
        )
        await tx.execute("insert into finished_job values (1, now() - interval '8 days'), (2, now())")
        assert await jobs.sweep(tx) == 2
        assert await tx.scalar("select count(*) from procrastinate_jobs where task_name = 'test.mark'") == 1
        assert await tx.scalar("select job_id from finished_job") == 2


def test_every_job_names_a_policy_that_lets_the_system() -> None:
    wiring.load_features("policies")
    wiring.load_features("jobs")
    for name, named in jobs.all_jobs().items():
        if name != "test.forbidden":
            assert Role.system in policy.get(named).roles, name


def test_the_copied_schema_is_the_library_s() -> None:
    copied = (Path(__file__).parents[2] / "alembic" / "sql" / "procrastinate-3.10.sql").read_text()
    assert copied.endswith(SchemaManager.get_schema())
