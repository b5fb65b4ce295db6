"""The schema as a whole: every table behind row-level security, migrations reversible and in step with the models."""

import re
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from portal_app import wiring
from portal_app.core.db import libpq_conninfo
from portal_app.operations import migrate
from portal_app.operations.places import CHECKOUT
from portal_app.settings import Settings
from tests.conftest import Server

OPEN_TABLES = {
    "alembic_version": "the number of the schema",
    "procrastinate_jobs": "names of tasks and ids; procrastinate's own table",
    "procrastinate_events": "when jobs changed state",
    "procrastinate_periodic_defers": "when periodic tasks last ran",
    "procrastinate_workers": "heartbeats of workers",
}


@pytest.fixture
def owner(settings: Settings) -> Iterator[psycopg.Connection]:
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as connection:
        yield connection


def test_every_table_forces_row_level_security_and_has_a_policy(owner: psycopg.Connection) -> None:
    tables = owner.execute(
        "select c.relname, c.relrowsecurity and c.relforcerowsecurity,"
        " exists (select from pg_policy p where p.polrelid = c.oid)"
        " from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
    ).fetchall()
    unguarded = {name for name, is_forced, has_policy in tables if not (is_forced and has_policy)}
    assert len(tables) > len(OPEN_TABLES)
    assert unguarded <= OPEN_TABLES.keys()


def test_every_view_asks_as_its_caller(owner: psycopg.Connection) -> None:
    views = owner.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
        " and not coalesce('security_invoker=true' = any (reloptions), false)"
    ).fetchall()
    assert views == []


def test_the_application_owns_nothing_and_bypasses_nothing(owner: psycopg.Connection) -> None:
    owned = owner.execute("select count(*) from pg_class where relowner = 'portal_app'::regrole").fetchone()
    powers = owner.execute(
        "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
        " where rolname in ('portal_app', 'portal_owner') order by 1"
    ).fetchall()
    assert owned == (0,)
    assert powers == [("portal_app", *[False] * 4), ("portal_owner", *[False] * 4)]


def test_even_the_owner_sees_no_chart(owner: psycopg.Connection) -> None:
    for table in ("patient", "person", "session"):
        assert owner.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_models_and_migrations_agree(settings: Settings) -> None:
    wiring.load_features("tables")
    import portal_app.core.audit
    import portal_app.core.files
    import portal_app.core.realtime
    import portal_app.core.uploads  # noqa: F401 - their tables join the metadata

    assert settings.database_owner_url
    engine = create_engine(settings.database_owner_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name not in OPEN_TABLES}
        )
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_every_migration_can_be_taken_back(server: Server) -> None:
    name = f"test_{uuid4().hex[:12]}"
    server.run(f"create database {name} owner portal_owner")
    config = migrate.alembic_config(server.url(server.owner, name))
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    with psycopg.connect(libpq_conninfo(server.url(server.owner, name))) as connection:
        left = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'S')"
        ).fetchall()
        functions = connection.execute(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        ).fetchall()
    command.upgrade(config, "head")
    server.run(f"drop database {name} with (force)")
    assert {row[0] for row in left} <= {"alembic_version"}
    assert functions == []


def test_how_somebody_wished_to_be_reached_moves_into_the_chart_and_back(server: Server) -> None:
    name, ids = f"test_{uuid4().hex[:12]}", {"person": uuid4(), "patient": uuid4()}
    server.run(f"create database {name} owner portal_owner")
    config = migrate.alembic_config(server.url(server.owner, name))
    command.upgrade(config, "0063")
    with psycopg.connect(libpq_conninfo(server.url(server.superuser, name)), autocommit=True) as connection:
        for statement in (
            "insert into person (id, display_name) values (%(person)s, 'Ines')",
            (
                "insert into patient (id, family_name, given_name, birth_date)"
                " values (%(patient)s, 'Ortega', 'Ines', '1950-04-09')"
            ),
            (
                "insert into onboarding (person_id, patient_id, channel, created_at)"
                " values (%(person)s, %(patient)s, 'phone', now())"
            ),
        ):
            connection.execute(statement, ids)
        command.upgrade(config, "0064")
        moved = connection.execute("select reached_by from patient").fetchall()
        command.downgrade(config, "0063")
        back = connection.execute("select channel from onboarding").fetchall()
    server.run(f"drop database {name} with (force)")
    assert (moved, back) == ([("phone",)], [("phone",)])


def test_no_password_is_kept_anywhere_and_no_page_asks_for_one(owner: psycopg.Connection) -> None:
    kept = "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    assert owner.execute(f"{kept} and column_name ~ 'passw|passphrase'").fetchall() == []
    sources = [*(CHECKOUT / "portal_app").rglob("*.py"), *(CHECKOUT / "assets").rglob("*.js")]
    asked = re.compile(r"""type\s*[=:]\s*["']password["']|(current|new)-password""")
    assert [path.name for path in sources if asked.search(path.read_text())] == []
    assert len(sources) > 500
