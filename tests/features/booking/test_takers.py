"""Who is offered to whom: nobody new to whoever takes nobody new, and only within the ages they see."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.booking import service
from portal_app.features.booking.errors import PatientNotTaken
from portal_app.features.booking.views import FreeTime, MoveRequest
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


async def _limit(database: Database, place: Place, **limits: object) -> None:
    async with database.act_as_system("test") as tx:
        for name, value in limits.items():
            await tx.execute(
                f"update practitioner set {name} = :value where id = :id",
                {"value": value, "id": place.practitioner_id},
            )


async def _is_offered(database: Database, someone: Someone, place: Place) -> bool:
    async with database.act_as(someone.credential, "booking.find") as tx:
        times = await service.find_times(tx, place.query())
        days = await service.find_days(tx, place.query())
        soonest = await service.find_soonest(tx, place.query())
    assert bool(times) == bool(days) == bool(soonest)
    return bool(times)


async def _own(database: Database, someone: Someone, place: Place) -> None:
    async with database.act_as_system("test") as tx:
        await tx.execute(
            "update patient set general_practitioner_id = :who where id = :id",
            {"who": place.practitioner_id, "id": someone.patient_id},
        )


async def test_who_takes_nobody_new_is_not_offered_to_somebody_new_nor_booked_or_held(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    await _limit(database, place, accepts_new=False)
    other = await practice.colleague(place)
    assert {time.practitioner_id for time in await _times(database, maria, place)} == {other.practitioner_id}
    for take in (practice.held, practice.booked):
        with pytest.raises(PatientNotTaken) as refused:
            await take(maria, place.request(place.at(in_days(3), "10:00")))
        assert {time.practitioner_id for time in refused.value.alternatives} == {other.practitioner_id}
    assert await practice.counts() == (0, 0)


async def _times(database: Database, someone: Someone, place: Place) -> list[FreeTime]:
    async with database.act_as(someone.credential, "booking.find") as tx:
        return list(await service.find_times(tx, place.query()))


async def test_who_takes_nobody_new_still_sees_their_own_patients(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    await _limit(database, place, accepts_new=False)
    await _own(database, maria, place)
    assert await _is_offered(database, maria, place)
    await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))


async def test_who_was_seen_before_is_not_new_and_who_cancelled_is(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, noor = await clinic.patient(), await clinic.patient("Noor")
    await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    gone = await practice.booked(noor, place.request(place.at(in_days(4), "10:00")))
    async with database.act_as(noor.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, gone.id)
    await _limit(database, place, accepts_new=False)
    assert [await _is_offered(database, who, place) for who in (maria, noor)] == [True, False]


@pytest.mark.parametrize(("years", "is_seen"), [(11, False), (12, True), (40, True), (41, False)])
async def test_ages_are_both_included(
    database: Database, clinic: Clinic, place: Place, years: int, *, is_seen: bool
) -> None:
    half_a_year_ago = clock.now().date() - timedelta(days=180)
    kim = await clinic.patient("Kim", birth_date=date(half_a_year_ago.year - years, half_a_year_ago.month, 1))
    await _limit(database, place, age_from=12, age_until=40)
    async with database.act_as(kim.credential, "booking.find") as tx:
        assert bool(await service.find_times(tx, place.query(days=7))) is is_seen


async def test_a_child_is_offered_times_from_their_birthday_on(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    birthday = in_days(10)
    born = date(birthday.year - 12, birthday.month, min(birthday.day, 28))
    birthday = birthday.replace(day=born.day)
    kim = await clinic.patient("Kim", birth_date=born)
    await _limit(database, place, age_from=12)
    first = (await _times(database, kim, place))[0].starts_at
    assert first.date() == birthday
    with pytest.raises(PatientNotTaken):
        await practice.booked(kim, place.request(place.at(birthday - timedelta(days=1), "10:00")))
    await practice.booked(kim, place.request(first))


async def test_a_time_that_is_held_stays_promised_when_the_profile_changes(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, request = await clinic.patient(), place.request(place.at(in_days(3), "10:00"))
    await practice.held(maria, request)
    await _limit(database, place, accepts_new=False)
    assert (await practice.booked(maria, request)).status == "booked"


async def test_nobody_moves_to_somebody_who_does_not_see_them(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, other = await clinic.patient(), await practice.colleague(place)
    booked = await practice.booked(maria, other.request(other.at(in_days(3), "10:00")))
    await _limit(database, place, accepts_new=False)
    wish = MoveRequest(
        booked.id, place.practitioner_id, place.location_id, "in_person", place.at(in_days(4), "10:00"), uuid4()
    )
    with pytest.raises(PatientNotTaken):
        async with database.act_as(maria.credential, "booking.move") as tx:
            await service.move_appointment(tx, wish)
    async with database.act_as(maria.credential, "booking.view") as tx:
        assert (await service.appointment(tx, booked.id)).starts_at == booked.starts_at
