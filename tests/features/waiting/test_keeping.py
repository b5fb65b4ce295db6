"""A freed time waits for the line: nobody is faster, whoever gave it up may take it back, staff may still book it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from portal_app.core import clock
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import SlotAlreadyTaken
from portal_app.features.booking.views import AppointmentView
from portal_app.features.waiting import service
from portal_app.features.waiting.keeping import keep_for_line
from tests.factories import Someone
from tests.features.booking.practice_maker import in_days
from tests.features.waiting.conftest import Waiting, settled


@pytest.fixture
async def sam(waiting: Waiting) -> Someone:
    return await waiting.clinic.patient("Sam")


@pytest.fixture
async def kept(waiting: Waiting, sam: Someone) -> AppointmentView:
    """Free a time that the first in line could take."""
    await waiting.somebody("First")
    return await freed(waiting, sam)


async def freed(waiting: Waiting, who: Someone, days: int = 5) -> AppointmentView:
    had = await waiting.booked(who, days)
    await waiting.act(who, "booking.cancel", lambda tx: booking.cancel_appointment(tx, had.id))
    return had


async def offered(waiting: Waiting, had: AppointmentView) -> int:
    async with waiting.database.act_as_system("test") as tx:
        return await service.offer_freed(tx, had.practitioner_id, had.location_id, had.starts_at, had.ends_at)


async def undo(waiting: Waiting, who: Someone, appointment_id: UUID) -> AppointmentView:
    return await waiting.act(who, "booking.cancel", lambda tx: booking.undo_cancellation(tx, appointment_id))


async def test_a_freed_time_is_nobody_elses_until_it_has_been_offered(waiting: Waiting, kept: AppointmentView) -> None:
    quick, (first, _) = await waiting.clinic.patient("Quick"), await waiting.somebody("Second")
    with pytest.raises(SlotAlreadyTaken):
        await waiting.booked(quick, 5)
    with settled():
        assert await offered(waiting, kept) == 1
        with pytest.raises(SlotAlreadyTaken):
            await waiting.booked(quick, 5)
    assert await waiting.offers(first) == []


async def test_a_time_that_suits_nobody_in_line_is_free_at_once(waiting: Waiting, sam: Someone) -> None:
    await waiting.somebody(weekdays=(in_days(6).isoweekday(),))
    await freed(waiting, sam)
    assert (await waiting.booked(await waiting.clinic.patient("Quick"), 5)).starts_at == waiting.time()


async def test_whoever_cancelled_takes_it_back_and_the_line_waits_on(
    waiting: Waiting, sam: Someone, kept: AppointmentView
) -> None:
    assert (await undo(waiting, sam, kept.id)).starts_at == kept.starts_at
    with settled():
        assert await offered(waiting, kept) == 0
    assert await waiting.practice.counts() == (1, 1)


async def test_a_second_cancellation_has_a_minute_of_its_own(
    waiting: Waiting, sam: Someone, kept: AppointmentView
) -> None:
    with clock.frozen_at(clock.now() + timedelta(seconds=50)):
        await undo(waiting, sam, kept.id)
        await waiting.act(sam, "booking.cancel", lambda tx: booking.cancel_appointment(tx, kept.id))
    with settled():
        assert await offered(waiting, kept) == 0
        assert (await undo(waiting, sam, kept.id)).status == "booked"


async def test_without_a_worker_it_is_free_again_by_itself(waiting: Waiting) -> None:
    await waiting.somebody("First")
    time = booking.FreedTime(
        waiting.place.practitioner_id, waiting.place.location_id, waiting.time(), waiting.time(5, "10:30")
    )
    async with waiting.database.act_as_system("test") as tx:
        keep_for_line(tx, time, clock.now() - timedelta(seconds=1))
    assert await waiting.practice.counts() == (1, 0)
    assert (await waiting.booked(await waiting.clinic.patient("Quick"), 5)).starts_at == waiting.time()


async def test_staff_see_why_it_is_kept_and_may_book_it_by_name(waiting: Waiting, kept: AppointmentView) -> None:
    desk, who = await waiting.clinic.staff("front_desk"), await waiting.clinic.patient("Caller")
    query = replace(waiting.place.query(), from_day=in_days(5), days=1, patient_id=who.patient_id)
    times = await waiting.act(desk, "booking.book_for", lambda tx: booking.find_times_for(tx, query))
    assert [one.starts_at for one in times if one.is_kept] == [kept.starts_at]
    week = await waiting.act(desk, "booking.view_day", lambda tx: booking.days(tx, in_days(5), 1))
    assert [(one.starts_at, one.kept_until is not None) for one in week.blocked] == [(kept.starts_at, True)]
    wish = waiting.place.request(kept.starts_at, patient_id=who.patient_id)
    assert (await waiting.act(desk, "booking.book_for", lambda tx: booking.book_for(tx, wish))).status == "booked"
    with settled():
        assert await offered(waiting, kept) == 0


async def test_what_staff_leave_of_a_freed_morning_stays_kept(waiting: Waiting) -> None:
    desk, who = await waiting.clinic.staff("front_desk"), await waiting.clinic.patient("Caller")
    for name in ("First", "Second"):
        await waiting.somebody(name)
    async with waiting.database.act_as_system("test") as tx:
        where = (waiting.place.practitioner_id, waiting.place.location_id)
        await booking.freed(tx, *where, waiting.time(5, "09:00"), waiting.time(5, "12:00"))
    wish = waiting.place.request(waiting.time(), patient_id=who.patient_id)
    await waiting.act(desk, "booking.book_for", lambda tx: booking.book_for(tx, wish))
    quick = await waiting.clinic.patient("Quick")
    for wall in ("09:30", "10:30", "11:30"):
        with pytest.raises(SlotAlreadyTaken):
            await waiting.booked(quick, 5, wall)


async def test_a_declined_time_is_kept_for_the_next_in_line(waiting: Waiting) -> None:
    first, _ = await waiting.somebody("First")
    second, _ = await waiting.somebody("Second")
    await waiting.offer()
    (offer,) = await waiting.offers(first)
    await waiting.decline(first, offer.id)
    with pytest.raises(SlotAlreadyTaken):
        await waiting.booked(await waiting.clinic.patient("Quick"), 5)
    async with waiting.database.act_as_system("test") as tx:
        where = (waiting.place.practitioner_id, waiting.place.location_id)
        assert await service.offer_freed(tx, *where, offer.starts_at, offer.ends_at) == 1
    assert len(await waiting.offers(second)) == 1
