"""A visit kept private is nowhere to be found for whoever acts for the patient."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from portal_app import wiring
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.access import rules
from portal_app.features.booking import jobs, private, reminders, series
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import SlotAlreadyTaken
from portal_app.features.booking.reading import appointment
from portal_app.features.booking.views import AppointmentView
from portal_app.features.waiting import service as waiting
from portal_app.settings import Settings
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.access.test_set_caregivers import kept
from tests.features.ages.conftest import born
from tests.journeys.clinic import Doctor, Practices

wiring.load_features("policies")


@pytest_asyncio.fixture
async def practices(database: Database) -> Practices:
    practices = Practices(database)
    await practices.open()
    return practices


@pytest_asyncio.fixture
async def doctor(practices: Practices) -> Doctor:
    return await practices.doctor()


@pytest_asyncio.fixture
async def teen(practices: Practices, doctor: Doctor) -> Someone:
    return await practices.patient(doctor, "Lia", birth_date=born(15))


@pytest_asyncio.fixture
async def parent(database: Database, practices: Practices, doctor: Doctor, teen: Someone) -> Someone:
    """Share with a parent all that can be shared."""
    someone = await practices.patient(doctor, "Ana")
    key = await invited(database, teen, someone.email, *rules.SHARES, relationship="parent", until="open")
    await accept(database, someone, key)
    return await acting_for(database, someone, teen)


@pytest_asyncio.fixture
async def visit(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, settings: Settings
) -> AppointmentView:
    """Book a visit that waits for an earlier time, keep it private, and have a paper kept in the chart."""
    await kept(database, settings, await practices.people.staff("front_desk"), teen)
    booked = await practices.booked(teen, (await practices.free_times(teen, doctor))[-1])
    async with database.act_as(teen.credential, "waiting.ask") as tx:
        wish = waiting.Wish(practices.visit_type_id, "in_person", uuid4(), notice_h=2, appointment_id=booked.id)
        await waiting.ask_for_earlier(tx, wish)
    async with database.act_as(teen.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, booked.id)
    return booked


Route = Callable[[Transaction, UUID], Awaitable[object]]
REFUSED: dict[str, tuple[str, Route]] = {
    "its page": ("booking.view", booking.appointment),
    "its calendar file": ("booking.calendar_file", booking.appointment),
    "saying one comes": ("booking.confirm", booking.confirm_appointment),
    "cancelling": ("booking.cancel", booking.cancel_appointment),
    "taking a cancellation back": ("booking.cancel", booking.undo_cancellation),
    "cancelling a series": ("booking.cancel", series.cancel_rest),
    "showing it again": ("booking.view", private.show_again),
}
SEEN: dict[str, tuple[str, Route]] = {
    "the list": ("booking.view", lambda tx, _one: booking.my_appointments(tx)),
    "the waiting list": ("waiting.view", lambda tx, _one: waiting.my_waiting(tx)),
    "the offers": ("waiting.view", lambda tx, _one: waiting.my_offers(tx)),
    "every row": (
        "booking.view", lambda tx, one: tx.all("select id from appointment where id = :id", {"id": one})
    ),
    "its reminders": (
        "booking.view", lambda tx, one: tx.all("select id from reminder where appointment_id = :id", {"id": one})
    ),
    "papers of the chart": ("files.download", lambda tx, _one: tx.all("select id from stored_file")),
    "the feed of who looked": ("access.act_for", lambda tx, _one: tx.all("select * from chart_people()")),
    "its line in the feed": (
        "access.act_for", lambda tx, _one: tx.all(
            "select * from chart_lines('-infinity', 'infinity', 'UTC', 'all', null, '{}') where action like 'booking.%'"
        )
    ),
    "its tasks": ("booking.view", lambda tx, one: tx.all("select id from task where focus_id = :id", {"id": one})),
    "the trail": (
        "booking.view", lambda tx, one: tx.all("select id from audit_event where entity_id = :id", {"id": one})
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_whoever_acts_for_the_patient_is_refused_as_if_there_were_none(
    database: Database, parent: Someone, visit: AppointmentView, name: str
) -> None:
    policy, route = REFUSED[name]
    with pytest.raises((NotFound, NotAllowed)):
        async with database.act_as(parent.credential, policy) as tx:
            await route(tx, visit.id)


@pytest.mark.parametrize("name", SEEN)
async def test_it_is_in_no_list_of_theirs(
    database: Database, parent: Someone, visit: AppointmentView, name: str
) -> None:
    policy, route = SEEN[name]
    async with database.act_as(parent.credential, policy) as tx:
        assert not await route(tx, visit.id)


async def test_the_patient_and_the_practice_see_it_as_before(
    database: Database, practices: Practices, teen: Someone, parent: Someone, visit: AppointmentView
) -> None:
    assert [one.id for one in await practices.appointments(teen)] == [visit.id]
    desk = await practices.people.staff("front_desk")
    async with database.act_as(desk.credential, "booking.view") as tx:
        assert (await booking.appointment(tx, visit.id)).id == visit.id


async def test_the_parent_s_wish_for_that_time_meets_a_time_that_is_taken_and_nothing_more(
    database: Database, practices: Practices, teen: Someone, parent: Someone, visit: AppointmentView
) -> None:
    other = await practices.doctor()
    free = next(one for one in await practices.free_times(parent, other) if one.starts_at == visit.starts_at)
    with pytest.raises(SlotAlreadyTaken):
        await practices.booked(parent, free)


async def test_a_parent_who_booked_it_gets_no_mail_about_it_once_it_is_private(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, parent: Someone
) -> None:
    booked = await practices.booked(parent, (await practices.free_times(parent, doctor))[-1])
    async with database.act_as_system("test") as tx:
        found = await appointment(tx, booked.id)
        assert {one.id for one in await jobs.recipients(tx, found)} == {teen.person_id, parent.person_id}
        link = await reminders.make_link(tx, parent.person_id, found, reminders.Due(booked.id, 120))
    async with database.act_as(teen.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, booked.id)
    async with database.act_as_system("test") as tx:
        assert {one.id for one in await jobs.recipients(tx, found)} == {teen.person_id}
    assert link
    with pytest.raises(NotFound):
        async with database.act_as_visitor("anon-x", "booking.read_link") as tx:
            await booking.read_link(tx, link.path.partition("key=")[2])


async def test_only_the_patient_keeps_private_and_shows_again(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, parent: Someone
) -> None:
    booked = await practices.booked(teen, (await practices.free_times(teen, doctor))[-1])
    with pytest.raises((NotFound, NotAllowed)):
        async with database.act_as(parent.credential, "booking.keep_private") as tx:
            await booking.keep_private(tx, booked.id)
    async with database.act_as(teen.credential, "booking.keep_private") as tx:
        assert await booking.can_keep_private(tx)
        await booking.keep_private(tx, booked.id)
        assert await booking.is_private(tx, booked.id)
        await booking.show_again(tx, booked.id)
    async with database.act_as(parent.credential, "booking.view") as tx:
        assert (await booking.appointment(tx, booked.id)).id == booked.id
