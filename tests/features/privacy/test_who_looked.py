"""Who looked: patients read the trail of their own chart, and nobody reads more of it than they may."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from portal_app import wiring
from portal_app.core import audit, clock
from portal_app.core.actor import Credential
from portal_app.core.db import Database, libpq_conninfo, secret_hash
from portal_app.core.errors import NotAllowed, NotFound, OutOfScope
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import Line, LookPage, LookQuery, Side
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic, Someone

wiring.load_features("policies")
LOOK = "privacy.who_looked"


async def did(database: Database, someone: Someone, action: str, chart: UUID | None, **about: object) -> None:
    """Let somebody do something with a chart."""
    async with database.act_as(someone.credential, "access.who_am_i") as tx:
        entity, entity_id = about.get("entity", "Patient"), about.get("entity_id", chart)
        assert isinstance(entity, str)
        assert entity_id is None or isinstance(entity_id, UUID)
        await audit.record(tx, action, patient_id=chart, entity=entity, entity_id=entity_id)


async def look(database: Database, credential: Credential, query: LookQuery | None = None) -> LookPage:
    async with database.act_as(credential, LOOK) as tx:
        return await privacy.who_looked(tx, query or LookQuery(), is_repeated=True)


async def lines(database: Database, credential: Credential, query: LookQuery | None = None) -> list[Line]:
    return [line for day in (await look(database, credential, query)).days for line in day.lines]


async def proxy(database: Database, clinic: Clinic, chart: UUID | None, **grant: object) -> Someone:
    """Sign a caregiver in, acting for a chart, with a grant for it."""
    someone, secret = await clinic.staff("caregiver", name="Ana Cruz"), uuid4().hex
    values = {"sections": ["profile", "booking"], "up_to": "N"} | grant
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into access_grant (grantee, patient_id, sections, verbs, up_to, basis)"
            " values (:who, :chart, :sections, '{view,act}', :up_to, 'caregiver')",
            values | {"who": someone.person_id, "chart": chart},
        )
        await tx.execute("select set_config('portal.person_id', :id, true)", {"id": str(someone.person_id)})
        await tx.execute(
            "insert into session (id, secret_hash, person_id, patient_id, assurance, expires_at)"
            " values (gen_random_uuid(), :hash, :person_id, :chart, 2, :until)",
            {"hash": secret_hash(secret), "person_id": someone.person_id, "chart": chart,
             "until": clock.now() + timedelta(hours=1)},
        )  # fmt: skip
    return Someone(someone.person_id, chart, Credential(secret), someone.email)


async def confidential(database: Database, someone: Someone, secrecy: str = "R") -> UUID:
    """Put something with a secrecy of its own into a chart: a wish for an appointment."""
    request_id = uuid4()
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "insert into time_request (id, patient_id, confidentiality, words, asked_at, answer_by, language,"
            " request_key, created_by) values (:id, :chart, :secrecy, 'x', now(), now(), 'en', :id, :person_id)",
            {"id": request_id, "chart": someone.patient_id, "secrecy": secrecy, "person_id": someone.person_id},
        )
    return request_id


async def test_a_patient_reads_who_it_was_in_which_role_and_what(database: Database, clinic: Clinic) -> None:
    maria, ruth = await clinic.proven(), await clinic.staff("nurse", name="Ruth Baker")
    await did(database, ruth, "patients.view", maria.patient_id)
    await did(database, maria, "booking.book", maria.patient_id)
    async with database.act_as_system("booking.remind") as tx:
        await audit.record(tx, "notify.send", patient_id=maria.patient_id, entity="Communication", entity_id=uuid4())
    found = await lines(database, maria.credential)
    assert [(one.action, one.person_name, one.roles, one.side) for one in found] == [
        ("notify.send", "Sala", ("system",), Side.portal),
        ("booking.book", "Maria Alvarez", ("patient",), Side.own),
        ("patients.view", "Ruth Baker", ("nurse",), Side.staff),
    ]


async def test_the_name_is_the_one_of_that_time(database: Database, clinic: Clinic) -> None:
    maria, ruth = await clinic.proven(), await clinic.staff("nurse", name="Ruth Baker")
    await did(database, ruth, "patients.view", maria.patient_id)
    async with database.act_as_system("test") as tx:
        await tx.execute("update person set display_name = 'Somebody else'")
    assert [one.person_name for one in await lines(database, maria.credential)] == ["Ruth Baker"]


async def test_views_again_and_again_are_one_line_and_changes_are_not(database: Database, clinic: Clinic) -> None:
    maria, ruth = await clinic.proven(), await clinic.staff("nurse")
    for action in ("patients.view", "booking.move", "patients.view", "booking.move", "patients.view"):
        await did(database, ruth, action, maria.patient_id)
    found = await lines(database, maria.credential)
    assert sorted((one.action, one.times) for one in found) == [
        ("booking.move", 1), ("booking.move", 1), ("patients.view", 3),
    ]  # fmt: skip


async def test_reading_it_is_in_it(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    async with database.act_as(maria.credential, LOOK) as tx:
        assert (await privacy.who_looked(tx, LookQuery())).days == []
    assert [(one.action, one.side) for one in await lines(database, maria.credential)] == [(LOOK, Side.own)]


async def test_people_and_the_portal_and_each_person_can_be_read_apart(database: Database, clinic: Clinic) -> None:
    maria, ruth = await clinic.proven(), await clinic.staff("nurse", name="Ruth Baker")
    tom = await clinic.staff("front_desk", name="Tom Ortiz")
    for someone in (ruth, tom):
        await did(database, someone, "patients.view", maria.patient_id)
    async with database.act_as_system("test") as tx:
        await audit.record(tx, "notify.send", patient_id=maria.patient_id, entity="Communication", entity_id=None)
    names = {
        who: {one.person_name for one in await lines(database, maria.credential, query)}
        for who, query in {
            "people": LookQuery("people"), "portal": LookQuery("portal"), "Tom": LookQuery(person_id=tom.person_id)
        }.items()
    }  # fmt: skip
    assert names == {"people": {"Ruth Baker", "Tom Ortiz"}, "portal": {"Sala"}, "Tom": {"Tom Ortiz"}}
    async with database.act_as(maria.credential, LOOK) as tx:
        assert [one.name for one in await privacy.lookers(tx)] == ["Ruth Baker", "Tom Ortiz"]


async def test_pages_end_with_whole_days_and_nothing_is_left_out_or_said_twice(
    database: Database, clinic: Clinic, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal_app.features.privacy.rules.EVENTS_OF_PAGE", 4)
    maria = await clinic.proven()
    async with database.act_as_system("test") as tx:
        await tx.execute("insert into audit_event (action, patient_id, entity) select 'booking.move', :id, 'Patient'"
                         " from generate_series(1, 12)", {"id": maria.patient_id})  # fmt: skip
    spread(superuser, timedelta(hours=8))
    seen: list[int] = []
    before: datetime | None = None
    while True:
        page = await look(database, maria.credential, LookQuery(before=before))
        seen += [line.id for day in page.days for line in day.lines]
        assert page.days
        if page.next_before is None:
            break
        before = page.next_before
    assert seen == sorted(set(seen))
    assert len(seen) == 12


@pytest.fixture
def superuser(server: Server, settings: Settings) -> Iterator[psycopg.Connection]:
    """Give what can move events in time: the owner of the machine, with every trigger switched off."""
    name = make_url(settings.database_url or "").database or ""
    with psycopg.connect(libpq_conninfo(server.url(server.superuser, name)), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


def spread(superuser: psycopg.Connection, apart: timedelta) -> None:
    superuser.execute("update audit_event set at = at - id * %s", [apart])


async def test_nobody_reads_another_chart(database: Database, clinic: Clinic) -> None:
    maria, omar = await clinic.proven(), await clinic.proven("Omar", "Haddad")
    await did(database, omar, "booking.book", omar.patient_id)
    assert await lines(database, maria.credential) == []
    for role in ("nurse", "front_desk", "manager", "caregiver"):
        stranger = await clinic.staff(role)
        with pytest.raises((NotAllowed, NotFound)):
            await look(database, stranger.credential)


async def test_neither_address_nor_session_can_be_read_by_a_patient(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    await did(database, maria, "booking.book", maria.patient_id)
    async with database.act_as(maria.credential, LOOK) as tx:
        assert await tx.all("select address, session_id from audit_event") == []
    with pytest.raises(ProgrammingError):
        async with database.act_as(maria.credential, LOOK) as tx:
            await tx.all("select address from chart_lines('-infinity', 'infinity', 'UTC', 'all', null, '{}')")


async def test_a_proxy_sees_no_line_about_what_is_confidential_nor_who_that_was(
    database: Database, clinic: Clinic
) -> None:
    teen, ruth = await clinic.proven("Lia"), await clinic.staff("nurse", name="Ruth Baker")
    mother = await proxy(database, clinic, teen.patient_id)
    plain, secret = await confidential(database, teen, "N"), await confidential(database, teen, "R")
    for one in (plain, secret):
        await did(database, ruth, "waiting.view_request", teen.patient_id, entity="Appointment", entity_id=one)
    await did(database, ruth, "booking.view_day", teen.patient_id, entity="Schedule", entity_id=uuid4())
    await did(database, ruth, "notify.send", teen.patient_id, entity="Communication", entity_id=uuid4())
    assert len(await lines(database, teen.credential)) == 3
    (seen,) = await lines(database, mother.credential)
    assert (seen.action, seen.times) == ("waiting.view_request", 1)
    async with database.act_as(mother.credential, LOOK) as tx:
        assert await privacy.lookers(tx) == []


async def test_what_is_made_confidential_later_takes_its_lines_along(database: Database, clinic: Clinic) -> None:
    teen = await clinic.proven("Lia")
    mother = await proxy(database, clinic, teen.patient_id)
    one = await confidential(database, teen, "N")
    await did(database, teen, "waiting.request", teen.patient_id, entity="Appointment", entity_id=one)
    assert len(await lines(database, mother.credential)) == 1
    async with database.act_as_system("test") as tx:
        await tx.execute("update time_request set confidentiality = 'R'")
    assert await lines(database, mother.credential) == []


async def test_what_a_caregiver_does_is_shown_as_theirs(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    ana = await proxy(database, clinic, maria.patient_id)
    await did(database, ana, "booking.book", maria.patient_id)
    (line,) = await lines(database, maria.credential)
    assert (line.person_name, line.side) == ("Ana Cruz", Side.caregiver)
    (own,) = await lines(database, ana.credential)
    assert own.side is Side.own


async def test_a_caregiver_for_bookings_alone_does_not_read_it(database: Database, clinic: Clinic) -> None:
    maria = await clinic.proven()
    ana = await proxy(database, clinic, maria.patient_id, sections=["booking"])
    await did(database, maria, "booking.book", maria.patient_id)
    with pytest.raises(OutOfScope):
        await lines(database, ana.credential)
    async with database.act_as(ana.credential, "booking.view") as tx:
        assert await tx.all("select * from chart_lines('-infinity', 'infinity', 'UTC', 'all', null, '{}')") == []


async def test_a_page_of_a_hundred_thousand_events_reads_its_own_days_only(
    database: Database, clinic: Clinic, superuser: psycopg.Connection
) -> None:
    maria = await clinic.proven()
    async with database.act_as_system("test") as tx:
        await tx.execute("insert into audit_event (action, patient_id, entity) select 'booking.move', :id, 'Patient'"
                         " from generate_series(1, 100000)", {"id": maria.patient_id})  # fmt: skip
    spread(superuser, timedelta(minutes=9))
    page = await look(database, maria.credential)
    shown = sum(len(day.lines) for day in page.days)
    assert 200 <= shown <= 200 + 24 * 60 / 9 + 1
    assert page.next_before is not None
