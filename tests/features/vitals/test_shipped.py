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
update vital_rule set reviewed_by = (select id from who), reviewed_at = now()
where measure in ('oxygen', 'blood_pressure')
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


ADDED: LiteralString = """
select measure, condition, age_from, age_until, finding from vital_rule
where measure in ('pulse', 'breaths') and retired_at is null and (condition <> '' or age_until < 200)
order by measure, condition, age_from, finding
"""
OWN: LiteralString = """
insert into vital_rule (measure, unit, part, at_least, finding, protocol, severity, severity_again, condition, age_from,
  age_until, source)
values ('pulse', '/min', '', 140, 'fast', 'rest_repeat', 'urgent', 'critical', '', 40, 100, 'Our paediatrician'),
  ('breaths', '/min', '', 30, 'fast', 'rest_repeat', 'urgent', 'critical', 'pregnant', 0, 2400, 'Our midwife')
"""
ALL: LiteralString = """
select measure, unit, part, condition, age_from, age_until, finding, severity, source, version from vital_rule
where retired_at is null order by id
"""
DOUBLE: LiteralString = """
select a.measure, a.condition, a.finding, a.age_from from vital_rule a join vital_rule b
  on (a.measure, a.unit, a.part, a.condition, a.finding) = (b.measure, b.unit, b.part, b.condition, b.finding)
  and a.id < b.id and a.age_from < b.age_until and b.age_from < a.age_until
where a.retired_at is null and b.retired_at is null and a.finding not in ('gain_day', 'gain_week')
"""


def test_ranges_of_children_and_in_pregnancy_come_and_go(schema: Schema) -> None:
    config, connection = schema
    command.upgrade(config, "0087")
    before = rows(connection, ALL)
    command.upgrade(config, "0080")
    assert len(rows(connection, ADDED)) == 25
    assert rows(connection, DOUBLE) == []
    assert len(rows(connection, ALL)) > len(before) + 80
    command.downgrade(config, "0087")
    assert rows(connection, ALL) == before


def test_a_practice_s_own_sets_stay_and_the_ages_beside_them_are_filled(schema: Schema) -> None:
    config, connection = schema
    command.upgrade(config, "0087")
    maintained(connection, OWN)
    command.upgrade(config, "0080")
    found = rows(connection, ADDED)
    pulses = {one[2:] for one in found if one[:2] == ("pulse", "")}
    assert {one for one in pulses if one[0] == 40} == {(40, 100, "fast")}
    assert {(36, 40, "fast"), (12, 40, "slow"), (100, 144, "fast"), (100, 144, "slow")} <= pulses
    assert [one[2:] for one in found if one[:2] == ("breaths", "pregnant")] == [(0, 2400, "fast")]


LOW: LiteralString = """
select source like 'NICE NG255%', version from vital_rule
where measure = 'blood_pressure' and condition = 'pregnant' and finding = 'low' and retired_at is null order by age_from
"""


@pytest.mark.parametrize("is_reviewed", [False, True])
def test_a_low_pressure_in_pregnancy_names_its_own_source_unless_it_was_reviewed(
    schema: Schema, is_reviewed: bool
) -> None:
    config, connection = schema
    command.upgrade(config, "0087")
    if is_reviewed:
        maintained(connection, REVIEWED)
    command.upgrade(config, "0080")
    assert rows(connection, LOW) == [(True, 1), (False, 1) if is_reviewed else (True, 2)]
