"""The manager keeps the practice's country and the rooms of a place; whoever has left is no choice of patients'."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.practice import service
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker


@pytest.fixture
async def place(database: Database) -> Place:
    maker = PracticeMaker(database)
    await maker.practice()
    return await maker.place()


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager")


async def add(database: Database, who: Someone, place: Place, name: str, room_id: UUID | None = None) -> UUID:
    room_id = room_id or uuid4()
    async with database.act_as(who.credential, "practice.change_facts") as tx:
        await service.add_room(tx, room_id, place.location_id, name)
    return room_id


async def names(database: Database, who: Someone) -> list[str]:
    async with database.act_as(who.credential, "practice.view") as tx:
        return [one.name for one in await service.rooms(tx)]


async def test_a_room_is_added_once_renamed_retired_and_used_again(
    database: Database, place: Place, manager: Someone
) -> None:
    blue = await add(database, manager, place, " Blue  room ")
    await add(database, manager, place, "Blue room", blue)
    assert await names(database, manager) == ["Blue room"]
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        await service.rename_room(tx, blue, "Red room")
        await service.set_room_in_use(tx, blue, is_active=False)
        assert [(one.name, one.is_active) for one in await service.rooms_of(tx, place.location_id)] == [
            ("Red room", False)
        ]
    assert await names(database, manager) == []
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        await service.set_room_in_use(tx, blue, is_active=True)
    assert await names(database, manager) == ["Red room"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "blue ROOM"])
async def test_a_name_that_says_nothing_or_is_anothers_is_refused(
    database: Database, place: Place, manager: Someone, name: str
) -> None:
    await add(database, manager, place, "Blue room")
    with pytest.raises(InputRefused):
        await add(database, manager, place, name)


async def test_rooms_and_country_are_the_managers(database: Database, place: Place, clinic: Clinic) -> None:
    for role in ("front_desk", "nurse", "clinician"):
        with pytest.raises(NotAllowed):
            await add(database, await clinic.staff(role), place, "Blue room")
    with pytest.raises(NotFound):
        async with database.act_as((await clinic.staff("manager")).credential, "practice.change_facts") as tx:
            await service.set_room_in_use(tx, uuid4(), is_active=False)


async def test_the_country_says_how_numbers_are_read(database: Database, place: Place, manager: Someone) -> None:
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        with pytest.raises(InputRefused):
            await service.set_country(tx, "XX")
        await service.set_country(tx, "ES")
        assert await service.country(tx) == "ES"
        assert await service.set_number(tx, "bookings", None, "912 345 678") == "912 34 56 78"


async def test_after_how_long_staff_are_locked_out_is_one_of_the_times_offered(
    database: Database, place: Place, manager: Someone
) -> None:
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        for minutes in (0, 4, 61, 10**9):
            with pytest.raises(InputRefused):
                await service.set_staff_idle(tx, minutes)
        await service.set_staff_idle(tx, 30)
        assert await service.staff_idle(tx) == 30


async def test_who_has_left_for_good_is_no_choice_of_patients_and_still_known_to_staff(
    database: Database, place: Place, clinic: Clinic
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")

    async def seen_by(who: Someone) -> bool:
        async with database.act_as(who.credential, "practice.view") as tx:
            return any(one.id == place.practitioner_id for one in await service.practitioners(tx))

    leave = "insert into practitioner_leave (id, practitioner_id, starts_at) values (gen_random_uuid(), :who, :from)"
    async with database.act_as_system("test") as tx:
        await tx.execute(leave, {"who": place.practitioner_id, "from": (clock.now() - timedelta(days=2)).date()})
    assert (await seen_by(maria), await seen_by(desk)) == (False, True)
