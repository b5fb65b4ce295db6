"""Numbers and hours: set by the manager, called by somebody, found stale before a patient finds out."""

from datetime import time
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.practice import facts, rules, service
from portal_app.features.practice.errors import HoursUnreadable, NumberChanged
from portal_app.features.practice.views import PlaceFacts
from portal_app.features.tasks import service as tasks
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker

WRITTEN = "(718) 555-0120"


@pytest.fixture
async def manager(clinic: Clinic) -> Someone:
    return await clinic.staff("manager", name="Grace Lin")


@pytest.fixture
async def place(database: Database) -> Place:
    maker = PracticeMaker(database)
    await maker.practice()
    return await maker.place()


async def _facts(database: Database, someone: Someone | None) -> PlaceFacts:
    if someone is None:
        async with database.act_as_visitor("", "practice.view_name") as tx:
            (found,) = await service.place_facts(tx, await service.locations(tx))
    else:
        async with database.act_as(someone.credential, "practice.view") as tx:
            (found,) = await service.place_facts(tx, await service.locations(tx))
    return found


async def _set(database: Database, manager: Someone, place: Place, purpose: str = "bookings") -> None:
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        await service.set_number(tx, purpose, place.location_id, "718 555 0120")


async def _check(database: Database, manager: Someone, place: Place, number: str, *, is_answered: bool) -> None:
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        await service.check_line(tx, "bookings", place.location_id, number, is_answered=is_answered)


async def _open_tasks(database: Database, manager: Someone) -> int:
    async with database.act_as(manager.credential, "tasks.view") as tx:
        return sum(task.closed_at is None for task in await tasks.list_tasks(tx, codes=["stale_line"]))


async def _flag(database: Database) -> None:
    async with database.act_as_system("test") as tx:
        await facts.flag_stale_lines(tx)


async def test_a_new_number_for_bookings_is_the_one_that_every_dead_end_shows(
    database: Database, manager: Someone, place: Place
) -> None:
    await _set(database, manager, place)
    found = await _facts(database, None)
    assert (found.place.phone, found.lines[0].number, found.lines[0].check.at) == (WRITTEN, WRITTEN, None)


@pytest.mark.parametrize("typed", ["", "call us", "12", "+1"])
async def test_what_nobody_could_call_is_refused(
    database: Database, manager: Someone, place: Place, typed: str
) -> None:
    with pytest.raises(InputRefused):
        async with database.act_as(manager.credential, "practice.change_facts") as tx:
            await service.set_number(tx, "nurse", place.location_id, typed)


async def test_only_the_manager_changes_a_number(database: Database, clinic: Clinic, place: Place) -> None:
    for role in ("front_desk", "nurse", "clinician", "billing"):
        someone = await clinic.staff(role)
        with pytest.raises(NotAllowed):
            async with database.act_as(someone.credential, "practice.view") as tx:
                await service.set_number(tx, "bookings", place.location_id, WRITTEN)


async def test_a_check_says_who_and_when_to_the_manager_and_only_when_to_visitors(
    database: Database, manager: Someone, place: Place
) -> None:
    await _check(database, manager, place, "+1 212 555 0101", is_answered=True)
    seen = [(await _facts(database, who)).lines[0] for who in (manager, None)]
    assert [line.check.by for line in seen] == ["Grace Lin", ""]
    assert all(line.check.at is not None and line.is_answered for line in seen)


async def test_a_check_of_a_number_that_a_colleague_has_changed_counts_for_nothing(
    database: Database, manager: Someone, place: Place
) -> None:
    await _set(database, manager, place)
    with pytest.raises(NumberChanged):
        await _check(database, manager, place, "+1 212 555 0101", is_answered=True)


async def test_changing_a_number_makes_its_check_void_and_writing_the_same_does_not(
    database: Database, manager: Someone, place: Place
) -> None:
    await _set(database, manager, place)
    await _check(database, manager, place, WRITTEN, is_answered=True)
    await _set(database, manager, place)
    assert (await _facts(database, None)).lines[0].is_answered
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        await service.set_number(tx, "bookings", place.location_id, "718 555 0199")
    assert (await _facts(database, None)).lines[0].is_answered is None


async def test_the_line_for_a_purpose_is_the_places_else_the_practices_else_the_places_own_phone(
    database: Database, manager: Someone, place: Place
) -> None:
    async def number(purpose: str) -> str:
        async with database.act_as_visitor("", "practice.view_name") as tx:
            return (await service.phone_line(tx, purpose, place.location_id)).number

    assert [await number(purpose) for purpose in ("bookings", "nurse")] == ["+1 212 555 0101"] * 2
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        for purpose in ("bookings", "nurse"):
            await service.set_number(tx, purpose, None, "(212) 555-0100")
    assert [await number("bookings"), await number("nurse")] == ["+1 212 555 0101", "(212) 555-0100"]
    await _set(database, manager, place, "nurse")
    assert await number("nurse") == WRITTEN


async def test_a_stale_line_is_the_managers_task_once_until_a_person_answers(
    database: Database, manager: Someone, place: Place
) -> None:
    await _set(database, manager, place)
    await _flag(database)
    await _flag(database)
    assert await _open_tasks(database, manager) == 1
    await _check(database, manager, place, WRITTEN, is_answered=False)
    assert await _open_tasks(database, manager) == 1
    await _check(database, manager, place, WRITTEN, is_answered=True)
    await _flag(database)
    assert await _open_tasks(database, manager) == 0


async def test_a_check_goes_stale_with_time(
    database: Database, manager: Someone, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _check(database, manager, place, "+1 212 555 0101", is_answered=True)
    later = clock.now() + rules.FRESH_FOR
    monkeypatch.setattr(clock, "now", lambda: later)
    await _flag(database)
    assert await _open_tasks(database, manager) == 1


async def test_hours_and_the_way_are_read_by_visitors_with_the_day_of_their_check(
    database: Database, manager: Someone, place: Place
) -> None:
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        await service.set_hours(tx, place.location_id, {1: "8-12, 13-17", 2: ""})
        await service.set_way(
            tx,
            place.location_id,
            {"en": "Bus 12", "ar": "حافلة", "xx": "no"},
            {"en": "Behind the house", "es": " ", "xx": "no"},
        )
    found = await _facts(database, None)
    assert found.hours == {1: [(time(8), time(12)), (time(13), time(17))]}
    assert (found.place.directions, found.place.parking) == ("Bus 12", {"en": "Behind the house"})
    assert [found.place.way_in(locale) for locale in ("ar", "es")] == [("حافلة", "ar"), ("Bus 12", "en")]
    assert None not in (found.hours_check.at, found.way_check.at)


async def test_hours_that_cannot_be_read_change_nothing_and_name_the_day(
    database: Database, manager: Someone, place: Place
) -> None:
    with pytest.raises(HoursUnreadable) as refused:
        async with database.act_as(manager.credential, "practice.change_facts") as tx:
            await service.set_hours(tx, place.location_id, {1: "8-12", 2: "noon"})
    assert refused.value.field == "hours-2"
    assert (await _facts(database, None)).hours == {}


async def test_of_a_place_that_is_none_nothing_is_written_and_it_is_said(database: Database, manager: Someone) -> None:
    nowhere = uuid4()
    async with database.act_as(manager.credential, "practice.change_facts") as tx:
        for write in (
            service.check_fact(tx, nowhere, "hours"), service.set_hours(tx, nowhere, {0: "9-17"}),
            service.set_way(tx, nowhere, {"en": "Left of the library"}, {}),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await write
