"""Rotating keys while people work, and when it is cut short."""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert

from portal_app.core import crypto
from portal_app.core.audit_seal import AuditKey
from portal_app.core.crypto import KeyRingFile
from portal_app.core.db import Database
from portal_app.features.access.tables import Person
from portal_app.operations import keys as operation
from portal_app.settings import Settings


async def people(database: Database, count: int) -> set[str]:
    emails = {f"{uuid4().hex}@example.test" for _ in range(count)}
    async with database.act_as_system("test") as tx:
        for email in emails:
            await tx.execute(insert(Person).values(id=uuid4(), display_name="x", email=email))
    return emails


async def stored(database: Database) -> Sequence[str]:
    async with database.act_as_system("test") as tx:
        return [row[0] for row in await tx.all("select email from person where email is not null")]


def key_ids(values: Sequence[str]) -> set[str]:
    return {value.split(":")[0] for value in values}


def opened(values: Sequence[str]) -> set[str]:
    return {crypto.decrypt(value) for value in values}


def test_the_key_for_notifications_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(mode="serve", data_dir=tmp_path)
    for said in ("Made", "is there already"):
        assert operation.main(settings, argparse.Namespace(action="push")) == 0
        assert said in capsys.readouterr().out
    assert settings.push_key_path.stat().st_mode & 0o077 == 0


def test_every_encrypted_column_is_found() -> None:
    found = {table.name: set(table.columns) for table in operation.encrypted_tables()}
    assert found["person"] == {"email", "phone"}
    assert found["outbox_message"] == {"content"}
    assert found["push_subscription"] == {"target"}
    assert found["stored_file"] == {"filename", "content_key"}


async def test_rotation_puts_every_value_under_a_fresh_key(database: Database, settings: Settings) -> None:
    emails = await people(database, 7)
    rotation = await asyncio.to_thread(operation.rotate, settings, batch=3)
    values = await stored(database)
    assert (key_ids(values), opened(values)) == ({"2"}, emails)
    assert (rotation.renewed, rotation.unreadable, rotation.retired) == (7, 0, 0)


async def test_rotation_is_on_record(database: Database, settings: Settings) -> None:
    await asyncio.to_thread(operation.rotate, settings, retire=True)
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select action, task from audit_event order by id")
    assert [tuple(row) for row in rows] == [("keys.rotate", "keys.rotate"), ("keys.retire", "keys.rotate")]


async def test_retiring_drops_the_older_keys_and_loses_nothing(database: Database, settings: Settings) -> None:
    emails = await people(database, 5)
    for key_id in (2, 3):
        assert (await asyncio.to_thread(operation.rotate, settings)).key_id == key_id
    rotation = await asyncio.to_thread(operation.rotate, settings, retire=True)
    ring = KeyRingFile(settings.key_path).current()
    assert ([key.id for key in ring.keys], rotation.retired) == ([4], 3)
    assert opened(await stored(database)) == emails


async def test_what_people_write_meanwhile_is_kept(database: Database, settings: Settings) -> None:
    await people(database, 60)
    done = asyncio.Event()
    # As the owner: the portal's own role changes nobody's address yet.
    writing = Database(settings.database_owner_url or "", pool=1)

    async def change_again_and_again() -> int:
        turn = 0
        while not done.is_set():
            turn += 1
            async with writing.act_as_system("test") as tx:
                await tx.execute(
                    Person.__table__.update().values(email=f"{turn}@example.test")  # type: ignore[attr-defined]
                )
        return turn

    changing = asyncio.create_task(change_again_and_again())
    await asyncio.to_thread(operation.rotate, settings, retire=True, batch=5)
    done.set()
    turns = await changing
    await writing.close()
    values = await stored(database)
    assert opened(values) == {f"{turns}@example.test"}
    assert key_ids(values) == {"2"}


async def test_a_slow_transaction_with_the_old_key_is_waited_for(database: Database, settings: Settings) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute(insert(Person).values(id=uuid4(), display_name="x", email="slow@example.test"))
        rotating = asyncio.create_task(asyncio.to_thread(operation.rotate, settings, retire=True))
        ring = KeyRingFile(settings.key_path)
        while ring.current().newest.id == 1:  # noqa: ASYNC110 - a file is watched
            await asyncio.sleep(0.01)
        assert not rotating.done()
    await rotating
    values = await stored(database)
    assert (key_ids(values), opened(values)) == ({"2"}, {"slow@example.test"})


KILLED = """
import sys
from portal_app.operations import keys
from portal_app.settings import get_settings
renew, seen = keys._renew_row, []
def renew_and_stop(*given):
    renew(*given)
    seen.append(given)
    if len(seen) == 7:
        print("in the middle", flush=True)
        sys.stdin.read()
keys._renew_row = renew_and_stop
keys.rotate(get_settings(), batch=3)
"""


async def test_a_rotation_killed_in_the_middle_is_finished_by_the_next(database: Database, settings: Settings) -> None:
    emails = await people(database, 10)
    environment = {
        **os.environ,
        "PORTAL_MODE": "test",
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": settings.database_url or "",
        "PORTAL_DATABASE_OWNER_URL": settings.database_owner_url or "",
    }
    with subprocess.Popen(  # noqa: ASYNC220 - it is killed before anything else happens
        [sys.executable, "-c", KILLED], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "in the middle\n"
        process.kill()
    values = await stored(database)
    assert (key_ids(values), opened(values)) == ({"1", "2"}, emails)
    rotation = await asyncio.to_thread(operation.rotate, settings, retire=True)
    values = await stored(database)
    assert (key_ids(values), opened(values)) == ({"2"}, emails)
    assert rotation.renewed == 4


async def test_a_value_no_key_opens_is_told_and_keeps_the_keys(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await people(database, 2)
    async with database.act_as_system("test") as tx:
        await tx.execute("insert into person (id, display_name, email) values (gen_random_uuid(), 'Maria', '1:gAAAA')")
    args = argparse.Namespace(action="rotate", retire=True)
    assert await asyncio.to_thread(operation.main, settings, args) == 1
    assert "1 values are still under older keys" in capsys.readouterr().err
    assert len(KeyRingFile(settings.key_path).current().keys) == 2


async def test_two_rotations_at_once_are_refused(database: Database, settings: Settings) -> None:
    with operation._owner(settings), pytest.raises(operation.RotationRefused, match="under way"):
        await asyncio.to_thread(operation.rotate, settings)


def test_keys_made_for_serving_are_not_a_demo_s(tmp_path: Path) -> None:
    settings = Settings(mode="serve", data_dir=tmp_path)
    args = argparse.Namespace(action="make")
    assert operation.main(settings, args) == 0
    before = settings.key_path.read_bytes()
    assert not crypto.load_key_ring(settings).demo
    assert not AuditKey.read(settings.audit_key_path).demo
    assert operation.main(settings, args) == 0
    assert settings.key_path.read_bytes() == before
