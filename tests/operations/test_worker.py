"""`./portal worker` as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
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


@pytest.fixture
def worker(settings: Settings, keys: None) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "PORTAL_MODE": "test",
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": settings.database_url or "",
        "PORTAL_SMTP_PORT": str(unused_port()),
    }
    with subprocess.Popen([sys.executable, "-m", "portal_app.cli", "worker"], env=environment) as process:
        yield process
        process.kill()


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
    assert await asyncio.to_thread(worker.wait, 10) == 0
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
