"""The practice tells who it is, where, whom one can see and what can be booked."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.practice import service
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker


@pytest.fixture
async def practice(database: Database) -> PracticeMaker:
    return PracticeMaker(database)


async def test_a_visitor_reads_the_name_and_the_numbers_to_call(database: Database, practice: PracticeMaker) -> None:
    await practice.practice()
    await practice.place()
    async with database.act_as_visitor("", "practice.view_name") as tx:
        us, places = await service.practice(tx), await service.locations(tx)
    assert (us.name, us.emergency_phone, places[0].phone) == ("Riverside", "911", "+1 212 555 0101")


async def test_a_visitor_reads_no_more(database: Database, practice: PracticeMaker) -> None:
    await practice.place()
    for ask in (service.practitioners, service.visit_types):
        with pytest.raises(NotAllowed):
            async with database.act_as_visitor("", "practice.view_name") as tx:
                await ask(tx)


async def test_before_it_is_set_up_there_is_no_practice(database: Database) -> None:
    async with database.act_as_visitor("", "practice.view_name") as tx:
        with pytest.raises(NotFound):
            await service.practice(tx)


async def test_there_is_one_practice(practice: PracticeMaker) -> None:
    await practice.practice()
    with pytest.raises(IntegrityError, match="practice_only_one"):
        await practice.practice()


async def test_a_patient_reads_whom_to_see_and_what_to_book(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, place = await clinic.patient(), await practice.place(notice_h=12, lead_min=30)
    async with database.act_as(maria.credential, "practice.view") as tx:
        (who,), (what,) = await service.practitioners(tx), await service.visit_types(tx)
    assert (who.id, who.location_ids, who.languages) == (place.practitioner_id, (place.location_id,), ("en", "ig"))
    assert (what.duration, what.notice, what.lead) == (
        timedelta(minutes=30), timedelta(hours=12), timedelta(minutes=30))  # fmt: skip


async def test_names_are_said_in_the_language_or_in_english(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    maria = await clinic.patient()
    await practice.place()
    async with database.act_as(maria.credential, "practice.view") as tx:
        (what,) = await service.visit_types(tx)
    assert [what.name_in(locale) for locale in ("en", "es", "ar")] == ["Check-up", "Revisión", "Check-up"]


async def test_a_clinician_knows_which_practitioner_they_are(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    ada, ruth = await clinic.staff("clinician"), await clinic.staff("nurse")
    place = await practice.place(person_id=ada.person_id)
    found = []
    for who in (ada, ruth):
        async with database.act_as(who.credential, "practice.view") as tx:
            found.append(await service.own_practitioner_id(tx))
    assert found == [place.practitioner_id, None]


@pytest.mark.parametrize("role", ["manager", "front_desk", "clinician"])
async def test_only_a_manager_changes_the_hours(
    database: Database, clinic: Clinic, practice: PracticeMaker, role: str
) -> None:
    await practice.place()
    someone = await clinic.staff(role)
    async with database.act_as(someone.credential, "practice.view") as tx:
        changed = await tx.execute("update schedule set closes = '13:00'")
    assert changed == (7 if role == "manager" else 0)
