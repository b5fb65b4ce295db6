"""Somebody asks to become a patient: the answer gives nothing away, staff decide, a chart is made once."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import crypto
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.features.patients import jobs, service
from portal_app.features.patients.views import RegistrationForm, RegistrationView
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker

FORM = RegistrationForm(
    "Maria", "Álvarez", "1", "mayo", "1964", "Maria@example.test", "718 555 0142", "Knee", "Mondays"
)


@pytest.fixture
async def desk(clinic: Clinic, database: Database) -> Someone:
    await PracticeMaker(database).practice()
    return await clinic.staff("front_desk")


async def asked(database: Database, key: UUID | None = None, **changes: str) -> UUID:
    form = RegistrationForm(**{name: getattr(FORM, name) for name in FORM.__slots__} | changes)
    async with database.act_as_visitor("anon-x", "patients.register") as tx:
        await service.ask_to_register(tx, form, key or uuid4(), "es")
    async with database.act_as_system("test") as tx:
        found: UUID = await tx.scalar("select id from registration order by created_at desc limit 1")
        await take(tx, found)
    return found


async def take(tx: Any, registration_id: UUID) -> None:
    await jobs.list_registration(tx, str(registration_id))


async def seen(database: Database, desk: Someone, id_: UUID) -> RegistrationView:
    async with database.act_as(desk.credential, "patients.decide") as tx:
        return await service.registration(tx, id_)


async def opened(database: Database, id_: UUID) -> None:
    async with database.act_as_system("test") as tx:
        await jobs.open_registered(tx, str(id_))


async def accept(database: Database, desk: Someone, id_: UUID) -> None:
    async with database.act_as(desk.credential, "patients.decide") as tx:
        await service.accept_registration(tx, id_)
    await opened(database, id_)


async def counts(database: Database) -> tuple[int, int, int]:
    async with database.act_as_system("test") as tx:
        row = await tx.one(
            "select (select count(*) from patient) as patients,"
            " (select count(*) from access_grant where basis = 'self') as grants,"
            " (select count(*) from outbox_message where template = 'registration_accepted') as mails"
        )
        return row.patients, row.grants, row.mails


async def test_a_request_is_on_the_list_and_unreadable_in_the_database(database: Database, desk: Someone) -> None:
    id_ = await asked(database)
    found = await seen(database, desk, id_)
    assert (found.given_name, found.birth_date, found.phone) == ("Maria", date(1964, 5, 1), "(718) 555-0142")
    async with database.act_as_system("test") as tx:
        stored = str(await tx.one("select * from registration"))
        assert await tx.scalar("select count(*) from task where code = 'registration' and focus_id = :id", {"id": id_})
    assert "Maria" not in stored
    assert "Knee" not in stored


async def test_two_taps_are_one_request(database: Database, desk: Someone) -> None:
    key = uuid4()
    assert await asked(database, key) == await asked(database, key)


async def test_accepting_makes_person_and_chart_once_and_mails_how_to_sign_in(
    database: Database, desk: Someone
) -> None:
    id_ = await asked(database)
    await accept(database, desk, id_)
    await opened(database, id_)
    assert await counts(database) == (1, 2, 1)
    async with database.act_as(desk.credential, "patients.find") as tx:
        assert len((await service.find_patients(tx, "alvarez 7185550142")).patients) == 1


async def test_two_desks_decide_once(database: Database, desk: Someone) -> None:
    id_ = await asked(database)
    await accept(database, desk, id_)
    with pytest.raises(service.RegistrationDecided):
        async with database.act_as(desk.credential, "patients.decide") as tx:
            await service.decline_registration(tx, id_)


async def test_charts_that_share_something_are_suspected_and_no_others(
    database: Database, clinic: Clinic, desk: Someone
) -> None:
    same = await clinic.patient("María", "Alvarez", birth_date=date(1964, 5, 1))
    await clinic.patient("Maria", "Alvarez", birth_date=date(1970, 1, 1))
    await clinic.patient("Sam", "Ortiz", birth_date=date(1964, 5, 1))
    mailed = await clinic.patient("Ana", "Silva", birth_date=date(1980, 2, 3))
    found = await seen(database, desk, await asked(database, email=mailed.email))
    shared = {one.patient.id: (one.same_name, one.same_birth_date, one.same_email) for one in found.suspects}
    assert shared == {same.patient_id: (True, True, False), mailed.patient_id: (False, False, True)}


async def test_whoever_has_most_in_common_is_shown_first_among_many(
    database: Database, clinic: Clinic, desk: Someone
) -> None:
    for number in range(12):
        await clinic.patient("Maria", f"Aaron{number}", birth_date=date(1964, 5, 1))
    same = await clinic.patient("María", "Alvarez", birth_date=date(1964, 5, 1))
    found = await seen(database, desk, await asked(database))
    assert found.suspects[0].patient.id == same.patient_id


async def test_linking_gives_nobody_new_access_to_a_chart_in_use(
    database: Database, clinic: Clinic, desk: Someone
) -> None:
    maria = await clinic.patient()
    id_ = await asked(database, email="other@example.test")
    async with database.act_as(desk.credential, "patients.decide") as tx:
        await service.link_registration(tx, id_, maria.patient_id or uuid4())
    await opened(database, id_)
    assert await counts(database) == (1, 2, 1)
    async with database.act_as_system("test") as tx:
        told = await tx.scalar("select person_id from outbox_message where template = 'registration_accepted'")
    assert told == maria.person_id


async def test_an_address_in_use_opens_a_chart_nobody_signs_in_to(
    database: Database, clinic: Clinic, desk: Someone
) -> None:
    mother = await clinic.patient()
    id_ = await asked(database, given_name="Leo", email=mother.email)
    await accept(database, desk, id_)
    assert await counts(database) == (2, 2, 0)
    assert not (await seen(database, desk, id_)).has_sign_in
    async with database.act_as_system("test") as tx:
        mail = await tx.one("select person_id, template, content from outbox_message")
        task = await tx.one("select code, patient_id from task where code = 'undelivered'")
    assert (mail.person_id, mail.template) == (mother.person_id, "registration_by_phone")
    assert task.patient_id != mother.patient_id
    assert "Leo" not in crypto.decrypt(mail.content)


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [("given_name", " ", "given"), ("birth_day", "31", ""), ("birth_month", "13", "birth"), ("email", "x", "email"),
     ("phone", "12", "phone"), ("reason", "a" * 501, "reason")],
)  # fmt: skip
async def test_a_field_that_cannot_be_taken_is_named(database: Database, name: str, value: str, field: str) -> None:
    if not field:
        await asked(database, None, **{name: value})
        return
    with pytest.raises(InputRefused) as refused:
        await asked(database, None, **{name: value})
    assert refused.value.field == field


async def test_every_field_that_cannot_be_taken_is_named_at_once(database: Database) -> None:
    with pytest.raises(InputRefused) as refused:
        await asked(database, None, given_name="", birth_month="13", phone="12")
    assert [one.field for one in (refused.value, *refused.value.others)] == ["given", "birth", "phone"]


async def test_only_the_front_desk_reads_and_decides(database: Database, clinic: Clinic, desk: Someone) -> None:
    id_ = await asked(database)
    for who in (await clinic.patient(), await clinic.staff("nurse"), await clinic.staff("manager")):
        with pytest.raises(NotAllowed):
            await seen(database, who, id_)
        async with database.act_as(who.credential, "practice.view") as tx:
            assert await tx.scalar("select count(*) from registration") == 0
