"""The demo's clinic is whole, the same each time, and busy at whatever hour it starts."""

import shutil
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from portal_app.core import clock, crypto
from portal_app.core.db import Database
from portal_app.features.access.service import demo_people
from portal_app.features.intake import service as intake
from portal_app.operations import demo_clinic
from portal_app.operations.demo_practice import LOCATIONS, PRACTITIONERS, ZONES, demo_id, location_id
from portal_app.settings import Settings
from tests.conftest import Server

Started = dict[datetime, Settings]
NOON = datetime(2027, 1, 13, 17, tzinfo=UTC)
HALF_PAST_ELEVEN_AT_NIGHT = datetime(2027, 1, 14, 4, 30, tzinfo=UTC)
FIVE_ON_SUNDAY_MORNING = datetime(2027, 1, 17, 10, tzinfo=UTC)


async def fill(settings: Settings, at: datetime) -> None:
    with clock.frozen_at(at):
        await demo_clinic.fill(settings)


def _copied(server: Server, of: str, folder: Path) -> Settings:
    name = f"test_{uuid4().hex[:12]}"
    server.run(f"create database {name} template {of} owner portal_owner strategy file_copy")
    app, owner = server.url(server.app, name), server.url(server.owner, name)
    return Settings(mode="test", data_dir=folder, database_url=app, database_owner_url=owner)


def _database(settings: Settings) -> str:
    return str(make_url(str(settings.database_url)).database)


@pytest.fixture(scope="module")
def started(server: Server) -> Iterator[Started]:
    """Keep what was started at each moment, to be copied for every test that looks at it."""
    started: Started = {}
    yield started
    for one in started.values():
        server.run(f"drop database {_database(one)} with (force)")


@pytest.fixture
async def settings(
    request: pytest.FixtureRequest, server: Server, template: str, started: Started,
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Settings]:  # fmt: skip
    """Give this test a clinic of its own that started at `at`, where a test has one, or else at noon."""
    at = request.node.callspec.params.get("at", NOON) if hasattr(request.node, "callspec") else NOON
    if at not in started:
        first = _copied(server, template, tmp_path_factory.mktemp("started"))
        crypto.load_key_ring(first)
        await fill(first, at)
        started[at] = first
    shutil.copytree(started[at].data_dir, tmp_path / "data")
    copied = _copied(server, _database(started[at]), tmp_path / "data")
    yield copied
    server.run(f"drop database {_database(copied)} with (force)")


async def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    async with database.act_as_system("test") as tx:
        return [tuple(row) for row in await tx.all(statement)]


async def test_it_is_as_large_as_promised(settings: Settings, database: Database) -> None:
    counts = await rows(
        database,
        "select (select count(*) from location), (select count(distinct zone) from location),"
        " (select count(*) from practitioner), (select count(*) from patient)",
    )
    assert counts == [(len(LOCATIONS), len(set(ZONES)), len(PRACTITIONERS), 401)] == [(3, 2, 8, 401)]


async def test_notes_are_written_by_clinicians_not_by_the_portal_itself(settings: Settings, database: Database) -> None:
    found = await rows(database, "select distinct roles from audit_event where action like 'notes.%'")
    assert found == [(["clinician"],)]


async def test_names_come_in_many_scripts(settings: Settings, database: Database) -> None:
    names = await rows(database, "select family_name from patient")
    scripts = {unicodedata.name(str(name)[0]).split()[0] for (name,) in names}
    assert {"LATIN", "ARABIC", "CYRILLIC", "CJK", "DEVANAGARI", "ETHIOPIC", "HANGUL", "GREEK"} <= scripts


@pytest.mark.parametrize("at", [NOON, HALF_PAST_ELEVEN_AT_NIGHT, FIVE_ON_SUNDAY_MORNING])
async def test_the_day_is_busy_at_whatever_hour(settings: Settings, database: Database, at: datetime) -> None:
    nearby = await rows(
        database,
        f"select status, starts_at > '{at}' from appointment where location_id = '{location_id(0)}'"
        f" and starts_at between '{at - timedelta(hours=4)}' and '{at + timedelta(hours=4)}'",
    )
    seen = Counter(nearby)
    assert seen["fulfilled", False] >= 10
    assert seen["arrived", False] + seen["arrived", True] >= 1
    assert seen["booked", True] >= 10


@pytest.mark.parametrize("at", [NOON, HALF_PAST_ELEVEN_AT_NIGHT, FIVE_ON_SUNDAY_MORNING])
async def test_two_are_on_call_at_whatever_hour_and_the_end_of_the_week_has_a_gap(
    settings: Settings, database: Database, at: datetime
) -> None:
    on_now = "select r.rank, r.is_fit, r.has_phone from on_call_roster('{at}') r where r.starts_at <= '{at}'"
    assert sorted(await rows(database, on_now.format(at=at))) == [(1, True, True), (2, True, False)]
    assert await rows(database, on_now.format(at=at + timedelta(days=7))) == []
    later = at + timedelta(days=7)
    await fill(settings, later)
    assert len(await rows(database, on_now.format(at=later))) == 2


async def test_a_second_start_changes_nothing(settings: Settings, database: Database) -> None:
    everything = "select id, status, starts_at, patient_id, slot_id from appointment order by id"
    before = await rows(database, everything)
    await fill(settings, NOON)
    assert await rows(database, everything) == before


async def test_a_later_start_lets_time_pass_and_keeps_what_people_did(settings: Settings, database: Database) -> None:
    async with database.act_as_system("test") as tx:
        kept = await tx.scalar(
            "update appointment set status = 'noshow' where id = (select id from appointment where status = 'booked'"
            " order by starts_at limit 1) returning id"
        )
    later = NOON + timedelta(days=2)
    await fill(settings, later)
    waiting = await rows(
        database, f"select count(*) from appointment where status in ('booked', 'arrived') and ends_at <= '{later}'"
    )
    assert waiting == [(0,)]
    assert await rows(database, f"select status from appointment where id = '{kept}'") == [("noshow",)]
    today = await rows(database, f"select count(*) from appointment where starts_at > '{later}'")
    assert today[0][0] > 100  # type: ignore[operator]


async def test_every_slot_that_is_busy_belongs_to_an_appointment(settings: Settings, database: Database) -> None:
    await fill(settings, NOON + timedelta(days=3))
    left = await rows(
        database,
        "select count(*) from slot s where status = 'busy'"
        " and not exists (select from appointment a where a.slot_id = s.id)",
    )
    assert left == [(0,)]


async def test_those_whom_one_tap_signs_in_as_exist_with_their_roles(settings: Settings, database: Database) -> None:
    found = await rows(database, "select person_id, role from person_role where person_id::text like 'd0000000%'")
    roles: dict[object, object] = dict(found)  # type: ignore[arg-type]  # each row is a pair
    assert set(roles) == {one.person_id for one in demo_people()}
    assert Counter(map(str, roles.values())) >= Counter({"patient": 3, "clinician": 1, "nurse": 1, "front_desk": 1})


async def test_somebody_acts_for_two_of_them_and_for_her_daughter_as_far_as_age_leaves_it(
    settings: Settings, database: Database
) -> None:
    found = await rows(
        database, "select cardinality(sections), verbs from access_grant where basis = 'caregiver' order by 1, 2"
    )
    daughter = [(1, ["view", "act"]), (3, ["view", "act"])]
    assert found == sorted([(1, ["view"]), (1, ["view"]), (3, ["view", "act"]), *daughter])


async def test_each_demo_patient_has_a_visit_to_come_and_one_that_was(settings: Settings, database: Database) -> None:
    visits = await rows(
        database,
        f"select g.grantee, count(*) filter (where a.starts_at > '{NOON + timedelta(hours=1)}'),"
        f" count(*) filter (where a.ends_at < '{NOON}')"
        " from access_grant g join appointment a on a.patient_id = g.patient_id"
        " where g.basis = 'self' and g.min_assurance = 1 and g.grantee::text like 'd0000000%' group by 1",
    )
    assert [counts[1:] for counts in visits] == [(1, 1)] * 3


async def test_one_visit_of_each_day_that_it_starts_is_overbooked(settings: Settings, database: Database) -> None:
    beside = (
        "select a.status from appointment a join slot s on s.id = a.slot_id and s.is_overbooked join appointment o"
        " on o.practitioner_id = a.practitioner_id and o.starts_at = a.starts_at and o.id <> a.id"
    )
    for start in (NOON, NOON + timedelta(minutes=5)):
        await fill(settings, start)
        assert await rows(database, beside) == [("booked",)]
    await fill(settings, NOON + timedelta(days=1))
    assert len(await rows(database, beside)) == 2


async def test_whoever_is_met_first_has_two_weeks_of_readings_a_plan_and_an_alert_open_and_one_closed(
    settings: Settings, database: Database
) -> None:
    first = demo_id("patient", demo_people()[0].person_id)
    of = f"where patient_id = '{first}' and measure = 'blood_pressure'"
    ((days, severe, least),) = await rows(
        database,
        "select count(distinct taken_at::date), count(*) filter (where severity = 'urgent'), min(taken_at)"
        f" from reading {of}",
    )
    assert (isinstance(days, int) and days >= 12, severe) == (True, 2)
    assert timedelta(days=11) < NOON - least < timedelta(days=15)  # type: ignore[operator]
    assert await rows(database, f"select times_a_day, ended_at from care_plan {of}") == [(2, None)]
    told = f"select status, outcome from alert where patient_id = '{first}' order by opened_at"
    assert await rows(database, told) == [("closed", "called"), ("open", "")]
    medicine = f"select status, version from chart_entry where patient_id = '{first}' and version > 1"
    assert await rows(database, medicine) == [("active", 2)]


@pytest.mark.parametrize("at", [NOON, HALF_PAST_ELEVEN_AT_NIGHT, FIVE_ON_SUNDAY_MORNING])
async def test_somebody_is_in_each_state_of_check_in_and_of_asked_forms(
    settings: Settings, database: Database, at: datetime
) -> None:
    check_ins = "select finished_at is not null, cardinality(missing) > 1, count(*) from check_in group by 1, 2"
    assert {row[:2] for row in await rows(database, check_ins)} >= {(False, True), (True, True), (True, False)}
    half = await rows(database, "select count(*) from questionnaire_response where status = 'in-progress'")
    assert half[0][0] >= 2  # type: ignore[operator]
    asked = await rows(
        database,
        f"select coalesce(r.status, 'new'), f.due_at < '{at}' from form_assignment f"
        " left join questionnaire_response r on r.assignment_id = f.id",
    )
    assert set(asked) == {("new", False), ("in-progress", False), ("completed", False), ("new", True)}


async def test_the_demo_starts_again_whatever_forms_a_manager_asks_for_by_then(
    settings: Settings, database: Database
) -> None:
    async with database.act_as_system("test") as tx:
        await intake.add_rule(tx, "urn:sala:form:medical-history")
    await fill(settings, NOON + timedelta(days=3))


async def test_check_ins_are_made_again_once_those_visits_are_over(settings: Settings, database: Database) -> None:
    first = await rows(database, "select count(*) from check_in")
    await fill(settings, NOON)
    assert await rows(database, "select count(*) from check_in") == first
    await fill(settings, NOON + timedelta(days=3))
    assert (await rows(database, "select count(*) from check_in"))[0][0] > first[0][0]  # type: ignore[operator]
