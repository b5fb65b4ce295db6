"""A chart is found by name in any script, by birth date and by telephone number, by whoever may see it."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.access.tables import Patient
from portal_app.features.patients import service, telecom
from tests.factories import Clinic, Someone


@pytest.fixture
async def desk(clinic: Clinic) -> Someone:
    return await clinic.staff("front_desk")


async def find(database: Database, who: Someone, query: str) -> list[UUID | None]:
    async with database.act_as(who.credential, "patients.find") as tx:
        return [one.id for one in (await service.find_patients(tx, query)).patients]


@pytest.mark.parametrize(
    ("given", "family", "query"),
    [
        ("José", "Núñez García", "nunez jose"),
        ("José", "Núñez García", "GARCÍA"),
        ("María", "Peña", "mari pen"),
        ("فاطمة", "الخطيب", "Fatima Khatib"),
        ("فاطمة", "الخطيب", "فاطمه خطيب"),
        ("Yusuf", "Mansour", "يوسف منصور"),
        ("يوسف", "منصور", "youssef"),
        ("Дмитрий", "Соколов", "Sokolov Dmitry"),
        ("Дмитрий", "Соколов", "соколов"),
        ("Dmitriy", "Sokolov", "Дмитрий"),
        ("Ελένη", "Παππάς", "Eleni Pappas"),
        ("Jürgen", "Müller", "Mueller"),
        ("Jürgen", "Müller", "muller jurgen"),
        ("Łukasz", "Wójcik", "wojcik lukasz"),
        ("Hương", "Nguyễn", "nguyen huong"),
        ("秀英", "王", "王秀英"),
        ("秀英", "王", "王"),
        ("민준", "김", "김민준"),
        ("민준", "김", "minjun"),
        ("प्रिया", "शर्मा", "Sharma"),
        ("ሰላም", "በቀለ", "selam"),
        ("Sinéad", "O’Brien", "o'brien"),
        ("Ana", "Silva-Reyes", "reyes"),
    ],
)
async def test_a_name_is_found_however_it_is_written(
    database: Database, clinic: Clinic, desk: Someone, given: str, family: str, query: str
) -> None:
    wanted = await clinic.patient(given, family)
    await clinic.patient("Thomas", "Whitaker")

    assert await find(database, desk, query) == [wanted.patient_id]


@pytest.mark.parametrize(
    "query",
    ["1964-05-01", "5/1/1964", "1.5.1964", "01/05/64", "19640501", "May 1, 1964", "1 de mayo de 1964", "1 مايو 1964",
     "١/٥/١٩٦٤", "1st of May 1964", "mar 5/1/1964", "1964-05-01 maria"],
)  # fmt: skip
async def test_a_birth_date_is_found_however_it_is_said(
    database: Database, clinic: Clinic, desk: Someone, query: str
) -> None:
    maria = await clinic.patient("Maria", birth_date=date(1964, 5, 1))
    await clinic.patient("Maria", "Ortiz", birth_date=date(1964, 5, 2))

    assert await find(database, desk, query) == [maria.patient_id]


async def with_phone(database: Database, someone: Someone, number: str) -> None:
    e164 = telecom.normalised(number, "US")
    assert e164
    async with database.act_as_system("test") as tx:
        chart = update(Patient).where(col(Patient.id) == someone.patient_id)
        await tx.execute(chart.values(phone=e164, phone_keys=telecom.keys(e164)))


@pytest.mark.parametrize("query", ["(718) 555-0142", "718 555 0142", "+1 718-555-0142", "٧١٨٥٥٥٠١٤٢", "555-0142"])
async def test_a_telephone_number_is_found_however_it_is_written(
    database: Database, clinic: Clinic, desk: Someone, query: str
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    await with_phone(database, maria, "718 555 0142")
    await with_phone(database, sam, "718 555 0199")

    assert await find(database, desk, query) == [maria.patient_id]


async def test_numbers_are_not_readable_in_the_database(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    await with_phone(database, maria, "718 555 0142")
    async with database.act_as_system("test") as tx:
        row = await tx.one("select phone, phone_keys from patient where id = :id", {"id": maria.patient_id})
        words = await tx.all("select word from patient_word where patient_id = :id", {"id": maria.patient_id})
    assert "5550142" not in f"{row} {words}"


async def test_whole_words_come_before_beginnings(database: Database, clinic: Clinic, desk: Someone) -> None:
    longer = await clinic.patient("Anabel", "Abbott")
    whole = await clinic.patient("Ana", "Zuniga")
    assert await find(database, desk, "ana") == [whole.patient_id, longer.patient_id]


@pytest.mark.parametrize("query", ["", "a", "  ", "12", "'; drop table patient", "%", "_", "☃", "123-45"])
async def test_too_little_or_nonsense_finds_nobody(
    database: Database, clinic: Clinic, desk: Someone, query: str
) -> None:
    await clinic.patient("Ana")
    assert await find(database, desk, query) == []


async def test_a_changed_name_is_found_and_the_old_one_is_not(
    database: Database, clinic: Clinic, desk: Someone
) -> None:
    maria = await clinic.patient("Maria", "Alvarez")
    async with database.act_as_system("test") as tx:
        await tx.execute("update patient set family_name = 'Ortiz' where id = :id", {"id": maria.patient_id})
    assert await find(database, desk, "ortiz") == [maria.patient_id]
    assert await find(database, desk, "alvarez") == []


async def test_clinical_staff_find_whom_they_look_after_and_nobody_a_hidden_chart(
    database: Database, clinic: Clinic, desk: Someone
) -> None:
    await clinic.patient("Maria", "Alvarez")
    await clinic.patient("Mario", "Alvarez", confidentiality="V")
    nurse = await clinic.staff("nurse", location_id=uuid4())
    assert await find(database, nurse, "alvarez") == []
    assert len(await find(database, desk, "alvarez")) == 1


async def test_patients_and_managers_find_nobody(database: Database, clinic: Clinic) -> None:
    for who in (await clinic.patient(), await clinic.staff("manager"), await clinic.staff("billing")):
        with pytest.raises(NotAllowed):
            await find(database, who, "alvarez")


async def test_each_chart_shown_is_recorded_once(database: Database, clinic: Clinic, desk: Someone) -> None:
    maria, ana = await clinic.patient("Maria"), await clinic.patient("Ana")
    async with database.act_as(desk.credential, "patients.find") as tx:
        found = await service.find_patients(tx, "alvarez", seen=[ana.patient_id])  # type: ignore[list-item]
    assert len(found.patients) == 2
    async with database.act_as_system("test") as tx:
        seen = await tx.all("select patient_id, person_id from audit_event where action = 'patients.find'")
    assert [tuple(row) for row in seen] == [(maria.patient_id, desk.person_id)]


async def test_the_desk_sees_who_somebody_is_and_how_to_reach_them(
    database: Database, clinic: Clinic, desk: Someone
) -> None:
    maria = await clinic.patient()
    await with_phone(database, maria, "718 555 0142")
    assert maria.patient_id
    async with database.act_as(desk.credential, "patients.view") as tx:
        seen = await service.patient(tx, maria.patient_id)
    assert (seen.given_name, seen.phone, seen.email) == ("Maria", "(718) 555-0142", maria.email)
    nurse = await clinic.staff("nurse", location_id=uuid4())
    with pytest.raises(NotFound):
        async with database.act_as(nurse.credential, "patients.view") as tx:
            await service.patient(tx, maria.patient_id)
