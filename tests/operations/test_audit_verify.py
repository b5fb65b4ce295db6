"""`./portal audit verify`: plain words and an exit code."""

import argparse
import asyncio

import psycopg
import pytest
from sqlalchemy.engine import make_url

from portal_app.core import audit
from portal_app.core.audit_seal import head_path, load_audit_key, seal_pending
from portal_app.core.db import Database, libpq_conninfo
from portal_app.operations import audit_verify
from portal_app.settings import Settings
from tests.conftest import Server
from tests.trail import verified_by_the_command


async def record(database: Database) -> None:
    async with database.act_as_system("test") as tx:
        await audit.record(tx, "a.b", patient_id=None, entity="Patient", entity_id=None)


async def verify(settings: Settings, *, accept_end: bool = False) -> int:
    args = argparse.Namespace(action="verify", accept_end=accept_end)
    return await asyncio.to_thread(audit_verify.main, settings, args)


async def test_a_sound_trail_and_its_unsealed_tail(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await record(database)
    await seal_pending(database, settings)
    await record(database)
    assert await verify(settings) == audit_verify.EXIT_SOUND
    said = capsys.readouterr().out
    assert "sound: 1 events under 1 seals" in said
    assert "1 events since" in said


async def test_the_very_command_of_an_operator_says_so_too(database: Database, settings: Settings) -> None:
    await record(database)
    await seal_pending(database, settings)
    said = await asyncio.to_thread(verified_by_the_command, settings)
    assert (said.returncode, said.stderr) == (audit_verify.EXIT_SOUND, "")
    assert "The audit trail is sound: 1 events under 1 seals" in said.stdout


async def test_a_harmed_trail(
    database: Database, settings: Settings, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    await record(database)
    await seal_pending(database, settings)
    name = make_url(settings.database_url or "").database or ""
    with psycopg.connect(libpq_conninfo(server.url(server.superuser, name)), autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")
        superuser.execute("update audit_event set action = 'c.d'")
    assert await verify(settings) == audit_verify.EXIT_HARMED
    assert "Event 1 (seal 1) was changed after it was sealed." in capsys.readouterr().out


async def test_without_the_key_nothing_can_be_said(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verify(settings) == audit_verify.EXIT_UNKNOWN
    assert "cannot be checked: no key file at" in capsys.readouterr().err


async def test_a_lost_note_of_the_end_can_be_accepted_by_hand(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await record(database)
    await seal_pending(database, settings)
    head_path(settings).unlink()
    assert await verify(settings) == audit_verify.EXIT_HARMED
    assert "no note of the last seal" in capsys.readouterr().out
    assert await verify(settings, accept_end=True) == audit_verify.EXIT_SOUND
    assert await verify(settings) == audit_verify.EXIT_SOUND


async def test_an_empty_trail_is_sound(database: Database, settings: Settings) -> None:
    load_audit_key(settings)
    assert await verify(settings) == audit_verify.EXIT_SOUND
