"""`./portal keys make`, `rotate` and `push`: look after the keys for secrets at rest, and the one for notifications."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import Table

from portal_app import wiring
from portal_app.core import audit, crypto, files
from portal_app.core.audit_seal import AuditKey
from portal_app.core.crypto import EncryptedJSON, EncryptedText, KeyRing, KeyRingFile, SecretUnreadable
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import PortalError
from portal_app.features.notify.push_keys import PushKey
from portal_app.settings import Settings

BATCH: Final = 500
_PATIENCE_S: Final = 90.0
"""Longer than the database lets any of the portal's transactions live."""


_METADATA: Final = files.StoredFile.metadata
"""Where all tables meet; the features' own join when they are loaded."""


class RotationRefused(PortalError):
    """The keys cannot be rotated now; the argument says why, in plain words."""

    code = "rotation_refused"


@dataclass(frozen=True)
class EncryptedTable:
    """A table with encrypted columns, and the columns that name its rows."""

    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def key(self) -> sql.Composed:
        """Return what names a row, as a row of its own."""
        return sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Identifier, self.keys)))


@dataclass
class Rotation:
    """What a rotation did."""

    key_id: int
    renewed: int = 0
    unreadable: int = 0
    retired: int = 0


def main(settings: Settings, args: argparse.Namespace) -> int:
    """Do the action of `args`. Returns 0 when it is done, 1 when something stands in its way."""
    try:
        if args.action in _MAKERS:
            return _MAKERS[args.action](settings)
        rotation = rotate(settings, retire=getattr(args, "retire", False))
    except PortalError as error:
        print(f"Nothing was lost. {error}", file=sys.stderr)
        return 1
    print(f"{rotation.renewed} values are now under key {rotation.key_id}.")
    if rotation.unreadable:
        print(f"{rotation.unreadable} values open with no key of the ring; they were left as they are.")
    if rotation.retired:
        print(f"{rotation.retired} older keys are gone. A backup made before today opens with the keys inside it.")
    elif not rotation.unreadable:
        print("The older keys stay on the ring. To drop them: ./portal keys rotate --retire")
    return 1 if rotation.unreadable else 0


def _make(settings: Settings) -> int:
    demo = settings.mode != "serve"
    for path, make in (
        (settings.key_path, lambda: KeyRingFile(settings.key_path).make(KeyRing.make(demo=demo))),
        (settings.audit_key_path, lambda: AuditKey.make(settings.audit_key_path, demo=demo)),
    ):
        try:
            make()
            print(f"Made {path}. Keep a copy where the database's backups are not.")
        except FileExistsError:
            print(f"{path} is there already; it was left as it is.")
    return 0


def _make_push(settings: Settings) -> int:
    path = settings.push_key_path
    try:
        PushKey.make(path)
    except FileExistsError:
        print(f"{path} is there already; it was left as it is.")
        return 0
    print(f"Made {path}. Start the portal anew: people can then turn on notifications.")
    return 0


_MAKERS: Final[Mapping[str, Callable[[Settings], int]]] = {"make": _make, "push": _make_push}


def encrypted_tables() -> tuple[EncryptedTable, ...]:
    """Return every table that has encrypted columns, found from the models themselves."""
    wiring.load_features("tables")
    found = (_encrypted(table) for table in _METADATA.sorted_tables)
    return tuple(table for table in found if table is not None)


def _encrypted(table: Table) -> EncryptedTable | None:
    columns = tuple(c.name for c in table.columns if isinstance(c.type, EncryptedText | EncryptedJSON))
    if not columns:
        return None
    return EncryptedTable(table.name, tuple(one.name for one in table.primary_key.columns), columns)


def rotate(settings: Settings, *, retire: bool = False, batch: int = BATCH) -> Rotation:
    """Put every encrypted value under a fresh key while the portal runs, and return what was done.

    A rotation that was cut short is taken up where it stopped, without another key. With `retire` the older keys are
    dropped once nothing is under them and no transaction that may have used them is still open.

    Raises:
        RotationRefused: if another rotation runs, or values that no key opens stand in the way of retiring.
        KeyRingMissing, KeyRingUnreadable: if there is no ring to rotate.
    """
    file = KeyRingFile(settings.key_path)
    crypto.load_key_ring(settings)
    with _owner(settings) as connection:
        if _count_old(connection, file.current()) == 0:
            file.write(file.current().with_new_key())
        rotation = Rotation(file.current().newest.id)
        _note(settings, "keys.rotate", rotation)
        _renew_all(connection, file, rotation, batch)
        _await_older_transactions(connection)
        _renew_all(connection, file, rotation, batch)
        if retire:
            _retire(connection, file, rotation)
        _note(settings, "keys.retire" if retire else "keys.rotated", rotation)
    return rotation


@contextmanager
def _owner(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Connect as the owner, who alone sees all rows, for upkeep only, and one rotation at a time."""
    if not settings.database_owner_url:
        raise RotationRefused("Set PORTAL_DATABASE_OWNER_URL: rotation works as the role that owns the tables.")
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as connection:
        connection.execute("call allow_maintenance()")
        connection.execute("set portal.maintenance = 'keys.rotate'")
        row = connection.execute("select pg_try_advisory_lock(hashtext('keys.rotate'))").fetchone()
        if row is None or not row[0]:
            raise RotationRefused("Another rotation is under way.")
        yield connection


def _is_old(table: EncryptedTable, column: str) -> sql.Composed:
    return sql.SQL("{0}.{1} is not null and {0}.{1} not like %(newest)s").format(
        sql.Identifier(table.name), sql.Identifier(column)
    )


def _has_old(table: EncryptedTable) -> sql.Composed:
    return sql.SQL(" or ").join(sql.SQL("({})").format(_is_old(table, column)) for column in table.columns)


def _count_old(connection: psycopg.Connection[Any], ring: KeyRing) -> int:
    total = 0
    for table in encrypted_tables():
        query = sql.SQL("select count(*) from {} where {}").format(sql.Identifier(table.name), _has_old(table))
        row = connection.execute(query, {"newest": f"{ring.newest.id}:%"}).fetchone()
        total += row[0] if row else 0
    return total


def _renew_all(connection: psycopg.Connection[Any], file: KeyRingFile, rotation: Rotation, batch: int) -> None:
    rotation.unreadable = 0
    for table in encrypted_tables():
        last: tuple[Any, ...] | None = None
        while rows := _old_rows(connection, table, file.current(), last, batch):
            with connection.transaction():
                for row in rows:
                    _renew_row(connection, table, row, file.current(), rotation)
            last = rows[-1][: len(table.keys)]


def _old_rows(
    connection: psycopg.Connection[Any], table: EncryptedTable, ring: KeyRing, last: tuple[Any, ...] | None, batch: int
) -> list[tuple[Any, ...]]:
    after = sql.SQL("true") if last is None else sql.SQL("{} > {}").format(table.key, _of(last))
    query = sql.SQL("select {columns} from {table} where {after} and ({old}) order by {key} limit %(batch)s").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, (*table.keys, *table.columns))),
        table=sql.Identifier(table.name),
        after=after,
        old=_has_old(table),
        key=sql.SQL(", ").join(map(sql.Identifier, table.keys)),
    )
    return connection.execute(query, {"newest": f"{ring.newest.id}:%", "batch": batch}).fetchall()


def _of(values: tuple[Any, ...]) -> sql.Composed:
    return sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, values)))


def _renew_row(
    connection: psycopg.Connection[Any],
    table: EncryptedTable,
    row: tuple[Any, ...],
    ring: KeyRing,
    rotation: Rotation,
) -> None:
    row_key, values = row[: len(table.keys)], row[len(table.keys) :]
    for column, old in zip(table.columns, values, strict=True):
        if old is None or old.startswith(f"{ring.newest.id}:"):
            continue
        try:
            new = ring.encrypt(ring.decrypt(old))
        except SecretUnreadable:
            rotation.unreadable += 1
            continue
        # Only over what was read: a person who changed the value meanwhile wrote it under the newest key already.
        query = sql.SQL("update {table} set {column} = %(new)s where {key} = {of} and {column} = %(old)s").format(
            table=sql.Identifier(table.name), column=sql.Identifier(column), key=table.key, of=_of(row_key)
        )
        rotation.renewed += connection.execute(query, {"new": new, "old": old}).rowcount


def _await_older_transactions(connection: psycopg.Connection[Any]) -> None:
    """Return when every transaction that was open when the new key came is over: it may have used the old one."""
    row = connection.execute("select pg_current_xact_id()::text").fetchone()
    limit = time.monotonic() + _PATIENCE_S
    while row is not None:
        over = connection.execute("select pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8", [row[0]]).fetchone()
        if over is not None and over[0]:
            return
        if time.monotonic() > limit:
            raise RotationRefused("A transaction stays open in the database. Run keys rotate again when it is over.")
        time.sleep(0.1)


def _retire(connection: psycopg.Connection[Any], file: KeyRingFile, rotation: Rotation) -> None:
    left = _count_old(connection, file.current())
    if left:
        raise RotationRefused(f"{left} values are still under older keys, so those keys stay on the ring.")
    ring = file.current()
    rotation.retired = len(ring.keys) - 1
    file.write(ring.with_newest_only())


def _note(settings: Settings, action: str, rotation: Rotation) -> None:
    async def record() -> None:
        database = Database(settings.database_url or "", pool=1)
        try:
            async with database.act_as_system("keys.rotate") as tx:
                said = {"key": str(rotation.key_id), "renewed": str(rotation.renewed)}
                await audit.record(tx, action, patient_id=None, entity="KeyRing", entity_id=None, detail=said)
        finally:
            await database.close()

    asyncio.run(record())
