"""An offer is answered by one, in time; what is not taken goes to the next, and the old time with the new one."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal_app.core import clock, crypto
from portal_app.core.errors import NotFound
from portal_app.core.jobs import Workplace
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import SlotAlreadyTaken
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import jobs, service
from portal_app.settings import Settings
from tests.features.waiting.conftest import Waiting, late, settled


async def test_the_second_is_asked_when_the_first_lets_it_lapse_and_the_first_still_waits(waiting: Waiting) -> None:
    first, _ = await waiting.somebody("First")
    second, _ = await waiting.somebody("Second")
    await waiting.offer()
    (offer,) = await waiting.offers(first)
    with late(offer):
        with pytest.raises(service.OfferOver) as over:
            await waiting.accept(first, offer.id)
        assert over.value.still_waits
        assert await waiting.close() == 1
        assert await waiting.close() == 0
        (passed_on,) = await waiting.offers(second)
        booked = await waiting.accept(second, passed_on.id)
    assert booked.starts_at == offer.starts_at
    assert await waiting.offer(waiting.time(6))
    assert [one.starts_at for one in await waiting.offers(first)] == [waiting.time(6)]
    with pytest.raises(service.OfferOver):
        await waiting.accept(first, offer.id)


async def test_accepting_moves_the_visit_with_its_reason_and_frees_the_old_time_for_the_next(waiting: Waiting) -> None:
    maria = await waiting.clinic.patient()
    has = await waiting.practice.booked(maria, waiting.place.request(waiting.time(20), reason="Chest pain"))
    await waiting.ask(maria, appointment_id=has.id)
    await waiting.offer()
    (offer,) = await waiting.offers(maria)
    assert offer.replaces_id == has.id
    booked = await waiting.accept(maria, offer.id)
    assert (booked.starts_at, booked.reason) == (waiting.time(), "Chest pain")
    mine = await waiting.act(maria, "booking.view", booking.my_appointments)
    assert [(one.id, one.starts_at, one.status) for one in mine] == [(has.id, waiting.time(), "booked")]
    assert ("waiting.offer_freed", int(has.starts_at.timestamp())) in [
        (name, args.get("from_s")) for name, args in await waiting.jobs()
    ]
    assert await waiting.act(maria, "waiting.view", service.my_waiting) == []


async def test_an_appointment_that_is_soon_can_still_be_given_up_for_an_offer(waiting: Waiting) -> None:
    maria = await waiting.clinic.patient()
    has = await waiting.booked(maria, 2, "11:30")
    await waiting.ask(maria, appointment_id=has.id, notice_h=2)
    sooner = waiting.time(2, "09:00")
    with clock.frozen_at(waiting.time(1, "11:45")):
        assert await waiting.offer(sooner)
        (offer,) = await waiting.offers(maria)
        assert (await waiting.accept(maria, offer.id)).starts_at == sooner


async def test_two_tabs_accept_and_there_is_one_appointment(waiting: Waiting) -> None:
    maria, _ = await waiting.somebody()
    again = await waiting.clinic.sign_in_again(maria)
    await waiting.offer()
    (offer,) = await waiting.offers(maria)
    booked = await asyncio.gather(waiting.accept(maria, offer.id), waiting.accept(again, offer.id))
    assert booked[0].id == booked[1].id
    assert (await waiting.practice.counts()) == (1, 1)


async def test_nobody_else_can_book_or_accept_what_is_offered(waiting: Waiting) -> None:
    maria, _ = await waiting.somebody()
    await waiting.offer()
    (offer,) = await waiting.offers(maria)
    sam = await waiting.clinic.patient("Sam")
    with pytest.raises(SlotAlreadyTaken):
        await waiting.booked(sam, 5)
    for act in (waiting.accept, waiting.decline):
        with pytest.raises(NotFound):
            await act(sam, offer.id)


async def test_an_offer_and_a_booking_at_the_same_instant_leave_one_winner(waiting: Waiting) -> None:
    await waiting.somebody()
    for days in range(5, 9):
        sam = await waiting.clinic.patient("Sam")
        offered, booked = await asyncio.gather(
            waiting.offer(waiting.time(days)), waiting.booked(sam, days), return_exceptions=True
        )
        assert not isinstance(offered, BaseException)
        assert offered is isinstance(booked, SlotAlreadyTaken)
        async with waiting.database.act_as_system("test") as tx:
            await tx.execute("update time_offer set answer_by = now() where status = 'open'")
            await tx.execute("update waitlist_entry set status = 'active'")
        await waiting.close()


async def test_declining_passes_it_on_and_keeps_the_place(waiting: Waiting) -> None:
    maria, _ = await waiting.somebody()
    await waiting.offer()
    (offer,) = await waiting.offers(maria)
    await waiting.decline(maria, offer.id)
    await waiting.decline(maria, offer.id)
    assert [name for name, _ in await waiting.jobs()] == ["waiting.offer_freed"]
    assert len(await waiting.act(maria, "waiting.view", service.my_waiting)) == 1
    assert not await waiting.offer()  # never the same time twice
    with pytest.raises(service.OfferOver):
        await waiting.accept(maria, offer.id)


async def test_leaving_the_list_or_cancelling_lets_an_offer_go_to_the_next(waiting: Waiting) -> None:
    maria, entry = await waiting.somebody()
    await waiting.offer()
    (offer,) = await waiting.offers(maria)
    sam, _ = await waiting.somebody("Sam")
    await waiting.act(maria, "waiting.ask", lambda tx: service.stop_waiting(tx, entry))
    assert await waiting.close() == 1
    assert (await waiting.act(maria, "waiting.view", lambda tx: service.offer(tx, offer.id))).status == "withdrawn"
    assert len(await waiting.offers(sam)) == 1


async def test_a_cancellation_is_offered_by_a_job_that_may_be_killed_and_repeated(
    waiting: Waiting, settings: Settings
) -> None:
    maria, _ = await waiting.somebody()
    sam = await waiting.clinic.patient("Sam")
    had = await waiting.booked(sam, 5)
    await waiting.act(sam, "booking.cancel", lambda tx: booking.cancel_appointment(tx, had.id))
    ((name, args),) = await waiting.jobs()
    context: Any = SimpleNamespace(
        job=SimpleNamespace(id=1), additional_context={"workplace": Workplace(waiting.database, settings)}
    )
    for _ in range(2):
        with settled():
            await jobs.offer_freed.func(context, **args)
    (offer,) = await waiting.offers(maria)
    assert (name, offer.starts_at) == ("waiting.offer_freed", had.starts_at)


async def test_a_whole_free_morning_goes_to_as_many_as_it_holds(waiting: Waiting) -> None:
    people = [(await waiting.somebody(str(n)))[0] for n in range(8)]
    async with waiting.database.act_as_system("test") as tx:
        offered = await service.offer_freed(
            tx, waiting.place.practitioner_id, waiting.place.location_id, waiting.time(5, "08:00"),
            waiting.time(5, "13:00"),
        )  # fmt: skip
    held = [len(await waiting.offers(who)) for who in people]
    assert (offered, held) == (6, [1] * 6 + [0] * 2)


async def test_the_mail_says_when_where_and_until_when_and_nothing_about_health(waiting: Waiting) -> None:
    maria, _ = await waiting.somebody()
    await waiting.offer()
    (offer,) = await waiting.offers(maria)
    async with waiting.database.act_as_system("test") as tx:
        row = await tx.one("select person_id, template, content from outbox_message")
    words = crypto.decrypt(row.content)
    assert (row.person_id, row.template) == (maria.person_id, "waiting_offer")
    assert f"/offers/{offer.id}" in words
    assert "Okafor" not in words
    assert "Check-up" not in words


async def test_whoever_cannot_be_written_to_is_called_by_the_front_desk(waiting: Waiting) -> None:
    maria, _ = await waiting.somebody()
    async with waiting.database.act_as_system("test") as tx:
        await tx.execute("update access_grant set verbs = '{view}' where grantee = :id", {"id": maria.person_id})
    await waiting.offer()
    (offer,) = await waiting.offers(maria)
    desk = await waiting.clinic.staff("front_desk")
    (task,) = await waiting.act(desk, "tasks.view", tasks.list_tasks)
    assert (task.code, task.focus_id, task.due_at) == ("offer_call", offer.id, offer.answer_by)
    with late(offer):
        await waiting.close()
    (task,) = await waiting.act(desk, "tasks.view", tasks.list_tasks)
    assert task.outcome == "lapsed"


async def test_wishes_run_out_with_their_appointment(waiting: Waiting) -> None:
    maria = await waiting.clinic.patient()
    has = await waiting.booked(maria, 5)
    await waiting.ask(maria, appointment_id=has.id)
    with clock.frozen_at(has.starts_at + timedelta(minutes=1)):
        await waiting.close()
        assert await waiting.act(maria, "waiting.view", service.my_waiting) == []
