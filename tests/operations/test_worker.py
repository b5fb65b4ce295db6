"""`./portal worker` as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import insert

from portal_app.core import audit
from portal_app.core.db import Database
from portal_app.features.access.tables import Person
from portal_app.features.notify.service import enqueue_message
from portal_app.operations.audit_verify import verify
from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.conftest import Server

STUBBORN = """
import asyncio, os, signal, sys, time
from portal_app.operations import worker
from portal_app.settings import Settings

async def ignore(times):
    for _ in range(times):
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            pass

async def work(workplace):
    global left
    left = asyncio.create_task(ignore(int(sys.argv[1])), name="a job that stays")
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    try:
        await asyncio.sleep(600)
    finally:
        time.sleep(600 if sys.argv[2] == "blocks" else 0)

worker.work = work
worker.GIVE_UP_S = float(sys.argv[3])
sys.exit(worker.main(Settings()))
"""
"""A worker in which something is asked to end, and does not hear it so many times, or stops the loop itself."""


@contextmanager
def work(settings: Settings, database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "PORTAL_MODE": "test",
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_SMTP_PORT": str(unused_port()),
    }
    with subprocess.Popen([sys.executable, "-m", "portal_app.cli", "worker"], env=environment) as process:
        yield process
        process.kill()


@pytest.fixture
def worker(settings: Settings, keys: None) -> Iterator[subprocess.Popen[bytes]]:
    with work(settings, settings.database_url or "") as process:
        yield process


async def test_it_seals_the_trail_by_itself_and_stops_when_asked(
    database: Database, settings: Settings, worker: subprocess.Popen[bytes]
) -> None:
    async with database.act_as_system("test") as tx:
        await audit.record(tx, "a.b", patient_id=None, entity="Patient", entity_id=None)

    async def seals() -> int:
        async with database.act_as_system("test") as tx:
            return int(await tx.scalar("select count(*) from audit_seal"))

    async with asyncio.timeout(60):
        while not await seals():  # noqa: ASYNC110 - the database is asked; it has no event to wait on
            await asyncio.sleep(0.1)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 60) == 0
    report = await verify(settings)
    assert (report.findings, report.sealed_events) == ([], 1)


async def test_a_message_waits_for_a_mail_system_that_is_away(
    database: Database, settings: Settings, worker: subprocess.Popen[bytes]
) -> None:
    person_id = uuid4()
    async with database.act_as_system("test") as tx:
        await tx.execute(insert(Person).values(id=person_id, display_name="x", email="ana@example.test"))
        await enqueue_message(tx, person_id, "sign_in_code", "code:1", {"code": "042917"})

    async def state() -> tuple[str, str | None]:
        async with database.act_as_system("test") as tx:
            row = await tx.one("select status, last_error from outbox_message")
            return row.status, row.last_error

    async with asyncio.timeout(60):
        while await state() != ("queued", "mail_away"):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.1)
    assert worker.poll() is None


async def test_it_stops_when_asked_even_while_its_database_is_gone(
    server: Server, template: str, settings: Settings, keys: None
) -> None:
    name = f"test_{uuid4().hex[:12]}"
    server.run(f"create database {name} template {template} owner portal_owner strategy file_copy")
    url = server.url(server.app, name)
    with work(settings, url) as process:
        database = Database(url, pool=1)

        async def is_working() -> bool:
            async with database.act_as_system("test") as tx:
                return bool(await tx.scalar("select count(*) from procrastinate_workers"))

        async with asyncio.timeout(60):
            while not await is_working():  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.1)
        await database.close()
        server.run(f"drop database {name} with (force)")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 60) == 0


@pytest.mark.parametrize(("deaf_times", "then", "code"), [(3, "waits", 0), (10_000, "waits", 1), (1, "blocks", 1)])
def test_what_does_not_hear_that_it_is_to_end_is_asked_again_and_left_in_the_end(
    settings: Settings, keys: None, deaf_times: int, then: str, code: int
) -> None:
    environment = {
        **os.environ,
        "PORTAL_MODE": "test",
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": settings.database_url or "",
    }
    limit_s = "60" if code == 0 else "2"
    command = [sys.executable, "-c", STUBBORN, str(deaf_times), then, limit_s]
    ended = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    said = ended.stdout + ended.stderr
    assert ended.returncode == code, said
    assert ("a job that stays: ignore" in said) is (code == 1 and then == "waits")
    assert ("Timeout (" in said) is (code == 1)
