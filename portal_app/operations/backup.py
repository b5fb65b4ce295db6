"""`./portal backup FILE`: everything in one file, while the portal runs.

The file is a sealed tar: a manifest, the database as `pg_dump` writes it, the files, and the keys. It is encrypted as a
whole under a passphrase, because it holds the keys and because most of a database is not encrypted by itself. See
docs/decisions for why the keys are inside.
"""

import argparse
import asyncio
import base64
import getpass
import io
import json
import os
import secrets
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import psycopg

from portal_app.core import audit, clock, crypto
from portal_app.core.audit_seal import head_path
from portal_app.core.crypto import read_private, write_private
from portal_app.core.db import Database
from portal_app.core.errors import PortalError
from portal_app.core.files import files_folder
from portal_app.operations.dump import check_ended, environment, figures, owner_conninfo, program
from portal_app.operations.sealed_file import SealedWriter
from portal_app.settings import Settings

PIECE_BYTES: Final = 8 * 1024 * 1024
"""The dump is cut into pieces, so that none of it ever lies unencrypted on a disk while its length is counted."""


class BackupRefused(PortalError):
    """The backup cannot be made; the argument says why, in plain words."""

    code = "backup_refused"


def main(settings: Settings, args: argparse.Namespace) -> int:
    """Write the backup to `args.file`. Returns 0 when it is there and whole, 1 when it is not there."""
    try:
        given = given_passphrase(getattr(args, "passphrase_file", None))
        passphrase, is_new = (given, False) if given else kept_passphrase(settings)
        manifest = make_backup(settings, args.file, passphrase)
    except (PortalError, OSError, psycopg.Error) as error:
        print(f"No backup was made. {_in_words(error)}", file=sys.stderr)
        return 1
    rows = sum(table["rows"] for table in manifest["tables"].values())
    size = args.file.stat().st_size / 1e6
    print(f"Wrote {args.file} ({size:.1f} MB): {rows} rows in {len(manifest['tables'])} tables, the keys,")
    where = "you gave" if given else f"in {_passphrase_path(settings)}"
    print(f"and {len(manifest['files'])} files. It opens with the passphrase {where}.")
    if is_new:
        print(f"\n    {passphrase}\n\nWrite this passphrase down and keep it elsewhere: without it no backup opens.")
    return 0


def _in_words(error: Exception) -> str:
    return f"{error} is there already." if isinstance(error, FileExistsError) else str(error)


def make_backup(settings: Settings, path: Path, passphrase: str) -> dict[str, Any]:
    """Write one consistent backup and return its manifest.

    Raises:
        BackupRefused: while keys are being rotated.
        DatabaseProgramFailed, FileExistsError, OSError: and leaves nothing behind.
    """
    crypto.load_key_ring(settings)
    # The note of the last seal is read first: a note older than the seals is caught up with, a newer one is an alarm.
    keys = {"audit_head": _read_if_there(head_path(settings))}
    with _snapshot(settings) as (connection, snapshot), SealedWriter(path, passphrase) as sealed:
        manifest = _manifest(settings, connection)
        with tarfile.open(fileobj=sealed, mode="w|", bufsize=tarfile.RECORDSIZE) as tar:
            _add(tar, "manifest.json", json.dumps(manifest).encode())
            _add_dump(tar, owner_conninfo(settings), snapshot, manifest["server_version"])
            for name in manifest["files"]:
                tar.add(files_folder(settings) / name[:2] / name, f"files/{name}", filter=_without_owner)
            keys |= {"ring": read_private(settings.key_path), "audit": _read_if_there(settings.audit_key_path)}
            for key_name, content in keys.items():
                if content is not None:
                    _add(tar, f"keys/{key_name}", content)
    _note(settings, manifest)
    return manifest


@contextmanager
def _snapshot(settings: Settings) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """Open a transaction that sees one moment and all rows, keep rotations out, and name the moment for pg_dump."""
    with psycopg.connect(owner_conninfo(settings), autocommit=True) as connection:
        connection.execute("call allow_maintenance()")
        row = connection.execute("select pg_try_advisory_lock(hashtext('keys.rotate'))").fetchone()
        if row is None or not row[0]:
            raise BackupRefused("Keys are being rotated, or another backup is made. Try again when that is done.")
        connection.execute("set timezone = 'UTC'")
        connection.execute("set portal.maintenance = 'backup'")
        connection.execute("begin isolation level repeatable read read only")
        exported = connection.execute("select pg_export_snapshot()").fetchone()
        yield connection, exported[0] if exported else ""
        connection.execute("rollback")


def _manifest(settings: Settings, connection: psycopg.Connection[Any]) -> dict[str, Any]:
    revision = connection.execute("select version_num from alembic_version").fetchone()
    names = [row[0] for row in connection.execute("select name from stored_file order by name")]
    missing = [name for name in names if not (files_folder(settings) / name[:2] / name).exists()]
    if missing:
        raise BackupRefused(f"{len(missing)} files are missing on disk, the first is {missing[0]}.")
    return {
        "format": 1,
        "made_at": clock.now().isoformat(),
        "revision": revision[0] if revision else "",
        "server_version": connection.info.server_version,
        "tables": {table: asdict(figure) for table, figure in figures(connection).items()},
        "files": names,
    }


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _add_dump(tar: tarfile.TarFile, conninfo: str, snapshot: str, server_version: int) -> None:
    # Row-level security stays on, and the owner says that this is upkeep: switching it off is refused under FORCE.
    how = ["--format=custom", "--no-owner", "--enable-row-security", f"--snapshot={snapshot}"]
    command = [program("pg_dump", server_version), *how]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(
            command, env=environment(conninfo, "backup"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - asked for above
        number = 0
        while piece := process.stdout.read(PIECE_BYTES):
            _add(tar, f"database/{number:06d}", piece)
            number += 1
        process.wait()
        words.seek(0)
        check_ended(process, words.read())


def _read_if_there(path: Path) -> bytes | None:
    return read_private(path) if path.exists() else None


def _note(settings: Settings, manifest: dict[str, Any]) -> None:
    async def record() -> None:
        database = Database(settings.database_url or "", pool=1)
        try:
            async with database.act_as_system("backup") as tx:
                said = {"made_at": manifest["made_at"], "revision": manifest["revision"]}
                await audit.record(tx, "backup.make", patient_id=None, entity="Backup", entity_id=None, detail=said)
        finally:
            await database.close()

    asyncio.run(record())


def _passphrase_path(settings: Settings) -> Path:
    return settings.key_path.with_name("backup_passphrase")


def kept_passphrase(settings: Settings) -> tuple[str, bool]:
    """Return the passphrase in the key folder, and whether it was made just now: the first backup puts one there."""
    path = _passphrase_path(settings)
    if path.exists():
        return read_private(path).decode().strip(), False
    made = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    made = "-".join(made[i : i + 4] for i in range(0, len(made), 4))
    write_private(path, f"{made}\n".encode(), replacing=False)
    return made, True


def given_passphrase(file: Path | None) -> str:
    """Return the passphrase in a file that the operator named, or in PORTAL_BACKUP_PASSPHRASE, or ''."""
    if file is not None:
        return file.read_text().strip()
    return os.environ.get("PORTAL_BACKUP_PASSPHRASE", "")


def ask_passphrase() -> str:
    """Ask a person at a terminal for the passphrase; '' when there is nobody to ask."""
    return getpass.getpass("Passphrase of the backup: ").strip() if sys.stdin.isatty() else ""
