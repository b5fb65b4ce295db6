"""`kill -9` before any statement of a reading.

One that is dangerous: the reading, its alert, the clock that escalates it, the message and both lines of the trail, or
nothing. One that is counted: its count and its line in the trail, or neither.
"""

import os
from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest

from portal_app.core.db import libpq_conninfo
from portal_app.features.vitals.service import NewReading
from portal_app.settings import Settings
from tests.conftest import Server
from tests.features.booking.killing import Mortal, mortal_process, until_nobody_acts
from tests.features.booking.world import as_superuser
from tests.features.vitals.conftest import AtHome
from tests.features.vitals.errand import CountReading, KeepReading
from tests.features.vitals.test_surplus import flood, surplus

STATEMENTS_MAX = 60


@pytest.fixture
def mortal(settings: Settings, keys: None) -> Iterator[Mortal]:
    ours = {"PORTAL_MODE": "test", "PORTAL_DATA_DIR": str(settings.data_dir)}
    environment = {**os.environ, **ours, "PORTAL_DATABASE_URL": settings.database_url or ""}
    with mortal_process("tests.features.vitals.errand", environment) as process:
        yield process


async def _written(home: AtHome) -> tuple[list[str], int]:
    """Return what was counted, and how many lines of the trail say so."""
    async with home.database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.roles', '{manager,system}', true)")
        told = await tx.scalar("select count(*) from audit_event where action = 'vitals.count'")
    return await surplus(home), told


async def test_a_process_killed_between_a_count_and_its_line_in_the_trail_leaves_both_or_neither(
    home: AtHome, mortal: Mortal, settings: Settings, server: Server
) -> None:
    await flood(home, "97")
    new = NewReading("oxygen", "%", Decimal(96), uuid4())
    superuser = libpq_conninfo(as_superuser(server, settings.database_url or ""))
    statement = 1
    while await mortal.killed(CountReading(home.patient.credential, new, statement)):
        await until_nobody_acts(superuser)
        assert await _written(home) == ([], 0), statement
        statement += 1
        assert statement < STATEMENTS_MAX
    assert statement > 3  # it was stopped before the count, after it, and before the trail

    # The last one was killed after its end: both stand, and sent again by the same key it is counted once
    assert await _written(home) == (["1: 96 to 96"], 1)
    assert not await mortal.killed(CountReading(home.patient.credential, new, STATEMENTS_MAX))
    assert await _written(home) == (["1: 96 to 96"], 1)


WRITTEN = """
select (select count(*) from reading) as readings,
  (select coalesce(sum(times), 0) from alert where closed_at is null) as told,
  (select count(*) from alert_event s join reading r on r.id = s.source_id) as raised_by,
  (select count(*) from procrastinate_jobs where task_name = 'alerts.escalate') as clocks,
  (select count(*) from procrastinate_jobs where task_name = 'alerts.tell') as told_jobs,
  (select count(*) from audit_event where action = 'vitals.log') as logged,
  (select count(*) from audit_event where action = 'alerts.raise') as raised
"""
NOTHING, EVERYTHING = (0,) * 7, (1,) * 7


def _all_written(superuser: str) -> tuple[int, ...]:
    with psycopg.connect(superuser) as connection:
        found = connection.execute(WRITTEN).fetchone()
    assert found
    return tuple(int(one) for one in found)


async def test_a_process_killed_between_a_dangerous_reading_and_its_alert_leaves_both_or_neither(
    home: AtHome, mortal: Mortal, settings: Settings, server: Server
) -> None:
    new = NewReading("glucose", "mg/dL", Decimal(49), uuid4())
    superuser = libpq_conninfo(as_superuser(server, settings.database_url or ""))
    statement = 1
    while await mortal.killed(KeepReading(home.patient.credential, new, statement)):
        await until_nobody_acts(superuser)
        assert _all_written(superuser) == NOTHING, statement
        statement += 1
        assert statement < STATEMENTS_MAX

    # The last one was killed after its commit: all of it stands, and a second tap by the same key changes nothing
    assert _all_written(superuser) == EVERYTHING
    assert not await mortal.killed(KeepReading(home.patient.credential, new, STATEMENTS_MAX))
    assert _all_written(superuser) == EVERYTHING
