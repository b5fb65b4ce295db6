"""One file out, the same portal back."""

import argparse
import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from portal_app import wiring
from portal_app.core import audit, crypto, policy
from portal_app.core.actor import Role, Section
from portal_app.core.audit_seal import seal_pending
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.core.files import CleanContent, open_file, save_file
from portal_app.features.access import service as access
from portal_app.features.notify.service import enqueue_message
from portal_app.operations import audit_verify, backup, dump, keys, restore
from portal_app.operations.backup import BackupRefused, make_backup
from portal_app.operations.restore import RestoreRefused, restore_backup
from portal_app.operations.sealed_file import NotABackup
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.sent_files import paper

wiring.load_features("policies")
policy.register("test.anything", set(Role))
PASSPHRASE = "correct horse battery staple"
PDF = paper()


@pytest.fixture
async def maria(database: Database, clinic: Clinic, settings: Settings) -> Someone:
    """Make a small clinic with something of each kind in it."""
    maria = await clinic.patient()
    for number in range(5):
        await clinic.patient("Omar", f"Haddad {number}")

    async with database.act_as(maria.credential, "test.anything") as tx:
        view = await save_file(
            tx,
            settings,
            CleanContent("application/pdf", PDF),
            filename="card.pdf",
            section=Section.forms,
            patient_id=maria.patient_id,
        )
        await audit.record(tx, "test.save", patient_id=maria.patient_id, entity="Media", entity_id=view.id)
        await enqueue_message(tx, maria.person_id, "sign_in_code", "code:1", {"code": "042917"})
    await seal_pending(database, settings)
    return maria


@pytest.fixture
def elsewhere(server: Server, tmp_path: Path) -> Iterator[Settings]:
    """Give an empty installation."""
    name = f"test_{uuid4().hex[:12]}"
    server.run(f"create database {name} owner portal_owner")
    yield Settings(
        mode="test",
        data_dir=tmp_path / "elsewhere",
        database_url=server.url(server.app, name),
        database_owner_url=server.url(server.owner, name),
    )
    server.run(f"drop database {name} with (force)")


def figures_of(settings: Settings) -> dict[str, dump.Figures]:
    with psycopg.connect(dump.owner_conninfo(settings)) as connection:
        connection.execute("call allow_maintenance()")
        connection.execute("set portal.maintenance = 'test'")
        connection.execute("set timezone = 'UTC'")
        return dict(dump.figures(connection))


async def test_everything_comes_back_the_same(
    maria: Someone, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    before = figures_of(settings)
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    await asyncio.to_thread(restore_backup, elsewhere, tmp_path / "b", PASSPHRASE)
    after = figures_of(elsewhere)
    assert before["patient"].rows == 6
    assert {name for name in before if before[name] != after[name]} == {"audit_event", "session", "outbox_message"}
    assert after["session"].rows == before["session"].rows  # ended, not gone
    assert after["outbox_message"].rows == before["outbox_message"].rows - 1  # a code that no longer works
    assert after["audit_event"].rows == before["audit_event"].rows + 1  # that it was restored is on record


async def test_people_files_and_seals_work_after_a_restore(
    maria: Someone, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    await asyncio.to_thread(restore_backup, elsewhere, tmp_path / "b", PASSPHRASE)
    restored = Database(elsewhere.database_url or "")
    maria = await Clinic(restored).sign_in_again(maria)
    async with restored.act_as(maria.credential, "test.anything") as tx:
        assert await tx.scalar("select count(*) from patient") == 1
        email = await tx.scalar("select email from person where id = :id", {"id": maria.person_id})
        file_id: UUID = await tx.scalar("select id from stored_file")
        opened = await open_file(tx, elsewhere, file_id)
    assert crypto.decrypt(email) == maria.email
    assert b"".join([part async for part in opened.parts()]) == PDF
    assert await seal_pending(restored, elsewhere) > 0
    report = await audit_verify.verify(elsewhere)
    assert (report.findings, report.unsealed_events) == ([], 0)
    await restored.close()


async def test_a_restore_revives_no_session_and_no_code(
    maria: Someone, settings: Settings, elsewhere: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(settings.database_url or "")
    async with database.act_as_visitor("anon-phone", "access.ask_code") as tx:
        await access.ask_for_code(tx, maria.email, "anon-phone", "en")
    await database.close()
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    given = argparse.Namespace(file=tmp_path / "b", passphrase_file=tmp_path / "passphrase")
    assert await asyncio.to_thread(restore.main, elsewhere, given) == 0
    assert "signed out (6 sessions ended)" in capsys.readouterr().out
    restored = Database(elsewhere.database_url or "")
    with pytest.raises(NotSignedIn):
        async with restored.act_as(maria.credential, "test.anything"):
            pass
    async with restored.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from sign_in_code") == 0
    await restored.close()


async def test_the_rules_of_the_database_come_back_too(
    maria: Someone, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    await asyncio.to_thread(restore_backup, elsewhere, tmp_path / "b", PASSPHRASE)
    said = (
        "select c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text,"
        " array(select p.polname || pg_get_expr(p.polqual, p.polrelid) from pg_policy p where p.polrelid = c.oid"
        " order by 1)::text,"
        " array(select t.tgname from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal order by 1)::text"
        " from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1"
    )
    rules = []
    for one in (settings, elsewhere):
        with psycopg.connect(dump.owner_conninfo(one)) as connection:
            rules.append(connection.execute(said).fetchall())
    assert rules[0] == rules[1]


async def test_nothing_of_a_backup_can_be_read_without_the_passphrase(
    maria: Someone, settings: Settings, tmp_path: Path
) -> None:
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    content = (tmp_path / "b").read_bytes()
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    for word in (b"Alvarez", b"patient", b"PGDMP", crypto.opened_ring().newest.secret.encode()):
        assert word not in content


@pytest.mark.parametrize("harm", ["passphrase", "changed", "cut", "other"])
async def test_a_wrong_file_or_passphrase_restores_nothing(
    maria: Someone, settings: Settings, elsewhere: Settings, tmp_path: Path, harm: str
) -> None:
    path, passphrase = tmp_path / "b", PASSPHRASE if harm != "passphrase" else "another"
    await asyncio.to_thread(make_backup, settings, path, PASSPHRASE)
    content = bytearray(path.read_bytes())
    content[-1000] ^= 1
    if harm != "passphrase":
        path.write_bytes({"changed": bytes(content), "cut": bytes(content[:-500]), "other": b"PK\x03\x04"}[harm])
    with pytest.raises(NotABackup):
        await asyncio.to_thread(restore_backup, elsewhere, path, passphrase)
    assert not elsewhere.key_path.exists()
    with psycopg.connect(dump.owner_conninfo(elsewhere)) as connection:
        assert dump.tables(connection) == []


async def test_an_installation_in_use_is_never_overwritten(maria: Someone, settings: Settings, tmp_path: Path) -> None:
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    with pytest.raises(RestoreRefused, match="not empty"):
        await asyncio.to_thread(restore_backup, settings, tmp_path / "b", PASSPHRASE)


async def test_keys_that_are_there_are_never_overwritten(
    maria: Someone, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    crypto.write_private(elsewhere.key_path, b"precious")
    with pytest.raises(RestoreRefused, match="is there already"):
        await asyncio.to_thread(restore_backup, elsewhere, tmp_path / "b", PASSPHRASE)
    assert elsewhere.key_path.read_bytes() == b"precious"


async def test_a_backup_that_fails_leaves_no_file(maria: Someone, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"an older backup")
    with pytest.raises(FileExistsError):
        await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    with keys._owner(settings), pytest.raises(BackupRefused, match="rotated"):
        await asyncio.to_thread(make_backup, settings, tmp_path / "c", PASSPHRASE)
    assert (tmp_path / "b").read_bytes() == b"an older backup"
    assert sorted(os.listdir(tmp_path)) == ["b", "data"]  # noqa: PTH208 - hidden drafts count too


async def test_what_people_write_meanwhile_stays_out_whole(
    maria: Someone, database: Database, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    done = asyncio.Event()

    async def write_pairs() -> None:
        while not done.is_set():
            async with database.act_as_system("test") as tx:
                for action in ("pair.one", "pair.two"):
                    await audit.record(tx, action, patient_id=None, entity="Basic", entity_id=None)

    writing = asyncio.create_task(write_pairs())
    await asyncio.to_thread(make_backup, settings, tmp_path / "b", PASSPHRASE)
    done.set()
    await writing
    await asyncio.to_thread(restore_backup, elsewhere, tmp_path / "b", PASSPHRASE)
    with psycopg.connect(dump.owner_conninfo(elsewhere)) as connection:
        connection.execute("set portal.maintenance = 'test'")
        one, two = (
            connection.execute("select count(*) from audit_event where action = %s", [action]).fetchone()
            for action in ("pair.one", "pair.two")
        )
    assert one == two


async def test_the_commands_say_what_they_did(
    maria: Someone, settings: Settings, elsewhere: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = argparse.Namespace(file=tmp_path / "b", passphrase_file=None)
    assert await asyncio.to_thread(backup.main, settings, args) == 0
    assert "keep it elsewhere" in capsys.readouterr().out
    args.passphrase_file = settings.key_path.with_name("backup_passphrase")
    assert await asyncio.to_thread(restore.main, elsewhere, args) == 0
    assert "compared and the same" in capsys.readouterr().out
    assert await asyncio.to_thread(restore.main, elsewhere, args) == 1
    assert "not empty" in capsys.readouterr().err
