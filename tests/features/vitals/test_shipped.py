"""Rules that are shipped anew: they stand in the place of those shipped before, and touch none that is a practice's."""

from collections.abc import Iterator
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from portal_app.core.db import libpq_conninfo
from portal_app.operations import migrate
from tests.conftest import Server

Schema = tuple[Config, psycopg.Connection]


@pytest.fixture
def schema(server: Server) -> Iterator[Schema]:
    """A database of its own, to go up and down in, and a line to it that may do everything."""
    name = f"test_{uuid4().hex[:12]}"
    server.run(f"create database {name} owner portal_owner")
    with psycopg.connect(libpq_conninfo(server.url(server.superuser, name)), autocommit=True) as connection:
        yield migrate.alembic_config(server.url(server.owner, name)), connection
    server.run(f"drop database {name} with (force)")


def rows(connection: psycopg.Connection, sql: LiteralString) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def maintained(connection: psycopg.Connection, *statements: LiteralString) -> None:
    for one in ("select set_config('portal.maintenance', 'test', false)", *statements):
        connection.execute(one)


LOWISH: LiteralString = """
select severity, severity_again, version, replaces is not null from vital_rule
where measure = 'oxygen' and finding = 'lowish' and retired_at is null
"""
LOGGED: LiteralString = """
with who as (
  insert into person (id, display_name) values (gen_random_uuid(), 'Ines') returning id
), chart as (
  insert into patient (id, family_name, given_name, birth_date)
  values (gen_random_uuid(), 'Ortega', 'Ines', '1950-04-09') returning id
)
insert into reading (id, patient_id, measure, unit, value, taken_at, zone, entered_by, entered_at, request_key, finding,
  protocol, severity, rule_id, rule_version)
select gen_random_uuid(), chart.id, 'oxygen', '%', 94, now(), 'UTC', who.id, now(), gen_random_uuid(), 'lowish',
  'reseat', 'routine', v.id, v.version
from who, chart, vital_rule v where v.measure = 'oxygen' and v.finding = 'lowish' and v.retired_at is null
"""
REVIEWED: LiteralString = """
with who as (insert into person (id, display_name) values (gen_random_uuid(), 'Ana') returning id)
update vital_rule set reviewed_by = (select id from who), reviewed_at = now() where measure = 'oxygen'
"""


def test_oxygen_a_little_low_is_told_in_the_next_version_and_back(schema: Schema) -> None:
    config, connection = schema
    command.upgrade(config, "0081")
    assert rows(connection, LOWISH) == [("", "routine", 1, False)]
    command.upgrade(config, "0079")
    assert rows(connection, LOWISH) == [("routine", "urgent", 2, True)]
    maintained(connection, LOGGED)
    command.downgrade(config, "0081")
    assert rows(connection, LOWISH) == [("", "routine", 1, False)]
    assert rows(connection, "select finding, rule_version, sequence from reading") == [("lowish", 1, 0)]


def test_what_a_practice_has_reviewed_stays_as_it_is(schema: Schema) -> None:
    config, connection = schema
    command.upgrade(config, "0081")
    maintained(connection, REVIEWED)
    command.upgrade(config, "0079")
    assert rows(connection, LOWISH) == [("", "routine", 1, False)]
    command.downgrade(config, "0081")
    assert rows(connection, LOWISH) == [("", "routine", 1, False)]
