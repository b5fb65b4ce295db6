"""Give a command its database: the server of the settings, or the embedded one for as long as the command runs."""

import contextlib
from collections.abc import Iterator

import psycopg

from portal_app.core.db import libpq_conninfo
from portal_app.operations import embedded_postgres
from portal_app.operations.embedded_postgres import APP_ROLE, OWNER_ROLE, EmbeddedPostgres
from portal_app.settings import Settings


def with_addresses(settings: Settings, server: EmbeddedPostgres) -> Settings:
    """Return the settings with the addresses of an embedded server filled in."""
    addresses = {"database_url": server.url(APP_ROLE), "database_owner_url": server.url(OWNER_ROLE)}
    return settings.model_copy(update=addresses)


@contextlib.contextmanager
def reachable(settings: Settings) -> Iterator[Settings]:
    """Give the settings with the address of a database that answers.

    Where the settings name none it is the embedded PostgreSQL under the data folder: the one that already runs there,
    or one started for the duration of the block. Raises DatabaseNotStarted.
    """
    base = settings.data_dir / "postgres"
    if settings.database_url:
        yield settings
    elif running := embedded_postgres.running_at(base):
        yield with_addresses(settings, running)
    else:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        server = embedded_postgres.start(base)
        try:
            yield with_addresses(settings, server)
        finally:
            server.stop()


def is_bound(settings: Settings) -> bool:
    """Tell whether row-level security binds the application's role: it neither passes it nor owns the tables."""
    question = (
        "select rolsuper or rolbypassrls or exists (select from pg_class where relname = 'patient'"
        " and pg_has_role(current_user, relowner, 'member')) from pg_roles where rolname = current_user"
    )
    with psycopg.connect(libpq_conninfo(settings.database_url or ""), connect_timeout=5) as connection:
        return connection.execute(question).fetchone() == (False,)
