"""A visit kept private is nowhere to be found for whoever acts for the patient."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from portal_app import wiring
from portal_app.core import clock
from portal_app.core.db import Database, Transaction
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.access import rules
from portal_app.features.booking import jobs, messages, private, reminders, series
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import SeriesNotWhole, SlotAlreadyTaken
from portal_app.features.booking.reading import appointment
from portal_app.features.booking.views import AppointmentView, MoveRequest
from portal_app.features.chart import service as chart
from portal_app.features.checkin import service as checkin
from portal_app.features.intake import service as intake
from portal_app.features.notes import service as notes
from portal_app.features.notify import service as notify
from portal_app.features.notify import templates
from portal_app.features.tasks import service as tasks
from portal_app.features.visits import service as visits
from portal_app.features.waiting import service as waiting
from portal_app.settings import Settings
from tests.factories import Someone
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.access.test_set_caregivers import kept
from tests.features.ages.conftest import born
from tests.journeys.clinic import Doctor, Practices

wiring.load_features("policies")

PHQ = "urn:sala:form:phq-2"


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
    return await acting_for(database, await practices.people.sign_in_again(someone, assurance=2), teen)


@pytest_asyncio.fixture
async def visit(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, settings: Settings
) -> AppointmentView:
    """Book a visit that waits for an earlier time, keep it private, begin its form, and have a paper in the chart."""
    await kept(database, settings, await practices.people.staff("front_desk"), teen)
    booked = await practices.booked(teen, (await practices.free_times(teen, doctor))[-1])
    async with database.act_as(teen.credential, "waiting.ask") as tx:
        wish = waiting.Wish(practices.visit_type_id, "in_person", uuid4(), notice_h=2, appointment_id=booked.id)
        await waiting.ask_for_earlier(tx, wish)
    async with database.act_as(teen.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, booked.id)
    async with database.act_as_system("test") as tx:
        await intake.add_rule(tx, PHQ)
    async with database.act_as(teen.credential, "intake.fill_in") as tx:
        await intake.open_form(tx, booked.id, PHQ)
    return booked


Route = Callable[[Transaction, UUID], Awaitable[object]]


async def ask_earlier(tx: Transaction, appointment_id: UUID) -> UUID:
    kind = await tx.scalar("select id from visit_type order by id limit 1")
    wish = waiting.Wish(kind, "in_person", uuid4(), notice_h=2, appointment_id=appointment_id)
    return await waiting.ask_for_earlier(tx, wish)


REFUSED: dict[str, tuple[str, Route]] = {
    "its page": ("booking.view", booking.appointment),
    "its calendar file": ("booking.calendar_file", booking.appointment),
    "saying one comes": ("booking.confirm", booking.confirm_appointment),
    "cancelling": ("booking.cancel", booking.cancel_appointment),
    "taking a cancellation back": ("booking.cancel", booking.undo_cancellation),
    "cancelling a series": ("booking.cancel", series.cancel_rest),
    "showing it again": ("booking.view", private.show_again),
    "asking for an earlier time": ("waiting.ask", ask_earlier),
    "its room by video": ("visits.view", visits.my_visit),
    "joining": ("visits.join", visits.join),
    "how it ended": ("notes.see_ended", notes.my_rating),
    "rating it": ("notes.rate", lambda tx, one: notes.rate_visit(tx, one, 5)),
    "its summary": ("notes.read_own", notes.past_visit),
    "its summary on paper": ("notes.read_own", notes.summary_file),
    "what there is to do before it": ("checkin.see", checkin.check_in),
    "saying before it that all is as it was": ("checkin.act", lambda tx, one: checkin.confirm(tx, one, "insurance")),
    "checking in": ("checkin.act", checkin.finish),
    "its forms": ("intake.fill_in", intake.forms_for_visit),
    "filling in one of its forms": ("intake.fill_in", lambda tx, one: intake.open_form(tx, one, PHQ)),
    "the lists before it": ("chart.tell", chart.review),
    "saying that the lists are right": ("chart.tell", chart.finish),
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
    "its forms": (
        "intake.fill_in",
        lambda tx, one: tx.all("select id from questionnaire_response where appointment_id = :id", {"id": one}),
    ),
    "papers of the chart": ("booking.view", lambda tx, _one: tx.all("select id from stored_file")),
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


async def test_the_square_in_the_waiting_room_finds_it_for_the_patient_alone_and_checking_in_shows_nothing(
    database: Database, teen: Someone, parent: Someone, visit: AppointmentView
) -> None:
    with clock.frozen_at(visit.starts_at - timedelta(minutes=10)):
        async with database.act_as(parent.credential, "checkin.act") as tx:
            assert await checkin.here(tx) == checkin.Here(None, is_arrived=False)
        async with database.act_as(teen.credential, "checkin.act") as tx:
            assert (await checkin.here(tx)).appointment_id == visit.id
            assert (await checkin.finish(tx, visit.id)).finished_at
            assert await tx.all("select appointment_id from check_in")
    async with database.act_as(parent.credential, "checkin.see") as tx:
        assert not await tx.all("select appointment_id from check_in")
        assert not await tx.all("select appointment_id from check_in_step")


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


async def test_the_parent_s_series_that_meets_it_is_refused_with_each_time_that_cannot_be_had(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, parent: Someone, visit: AppointmentView
) -> None:
    other = await practices.doctor()
    free = [one for one in await practices.free_times(parent, other) if one.starts_at >= visit.starts_at]
    sooner, *_between, taken = await practices.free_times(parent, other, days=2)
    await practices.booked(await practices.patient(doctor, "Sam"), taken)
    wishes = [practices.wish(one) for one in (free[0], taken, sooner)]
    with pytest.raises(SeriesNotWhole) as refused:
        async with database.act_as(parent.credential, "booking.book") as tx:
            await series.book_series(tx, wishes)
    assert set(refused.value.missing) == {visit.starts_at, taken.starts_at}
    assert await practices.appointments(parent) == []


@pytest.mark.parametrize("is_moved", [False, True])
async def test_the_practice_keeps_the_chart_for_it_when_the_parent_cancels_or_moves_another_visit(
    database: Database,
    practices: Practices,
    doctor: Doctor,
    teen: Someone,
    parent: Someone,
    visit: AppointmentView,
    is_moved: bool,
) -> None:
    sooner, later = (await practices.free_times(parent, doctor))[:2]
    shared = await practices.booked(parent, later)
    async with database.act_as(parent.credential, "booking.move" if is_moved else "booking.cancel") as tx:
        if is_moved:
            who, place, at = sooner.practitioner_id, sooner.location_id, sooner.starts_at
            await booking.move_appointment(tx, MoveRequest(shared.id, who, place, "in_person", at, uuid4()))
        else:
            await booking.cancel_appointment(tx, shared.id)
    async with database.act_as_system("test") as tx:
        ends = await tx.all(
            "select valid_until from access_grant where patient_id = :id and basis = 'appointment'",
            {"id": teen.patient_id},
        )
    assert [row.valid_until for row in ends] == [visit.starts_at + timedelta(days=30)]
    async with database.act_as(doctor.account.credential, "booking.view") as tx:
        assert (await booking.appointment(tx, visit.id)).id == visit.id


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


async def test_what_is_written_about_it_from_then_on_is_as_private(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, parent: Someone
) -> None:
    booked = await practices.booked(teen, (await practices.free_times(teen, doctor))[-1])
    async with database.act_as(teen.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, booked.id)
    async with database.act_as(teen.credential, "waiting.ask") as tx:
        await ask_earlier(tx, booked.id)
    async with database.act_as_system("test") as tx:
        await tasks.open_task(tx, "undelivered", booked.id, patient_id=teen.patient_id)
        await reminders.make_link(tx, teen.person_id, await appointment(tx, booked.id), reminders.Due(booked.id, 120))
        for table, about in (
            ("waitlist_entry", "appointment_id"),
            ("task", "focus_id"),
            ("reminder", "appointment_id"),
        ):
            written = await tx.all(f"select confidentiality from {table} where {about} = :id", {"id": booked.id})
            assert [row.confidentiality for row in written] == ["R"], table
    async with database.act_as(parent.credential, "waiting.view") as tx:
        assert not await waiting.my_waiting(tx)


async def test_the_request_it_came_from_and_its_other_offers_go_with_it(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, parent: Someone
) -> None:
    async with database.act_as(teen.credential, "waiting.ask") as tx:
        asked = await waiting.ask_in_words(tx, "After school", uuid4())
    desk, free = await practices.people.staff("front_desk"), (await practices.free_times(teen, doctor))[-2:]
    async with database.act_as(desk.credential, "waiting.answer_request") as tx:
        await waiting.answer_request(tx, asked, times=[practices.wish(one) for one in free])
    async with database.act_as(teen.credential, "waiting.view") as tx:
        offers = await waiting.my_offers(tx)
    async with database.act_as(teen.credential, "waiting.answer_offer") as tx:
        taken = await waiting.accept_offer(tx, offers[0].id)
    async with database.act_as(teen.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, taken.id)
    for read in (lambda tx: waiting.request(tx, asked), lambda tx: waiting.offer(tx, offers[0].id)):
        with pytest.raises(NotFound):
            async with database.act_as(parent.credential, "waiting.view") as tx:
                await read(tx)


async def test_what_waits_to_be_sent_to_the_parent_is_withdrawn_by_whichever_id_it_goes(
    database: Database, practices: Practices, doctor: Doctor, teen: Someone, parent: Someone
) -> None:
    booked = await practices.booked(parent, (await practices.free_times(parent, doctor))[-1])
    async with database.act_as_system("test") as tx:
        found = await appointment(tx, booked.id)
        for person in await jobs.recipients(tx, found):
            await jobs.remind(tx, person, found, reminders.Due(booked.id, 120))
        params = {"link": f"/appointments/{booked.id}"}
        await notify.enqueue_message(
            tx, parent.person_id, templates.PUSH_TEST.name, f"delay:x:{booked.id}", params | {"practice": "Riverside"}
        )
    async with database.act_as(teen.credential, "booking.keep_private") as tx:
        await booking.keep_private(tx, booked.id)
    async with database.act_as_system("test") as tx:
        left = await tx.all(
            "select person_id from outbox_message where template = any (:sent)",
            {"sent": [messages.REMINDER.name, templates.PUSH_TEST.name]},
        )
    assert [row.person_id for row in left] == [teen.person_id]


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
