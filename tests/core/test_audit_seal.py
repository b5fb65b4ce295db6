"""Seals: whoever owns the database, even its superuser, cannot rewrite the trail unnoticed."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.engine import make_url

from portal_app.core import audit, audit_seal
from portal_app.core.audit_check import Harm
from portal_app.core.audit_seal import AuditChainBroken, AuditKey, Head, head_path, seal_pending
from portal_app.core.db import Database, libpq_conninfo
from portal_app.operations.audit_verify import verify
from portal_app.settings import Settings
from tests.conftest import Server


@pytest.fixture
def superuser(server: Server, settings: Settings) -> Iterator[psycopg.Connection]:
    """Give what an attacker has who owns the machine of the database, and may switch every trigger off."""
    name = make_url(settings.database_url or "").database or ""
    with psycopg.connect(libpq_conninfo(server.url(server.superuser, name)), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


async def some_events(database: Database, count: int = 3) -> None:
    for _ in range(count):
        async with database.act_as_system("test") as tx:
            await audit.record(tx, "a.b", patient_id=None, entity="Patient", entity_id=None, detail={"n": "1"})


@pytest.fixture
async def sealed(database: Database, settings: Settings) -> Settings:
    """Make a trail of six events under two seals."""
    for _ in range(2):
        await some_events(database)
        assert await seal_pending(database, settings) == 3
    return settings


async def harms(settings: Settings) -> list[tuple[Harm, int, int | None]]:
    return [(f.harm, f.seal, f.event_id) for f in (await verify(settings)).findings]


async def test_a_trail_nobody_touched_is_sound(sealed: Settings) -> None:
    report = await verify(sealed)
    assert (report.findings, report.seals, report.sealed_events, report.unsealed_events) == ([], 2, 6, 0)


async def test_unsealed_tail_is_reported(sealed: Settings, database: Database) -> None:
    await some_events(database, 2)
    report = await verify(sealed)
    assert (report.findings, report.unsealed_events) == ([], 2)
    assert report.unsealed_since is not None


@pytest.mark.parametrize(
    "tampering",
    [
        "action = 'c.d'", "person_id = gen_random_uuid()", "patient_id = gen_random_uuid()", "address = '203.0.113.1'",
        "at = at - interval '1 microsecond'", "detail = '{}'", "session_id = gen_random_uuid()", "entity = 'Slot'",
        "entity_id = gen_random_uuid()", "task = 'x'", "person_name = 'x'", "roles = '{manager}'", "roles = null",
        "person_name = null, roles = null",
    ],
)  # fmt: skip
async def test_a_changed_event_is_found(sealed: Settings, superuser: psycopg.Connection, tampering: str) -> None:
    superuser.execute(f"update audit_event set {tampering} where id = 2")
    assert await harms(sealed) == [(Harm.changed, 1, 2)]


async def test_an_event_from_before_names_were_kept_is_sound_as_it_was_sealed(
    database: Database, settings: Settings, superuser: psycopg.Connection
) -> None:
    await some_events(database)
    superuser.execute("update audit_event set person_name = null, roles = null")
    await seal_pending(database, settings)
    assert await harms(settings) == []
    superuser.execute("update audit_event set roles = '{nurse}' where id = 2")
    assert await harms(settings) == [(Harm.changed, 1, 2)]


async def test_a_removed_event_is_found(sealed: Settings, superuser: psycopg.Connection) -> None:
    superuser.execute("delete from audit_event where id = 5")
    assert await harms(sealed) == [(Harm.removed, 2, 5)]


async def test_an_event_put_in_later_is_found(sealed: Settings, superuser: psycopg.Connection) -> None:
    superuser.execute(
        "insert into audit_event (id, cluster, tx, at, person_id, address, task, action, entity)"
        " overriding system value"
        " select 99, cluster, tx, at, person_id, address, task, 'x.y', entity from audit_event where id = 4"
    )
    assert await harms(sealed) == [(Harm.inserted, 2, 99)]


async def test_exchanged_events_are_found(sealed: Settings, superuser: psycopg.Connection) -> None:
    superuser.execute(
        "update audit_event e set tx = o.tx, at = o.at from audit_event o where e.id in (1, 3) and o.id = 4 - e.id"
    )
    found = await harms(sealed)
    assert {(Harm.changed, 1, 1), (Harm.changed, 1, 3)} <= set(found)
    assert Harm.reordered in {harm for harm, _, _ in found}


async def test_an_event_moved_out_of_every_seal_is_found(sealed: Settings, superuser: psycopg.Connection) -> None:
    superuser.execute("update audit_event set tx = tx + 1000000 where id = 6")
    assert await harms(sealed) == [(Harm.removed, 2, 6)]


async def test_a_removed_seal_is_found(sealed: Settings, superuser: psycopg.Connection) -> None:
    superuser.execute("delete from audit_seal where number = 1")
    assert await harms(sealed) == [(Harm.seal_removed, 1, None)]


async def test_events_and_their_seal_cut_off_together_are_found(
    sealed: Settings, superuser: psycopg.Connection
) -> None:
    superuser.execute("delete from audit_seal where number = 2")
    superuser.execute("delete from audit_event where id > 3")
    assert await harms(sealed) == [(Harm.end_cut, 2, None)]


async def test_a_seal_made_with_another_key_is_found(sealed: Settings, superuser: psycopg.Connection) -> None:
    superuser.execute("update audit_event set action = 'x' where id = 5")
    row = superuser.execute("select previous_mac, entries from audit_seal where number = 2").fetchone()
    assert row is not None
    superuser.execute("update audit_seal set mac = sha256(previous_mac || entries) where number = 2")
    assert (Harm.seal_forged, 2, None) in await harms(sealed)


@pytest.mark.parametrize(
    "tampering", ["to_tx = to_tx + 1", "row_count = 2", "sealed_at = now()", "from_tx = from_tx - 1", "entries = ''"]
)
async def test_a_changed_seal_is_found(sealed: Settings, superuser: psycopg.Connection, tampering: str) -> None:
    superuser.execute(f"update audit_seal set {tampering} where number = 2")
    assert (Harm.seal_forged, 2, None) in await harms(sealed)


async def test_nothing_is_sealed_onto_a_chain_whose_end_was_cut(
    sealed: Settings, superuser: psycopg.Connection, database: Database
) -> None:
    superuser.execute("delete from audit_seal where number = 2")
    await some_events(database)
    with pytest.raises(AuditChainBroken):
        await seal_pending(database, sealed)
    assert (Harm.end_cut, 2, None) in await harms(sealed)


async def test_a_sealer_killed_before_its_note_is_caught_up_with(sealed: Settings, database: Database) -> None:
    async with database.act_as_system("test") as tx:
        first = await tx.one("select number, mac from audit_seal where number = 1")
    Head(first.number, first.mac).write(head_path(sealed))
    await some_events(database)
    assert await seal_pending(database, sealed) == 3
    assert (await verify(sealed)).findings == []


async def test_a_missing_note_is_told_and_can_be_accepted(sealed: Settings) -> None:
    head_path(sealed).unlink()
    assert await harms(sealed) == [(Harm.head_missing, 2, None)]
    assert (await verify(sealed, accept_end=True)).findings == []
    assert await harms(sealed) == []


async def test_rows_of_a_transaction_still_open_wait_and_are_sealed_later(
    database: Database, settings: Settings
) -> None:
    async with database.act_as_system("slow") as slow:
        await audit.record(slow, "slow.write", patient_id=None, entity="Patient", entity_id=None)
        await slow.flush()
        await some_events(database, 2)
        assert await seal_pending(database, settings) == 0
    assert await seal_pending(database, settings) == 3
    assert (await verify(settings)).findings == []


async def test_writers_and_sealers_at_once_leave_every_event_sealed_once(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_seal, "ROWS_PER_SEAL", 4)
    writing = [some_events(database, 10) for _ in range(3)]
    await asyncio.gather(*writing, *[seal_pending(database, settings) for _ in range(4)])
    await seal_pending(database, settings)
    report = await verify(settings)
    assert (report.findings, report.sealed_events, report.unsealed_events) == ([], 30, 0)
    assert report.seals > 5


async def test_a_transaction_larger_than_a_seal_stays_whole(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_seal, "ROWS_PER_SEAL", 2)
    async with database.act_as_system("test") as tx:
        for _ in range(5):
            await audit.record(tx, "a.b", patient_id=None, entity="Patient", entity_id=None)
    assert await seal_pending(database, settings) == 5
    assert (await verify(settings)).findings == []


async def test_events_brought_from_another_cluster_are_sealed_first(
    database: Database, settings: Settings, superuser: psycopg.Connection
) -> None:
    await some_events(database, 4)
    superuser.execute("update audit_event set cluster = 42, tx = tx + 5000000 where id <= 2")
    assert await seal_pending(database, settings) == 4
    report = await verify(settings)
    assert (report.findings, report.seals, report.sealed_events) == ([], 2, 4)


async def test_a_seal_under_another_key_is_told(sealed: Settings) -> None:
    sealed.audit_key_path.unlink()
    AuditKey.make(sealed.audit_key_path, demo=False)
    assert {harm for harm, _, _ in await harms(sealed)} == {Harm.other_key}


def test_the_owner_too_can_only_add(settings: Settings) -> None:
    with psycopg.connect(libpq_conninfo(settings.database_owner_url or ""), autocommit=True) as owner:
        owner.execute("set portal.maintenance = 'test'")
        for table in ("audit_event", "audit_seal"):
            for statement in (f"delete from {table}", f"truncate {table}", f"update {table} set cluster = 1"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only grows"):
                    owner.execute(statement)
