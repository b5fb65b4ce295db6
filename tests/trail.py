"""The audit trail after everything that the tests of one server did to it."""

import asyncio
import subprocess
import sys

import psycopg

from portal_app.core import audit, crypto
from portal_app.core.audit_check import AuditReport
from portal_app.core.audit_seal import seal_pending
from portal_app.core.db import Database, libpq_conninfo
from portal_app.operations import audit_verify
from portal_app.operations.places import CHECKOUT, Places
from portal_app.operations.web_server import process_environment
from portal_app.settings import Settings
from tests.conftest import Server

LAST = "test.end_of_the_run"


def assert_intact(settings: Settings, server: Server) -> None:
    """Seal what is left and check the whole trail: every event there is lies under a seal, and none was harmed.

    What the command of an operator says of it is asked as well.
    """
    crypto.load_key_ring(settings)
    report = asyncio.run(_sealed(settings))
    assert report.findings == []
    assert (report.unsealed_events, report.sealed_events) == (0, _events(settings, server))
    assert report.sealed_events > 0
    said = verified_by_the_command(settings)
    assert said.returncode == 0, said.stdout + said.stderr


async def _sealed(settings: Settings) -> AuditReport:
    database = Database(settings.database_url or "", pool=1)
    async with database.act_as_system("test") as tx:
        await audit.record(tx, LAST, patient_id=None, entity="Patient", entity_id=None)
    await seal_pending(database, settings)
    await database.close()
    return await audit_verify.verify(settings)


def _events(settings: Settings, server: Server) -> int:
    name = (settings.database_url or "").partition("?")[0].rsplit("/", 1)[1]
    with psycopg.connect(libpq_conninfo(server.url(server.superuser, name))) as connection:
        row = connection.execute("select count(*) from audit_event").fetchone()
    assert row
    return int(row[0])


def verified_by_the_command(settings: Settings) -> subprocess.CompletedProcess[str]:
    """Run the very command of an operator on these settings."""
    command = [sys.executable, "-m", "portal_app.cli", "audit", "verify"]
    environment = process_environment(settings, Places.from_environment())
    return subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
