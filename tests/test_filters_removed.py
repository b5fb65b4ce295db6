"""What services ask, asked again without their conditions: row-level security alone must keep others' rows away."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from sqlglot import exp

import portal_app.portal_app  # noqa: F401 - registers every policy
from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.access import service as access
from portal_app.features.booking import service as booking
from portal_app.features.practice import service as practice
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker
from tests.statements import Asked, statements_asked


@dataclass(frozen=True)
class TwoPatients:
    """Two patients with an appointment each, with the same practitioner."""

    mine: Someone
    mine_appointment: UUID
    theirs: Someone
    theirs_appointment: UUID
    place: Place


@pytest.fixture
async def two(database: Database, clinic: Clinic) -> TwoPatients:
    maker = PracticeMaker(database)
    await maker.practice()
    place = await maker.place(*((day, "08:00", "18:00") for day in range(1, 8)))
    tomorrow = clock.now().astimezone(ZoneInfo(place.zone)).date() + timedelta(days=3)
    people = [await clinic.patient("Maria"), await clinic.patient("Sam")]
    booked = []
    for someone, wall in zip(people, ("09:00", "10:00"), strict=True):
        async with database.act_as(someone.credential, "booking.book") as tx:
            booked.append(await booking.book_appointment(tx, place.request(place.at(tomorrow, wall))))
    await database.told()  # so that nothing but the services asks while their statements are written down
    return TwoPatients(people[0], booked[0].id, people[1], booked[1].id, place)


async def ask_everything(database: Database, two: TwoPatients) -> Asked:
    """Run each reading service as the first patient and return what it asked the database."""
    async with database.act_as(two.mine.credential, "booking.view") as tx:
        with statements_asked() as asked:
            await booking.my_appointments(tx)
            await booking.appointment(tx, two.mine_appointment)
            for find in (booking.find_days, booking.find_times, booking.find_soonest):
                await find(tx, two.place.query())
            await practice.practice(tx)
            await practice.locations(tx)
            await practice.practitioners(tx)
            await practice.visit_types(tx)
            await practice.own_practitioner_id(tx)
            await access.who_am_i(tx)
            await access.own_chart(tx)
    return asked


def without_conditions(statement: str) -> str:
    """Return a query with every WHERE made true; joins stay, because without them rows would only multiply."""
    named = sqlglot.parse_one(re.sub(r"%\((\w+)\)s(?:::(\w+))?", r":\1", statement), read="postgres")
    for where in list(named.find_all(exp.Where)):
        where.pop()
    return re.sub(r"(?<![:\w]):([a-z_]\w*)", r"%(\1)s", named.sql(dialect="postgres"))


async def test_services_without_their_filters_return_nothing_of_another_patient(
    database: Database, two: TwoPatients
) -> None:
    asked = await ask_everything(database, two)
    theirs = {two.theirs.patient_id, two.theirs.person_id, two.theirs_appointment}
    assert len(asked) >= 10
    everything: set[UUID] = set()
    for statement, parameters in asked:
        async with database.act_as(two.mine.credential, "booking.view") as tx:
            bare = without_conditions(statement)
            result = await tx.connection.exec_driver_sql(bare, parameters)
            seen = {value for row in result for value in row if isinstance(value, UUID)}
        assert not seen & theirs, bare
        everything |= seen
    assert two.mine_appointment in everything


async def test_every_table_read_whole_shows_a_patient_nothing_of_another(database: Database, two: TwoPatients) -> None:
    theirs = {two.theirs.patient_id, two.theirs.person_id, two.theirs_appointment}
    readable = (
        "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
        " and has_table_privilege(c.oid, 'select') and c.relname not like 'procrastinate%'"
    )
    async with database.act_as(two.mine.credential, "booking.view") as tx:
        tables = [row.relname for row in await tx.all(readable)]
        assert len(tables) > 10
        for table in tables:
            rows = await tx.all(f"select * from {table}")
            assert not {value for row in rows for value in row if isinstance(value, UUID)} & theirs, table


async def test_a_clinician_elsewhere_sees_no_chart_and_one_here_sees_both(
    database: Database, clinic: Clinic, two: TwoPatients
) -> None:
    here = await clinic.staff("clinician", location_id=two.place.location_id)
    elsewhere = await clinic.staff("clinician", location_id=two.place.visit_type_id)
    for someone, expected in ((here, 2), (elsewhere, 0)):
        async with database.act_as(someone.credential, "booking.view_day") as tx:
            assert await tx.scalar("select count(*) from patient") == expected
            assert await tx.scalar("select count(*) from appointment") == expected
