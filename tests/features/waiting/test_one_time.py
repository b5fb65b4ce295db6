"""One time and many who want it: ten thousand in line, the desk at the same instant, a clinician who has left."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from portal_app.core import clock
from portal_app.core.errors import NotFound
from portal_app.features.booking import service as booking
from portal_app.features.booking.errors import SlotAlreadyTaken, TimeNotOffered
from portal_app.features.waiting import service
from tests.features.waiting.conftest import Waiting, late

CROWD = 10_000

BEHIND = """
with crowd as (
  insert into patient (id, given_name, family_name, birth_date, zone, language)
  select gen_random_uuid(), 'Ana', 'Crowd' || n, '1970-01-01', 'America/New_York', 'en'
  from generate_series(1, :count) n returning id
)
insert into waitlist_entry (id, patient_id, visit_type_id, modality, practitioner_id, notice_min, until_at, zone,
  language, waiting_since, request_key, created_by, changed_at)
select gen_random_uuid(), c.id, :type, 'in_person', :who, 120, :until, 'America/New_York', 'en',
  cast(:now as timestamptz) + row_number() over () * interval '1 ms', gen_random_uuid(), :person, :now from crowd c
"""


async def test_of_ten_thousand_who_wait_for_one_time_one_is_asked_at_once_and_in_turn(waiting: Waiting) -> None:
    first, _ = await waiting.somebody("First")
    second, _ = await waiting.somebody("Second")
    now = clock.now()
    crowd = {"count": CROWD, "type": waiting.place.visit_type_id, "who": waiting.place.practitioner_id, "now": now}
    async with waiting.database.act_as_system("test") as tx:
        await tx.execute(BEHIND, crowd | {"until": now + timedelta(days=80), "person": first.person_id})

    # Twenty workers hear of the time at once
    offered = await asyncio.gather(*(waiting.offer() for _ in range(20)))
    assert sum(offered) == 1
    (offer,) = await waiting.offers(first)

    # And whoever lets it lapse is followed by the next in line
    with late(offer):
        await waiting.close()
        (passed_on,) = await waiting.offers(second)
        assert passed_on.starts_at == offer.starts_at
    async with waiting.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from time_offer where status = 'open'") == 1


async def test_an_offer_and_a_booking_by_the_desk_at_the_same_instant_leave_one_winner(waiting: Waiting) -> None:
    first, _ = await waiting.somebody()
    desk = await waiting.clinic.staff("front_desk")
    for days in range(5, 9):
        caller = await waiting.clinic.patient("Caller")
        wish = waiting.place.request(waiting.time(days), patient_id=caller.patient_id)
        offered, booked = await asyncio.gather(
            waiting.offer(waiting.time(days)),
            waiting.act(desk, "booking.book_for", partial(booking.book_for, request=wish)),
            return_exceptions=True,
        )
        assert not isinstance(offered, BaseException)
        assert offered is isinstance(booked, SlotAlreadyTaken)
        assert [one.starts_at for one in await waiting.offers(first)] == [waiting.time(days)] * offered
        for offer in await waiting.offers(first):
            await waiting.decline(first, offer.id)


async def test_an_offer_accepted_while_the_desk_books_the_same_time_is_its_own(waiting: Waiting) -> None:
    first, _ = await waiting.somebody()
    desk, caller = await waiting.clinic.staff("front_desk"), await waiting.clinic.patient("Caller")
    await waiting.offer()
    (offer,) = await waiting.offers(first)
    wish = waiting.place.request(offer.starts_at, patient_id=caller.patient_id)
    accepted, booked = await asyncio.gather(
        waiting.accept(first, offer.id),
        waiting.act(desk, "booking.book_for", lambda tx: booking.book_for(tx, wish)),
        return_exceptions=True,
    )
    assert not isinstance(accepted, BaseException)
    assert isinstance(booked, SlotAlreadyTaken)
    assert await waiting.practice.counts() == (1, 1)


async def test_an_answer_waits_for_who_is_booking_before_it_gives_up_the_time(waiting: Waiting) -> None:
    first, _ = await waiting.somebody()
    await waiting.offer()
    (offer,) = await waiting.offers(first)
    async with waiting.database.act_as_system("test") as booking_now:
        key = {"who": waiting.place.practitioner_id}
        await booking_now.execute("select pg_advisory_xact_lock(uuid_hash_extended(:who, 0))", key)
        accepting = asyncio.create_task(waiting.accept(first, offer.id))
        while not await booking_now.scalar("select true from pg_locks where locktype = 'advisory' and not granted"):
            assert not accepting.done()
        trial = await booking_now.connection.begin_nested()
        await booking_now.execute("set local lock_timeout = '100ms'")  # it would wait, had the answer given it up
        assert await booking_now.execute("delete from slot where status = 'busy-tentative'") == 1
        await trial.rollback()
    assert (await accepting).starts_at == offer.starts_at


async def test_a_freed_time_waits_for_its_clinician_before_it_claims_a_place_in_the_line(waiting: Waiting) -> None:
    first, _ = await waiting.somebody()
    async with waiting.database.act_as_system("test") as moving:
        key = {"who": waiting.place.practitioner_id}
        await moving.execute("select pg_advisory_xact_lock(uuid_hash_extended(:who, 0))", key)
        offering = asyncio.create_task(waiting.offer())
        while not await moving.scalar("select true from pg_locks where locktype = 'advisory' and not granted"):
            assert not offering.done()
        await moving.execute("set local lock_timeout = '100ms'")  # whoever moves a visit asks for the line next
        assert await moving.execute("update waitlist_entry set changed_at = changed_at") == 1
    assert await offering
    assert len(await waiting.offers(first)) == 1


async def test_nobody_waits_instead_of_a_visit_that_is_being_cancelled(waiting: Waiting) -> None:
    maria = await waiting.clinic.patient()
    has = await waiting.booked(maria)
    async with waiting.database.act_as(maria.credential, "booking.cancel") as cancelling:
        await booking.cancel_appointment(cancelling, has.id)
        asking = asyncio.create_task(waiting.ask(maria, appointment_id=has.id))
        while not await cancelling.scalar("select true from pg_locks where not granted"):
            assert not asking.done()
    with pytest.raises(NotFound):
        await asking


async def test_the_times_of_a_clinician_who_has_left_are_offered_to_nobody_and_what_was_offered_cannot_be_had(
    waiting: Waiting,
) -> None:
    first, _ = await waiting.somebody()
    await waiting.offer()
    (offer,) = await waiting.offers(first)
    async with waiting.database.act_as_system("test") as tx:
        await tx.execute("update practitioner set is_active = false")
    with pytest.raises((TimeNotOffered, service.OfferOver)):
        await waiting.accept(first, offer.id)
    assert not await waiting.offer(waiting.time(6))
    assert (await waiting.practice.counts())[1] == 0
