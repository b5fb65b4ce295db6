"""Bring the database to the newest schema, as the role that owns it."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from portal_app.core.db import libpq_conninfo
from portal_app.settings import Settings

_ROOT = Path(__file__).parent.parent.parent


def alembic_config(owner_url: str) -> Config:
    """Return Alembic's configuration for a database, given the owner's SQLAlchemy address."""
    config = Config(_ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run every migration up to a revision; what has run is skipped."""
    command.upgrade(alembic_config(owner_url), revision)


def is_current(settings: Settings) -> bool:
    """Tell whether the database has the newest schema; asks as the application's role, which may read the number."""
    newest = ScriptDirectory.from_config(Config(_ROOT / "alembic.ini")).get_current_head()
    with psycopg.connect(libpq_conninfo(settings.database_url or ""), connect_timeout=5) as connection:
        try:
            found = connection.execute("select version_num from alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return False
    return found == (newest,)


def main(settings: Settings) -> None:
    """Migrate the database of the settings.

    Raises:
        SystemExit: if the owner's address is not set.
    """
    if not settings.database_owner_url:
        raise SystemExit("Set PORTAL_DATABASE_OWNER_URL: migrations run as the role that owns the tables.")
    upgrade(settings.database_owner_url)
