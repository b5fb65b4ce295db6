"""`./portal restore FILE`: fill an empty installation from a backup, and prove that it is the same."""

import argparse
import asyncio
import json
import re
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from portal_app.core import audit, crypto
from portal_app.core.audit_seal import head_path
from portal_app.core.crypto import write_private
from portal_app.core.db import Database
from portal_app.core.errors import PortalError
from portal_app.core.files import files_folder
from portal_app.features.access import service as access
from portal_app.operations import migrate
from portal_app.operations.backup import ask_passphrase, given_passphrase
from portal_app.operations.dump import Figures, check_ended, environment, figures, owner_conninfo, program, tables
from portal_app.operations.sealed_file import NotABackup, SealedReader
from portal_app.settings import Settings

_MEMBER: Final = re.compile(r"manifest\.json|database/[0-9]{6}|files/[0-9a-f]{32}|keys/(ring|audit|audit_head)")


class RestoreRefused(PortalError):
    """The backup cannot be restored here; the argument says why, in plain words."""

    code = "restore_refused"


def main(settings: Settings, args: argparse.Namespace) -> int:
    """Restore `args.file`. Returns 0 when all is back and the same, 1 when it is not."""
    try:
        passphrase = given_passphrase(getattr(args, "passphrase_file", None)) or ask_passphrase()
        if not passphrase:
            raise RestoreRefused(
                "Give the passphrase of the backup: --passphrase-file FILE, or PORTAL_BACKUP_PASSPHRASE."
            )
        manifest = restore_backup(settings, args.file, passphrase)
    except (PortalError, OSError, tarfile.TarError, psycopg.Error) as error:
        print(f"Nothing was restored. {error}", file=sys.stderr)
        return 1
    rows = sum(table["rows"] for table in manifest["tables"].values())
    print(f"Restored the backup of {manifest['made_at'][:16].replace('T', ' ')} UTC: {rows} rows in")
    print(f"{len(manifest['tables'])} tables and {len(manifest['files'])} files, compared and the same; keys in place.")
    print(
        f"Everybody is signed out ({manifest['sessions_ended']} sessions ended), and codes sent before no longer work."
    )
    print("Messages that were waiting when the backup was made are sent when the worker starts.")
    return 0


def restore_backup(settings: Settings, path: Path, passphrase: str) -> dict[str, Any]:
    """Restore into an empty database and an empty data folder, and return the manifest.

    The whole file is proven genuine before anything is written. Afterwards every table is counted and compared, and
    migrations bring an older schema up to date. Last, everybody is signed out, and the manifest says how many sessions
    that ended (`sessions_ended`).

    Raises:
        NotABackup: if the file or the passphrase is wrong.
        RestoreRefused: if something is here already, or the outcome differs from the backup.
        DatabaseProgramFailed: if the database refuses; it is then as empty as before.
    """
    server_version = _require_empty(settings)
    manifest = _prove(path, passphrase)
    if server_version // 10000 < manifest["server_version"] // 10000:
        raise RestoreRefused(
            f"The backup comes from PostgreSQL {manifest['server_version'] // 10000}; this one is older."
        )
    with _scratch(settings) as scratch:
        with SealedReader(path, passphrase) as sealed, tarfile.open(fileobj=sealed, mode="r|") as tar:
            _unpack(tar, scratch, settings, server_version)
        _compare(settings, manifest)
        _put_in_place(scratch, settings)
    migrate.upgrade(settings.database_owner_url or "")
    crypto.load_key_ring(settings)
    manifest["sessions_ended"] = _sign_everybody_out(settings, manifest)
    return manifest


def _require_empty(settings: Settings) -> int:
    """Return the server's version (180004 is 18.4) if nothing is here yet. Raises RestoreRefused."""
    with psycopg.connect(owner_conninfo(settings), autocommit=True) as connection:
        if tables(connection):
            raise RestoreRefused("The database is not empty. Restore into a fresh one.")
        server_version = connection.info.server_version
    for path in (settings.key_path, settings.audit_key_path, head_path(settings)):
        if path.exists():
            raise RestoreRefused(f"{path} is there already. Restore into an empty PORTAL_DATA_DIR.")
    folder = files_folder(settings)
    if folder.exists() and any(folder.iterdir()):
        raise RestoreRefused(f"There are files in {folder}. Restore into an empty PORTAL_DATA_DIR.")
    return server_version


def _prove(path: Path, passphrase: str) -> dict[str, Any]:
    """Read the whole backup once without writing, and return its manifest."""
    manifest: dict[str, Any] = {}
    names = set()
    with SealedReader(path, passphrase) as sealed:
        with tarfile.open(fileobj=sealed, mode="r|") as tar:
            for member in tar:
                if not (_MEMBER.fullmatch(member.name) and member.isfile()):
                    raise NotABackup(f"There is something unknown in the backup: {member.name!r}.")
                names.add(member.name)
                if member.name == "manifest.json":
                    manifest = json.loads(_content(tar, member))
        while sealed.read(1024 * 1024):
            pass  # only the end of the file proves that nothing is missing
    expected = {
        "manifest.json",
        "database/000000",
        "keys/ring",
        *(f"files/{name}" for name in manifest.get("files", ())),
    }
    if manifest.get("format") != 1 or not expected <= names:
        raise NotABackup("The backup lacks something that it should hold, or was made by a newer portal.")
    return manifest


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """Give a private folder beside the data, gone afterwards whatever happens."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = settings.data_dir / f".restore-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    held = tar.extractfile(member)
    if held is None:
        raise NotABackup(f"{member.name} is not a file.")
    return held.read()


def _unpack(tar: tarfile.TarFile, scratch: Path, settings: Settings, server_version: int) -> None:
    with _pg_restore(settings, server_version) as into_database:
        for member in tar:
            kind, _, name = member.name.partition("/")
            if kind == "database":
                into_database.write(_content(tar, member))
            elif kind == "files":
                write_private(scratch / "files" / name[:2] / name, _content(tar, member))
            elif kind == "keys":
                write_private(scratch / "keys" / name, _content(tar, member))


@contextmanager
def _pg_restore(settings: Settings, server_version: int) -> Iterator[Any]:
    """Give where to write the dump to; all of it comes into the database in one transaction, or nothing."""
    conninfo = owner_conninfo(settings)
    said = environment(conninfo, "restore")
    command = [
        program("pg_restore", server_version),
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={said['PGDATABASE']}",
    ]
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(command, env=said, stdin=subprocess.PIPE, stdout=words, stderr=words) as process,
    ):
        try:
            yield process.stdin
        except BrokenPipeError:
            pass  # it has given up, and check_ended says why
        except BaseException:
            process.kill()
            raise
        process.communicate()
        words.seek(0)
        check_ended(process, words.read())


def _compare(settings: Settings, manifest: dict[str, Any]) -> None:
    with psycopg.connect(owner_conninfo(settings), autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set portal.maintenance = 'restore'")
        found = figures(connection)
        connection.execute("analyze")
    expected = {table: Figures(**figure) for table, figure in manifest["tables"].items()}
    different = sorted(table for table in expected.keys() | found.keys() if expected.get(table) != found.get(table))
    if different:
        raise RestoreRefused(f"The restored tables differ from the backup: {', '.join(different)}. Start over.")


def _put_in_place(scratch: Path, settings: Settings) -> None:
    if (scratch / "files").exists():
        folder = files_folder(settings)
        if folder.exists():
            folder.rmdir()
        (scratch / "files").rename(folder)
    places = {"ring": settings.key_path, "audit": settings.audit_key_path, "audit_head": head_path(settings)}
    for name, path in places.items():
        if (scratch / "keys" / name).exists():
            write_private(path, (scratch / "keys" / name).read_bytes(), replacing=False)


def _sign_everybody_out(settings: Settings, manifest: dict[str, Any]) -> int:
    """End the sessions that came back, since some were ended after the backup, and put the restore on record."""

    async def sign_out() -> int:
        database = Database(settings.database_url or "", pool=1)
        try:
            async with database.act_as_system("restore") as tx:
                ended = await access.sign_everybody_out(tx)
                said = {"made_at": manifest["made_at"], "sessions_ended": ended}
                await audit.record(tx, "backup.restore", patient_id=None, entity="Backup", entity_id=None, detail=said)
                return ended
        finally:
            await database.close()

    return asyncio.run(sign_out())
