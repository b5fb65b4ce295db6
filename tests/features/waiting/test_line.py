"""Whose turn it is: clinical priority, then the longest wait, among those whom the time suits."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.waiting import offering, service
from portal_app.features.waiting.views import Wish
from tests.features.booking.practice_maker import in_days
from tests.features.waiting.conftest import Waiting


async def test_who_waits_longest_is_asked_first_and_a_nurse_may_put_somebody_before_them(waiting: Waiting) -> None:
    first, _ = await waiting.somebody("First")
    second, entry = await waiting.somebody("Second")
    nurse = await waiting.clinic.staff("nurse", location_id=waiting.place.location_id)
    await waiting.booked(second, 30)
    await waiting.act(nurse, "waiting.set_priority", lambda tx: service.set_priority(tx, entry, 1))
    assert await waiting.offer()
    assert [len(await waiting.offers(who)) for who in (first, second)] == [0, 1]
    assert await waiting.offer(waiting.time(6))
    assert [len(await waiting.offers(who)) for who in (first, second)] == [1, 1]


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        ({}, True),
        ({"practitioner_id": None}, True),
        ({"location_id": uuid4}, False),
        ({"parts": ("morning",)}, True),
        ({"parts": ("afternoon", "evening")}, False),
        ({"weekdays": "its"}, True),
        ({"weekdays": "others"}, False),
        ({"notice_h": 72}, True),
        ({"notice_h": 72, "days": 2}, False),
    ],
)
async def test_a_time_is_offered_to_whom_it_suits(waiting: Waiting, wish: dict[str, Any], fits: bool) -> None:
    days = wish.pop("days", 5)
    weekday = in_days(days).isoweekday()
    if "weekdays" in wish:
        its = wish["weekdays"] == "its"
        wish["weekdays"] = (weekday,) if its else tuple(day for day in range(1, 8) if day != weekday)
    if "location_id" in wish:
        wish["location_id"] = (await waiting.practice.place()).location_id
    who, _ = await waiting.somebody(**wish)
    assert await waiting.offer(waiting.time(days)) is fits
    assert len(await waiting.offers(who)) == fits


async def test_somebody_who_has_another_visit_then_is_not_asked(waiting: Waiting) -> None:
    who, _ = await waiting.somebody()
    other = await waiting.practice.place()
    await waiting.practice.booked(who, other.request(waiting.time()))
    assert not await waiting.offer()


async def test_only_earlier_times_than_the_appointment_are_offered(waiting: Waiting) -> None:
    maria = await waiting.clinic.patient()
    has = await waiting.booked(maria, 8)
    await waiting.ask(maria, appointment_id=has.id)
    assert not await waiting.offer(waiting.time(9))
    assert await waiting.offer(waiting.time(7))


async def test_what_is_taken_or_not_offered_by_the_practice_is_offered_to_nobody(waiting: Waiting) -> None:
    await waiting.somebody()
    await waiting.booked(await waiting.clinic.patient(), 5)
    assert not await waiting.offer()
    assert not await waiting.offer(waiting.time(5, "13:00"))
    assert not await waiting.offer(waiting.time(5, "10:10"))
    assert not await waiting.offer(clock.now() - timedelta(days=1))


async def test_the_same_wish_is_on_the_list_once(waiting: Waiting) -> None:
    key = uuid4()
    maria, entry = await waiting.somebody(request_key=key)
    assert await waiting.ask(maria, request_key=key) == entry
    with pytest.raises(service.AlreadyWaiting):
        await waiting.ask(maria)
    await waiting.act(maria, "waiting.ask", lambda tx: service.stop_waiting(tx, entry))
    assert await waiting.act(maria, "waiting.view", service.my_waiting) == []
    assert await waiting.ask(maria) != entry


@pytest.mark.parametrize("is_desk", [False, True])
async def test_two_who_ask_the_same_for_a_patient_at_once_leave_one_wish(waiting: Waiting, is_desk: bool) -> None:
    maria, desk = await waiting.clinic.patient(), await waiting.clinic.staff("front_desk")
    assert maria.patient_id
    patient_id = maria.patient_id
    wish = Wish(waiting.place.visit_type_id, "in_person", uuid4(), waiting.place.practitioner_id)

    async def by_desk() -> None:
        await waiting.act(desk, "waiting.ask_for", lambda tx: service.ask_for(tx, patient_id, wish))

    async with waiting.database.act_as(maria.credential, "waiting.ask") as tx:
        await service.ask_for_earlier(tx, replace(wish, request_key=uuid4()))
        second = asyncio.create_task(by_desk() if is_desk else waiting.ask(maria))
        await asyncio.sleep(0.5)
        assert not second.done()
    with pytest.raises(service.AlreadyWaiting):
        await second
    assert len(await waiting.act(maria, "waiting.view", service.my_waiting)) == 1


async def test_nobody_waits_instead_of_somebody_elses_appointment_or_for_nonsense(waiting: Waiting) -> None:
    sam = await waiting.clinic.patient("Sam")
    theirs = await waiting.booked(sam)
    maria = await waiting.clinic.patient()
    with pytest.raises(NotFound):
        await waiting.ask(maria, appointment_id=theirs.id)
    with pytest.raises(InputRefused):
        await waiting.ask(maria, notice_h=5)


async def test_cancelling_ends_the_wish_and_undoing_brings_it_back_but_the_practice_s_own_leaves_it(
    waiting: Waiting,
) -> None:
    maria = await waiting.clinic.patient()
    has = await waiting.booked(maria)
    await waiting.ask(maria, appointment_id=has.id)
    change = "update appointment set status = :s, slot_id = null, cancelled_at = now(), changed_at = now(),"
    change += " cancelled_by = :by, cancel_reason = :r where id = :id"
    seen = []
    for reason in ("patient", "practice"):
        async with waiting.database.act_as_system("test") as tx:
            slot = await tx.scalar("select slot_id from appointment where id = :id", {"id": has.id})
            await tx.execute(change, {"s": "cancelled", "by": maria.person_id, "r": reason, "id": has.id})
        seen.append(len(await waiting.act(maria, "waiting.view", service.my_waiting)))
        if reason == "patient":
            async with waiting.database.act_as_system("test") as tx:
                undo = "update appointment set status = 'booked', slot_id = :slot, cancelled_at = null,"
                undo += " cancelled_by = null, cancel_reason = null where id = :id"
                await tx.execute(undo, {"slot": slot, "id": has.id})
            seen.append(len(await waiting.act(maria, "waiting.view", service.my_waiting)))
    assert seen == [0, 1, 1]


async def test_priority_is_for_clinical_staff_who_see_the_chart(waiting: Waiting) -> None:
    _, entry = await waiting.somebody()
    desk = await waiting.clinic.staff("front_desk")
    elsewhere = await waiting.clinic.staff("nurse", location_id=uuid4())
    with pytest.raises(NotAllowed):
        await waiting.act(desk, "waiting.set_priority", lambda tx: service.set_priority(tx, entry, 1))
    with pytest.raises(NotFound):
        await waiting.act(elsewhere, "waiting.set_priority", lambda tx: service.set_priority(tx, entry, 1))
    assert [one.priority for one in await waiting.act(desk, "waiting.view_line", service.line)] == [3]


async def test_nobody_sees_who_else_waits(waiting: Waiting) -> None:
    await waiting.somebody()
    sam = await waiting.clinic.patient("Sam")
    async with waiting.database.act_as(sam.credential, "waiting.view") as tx:
        assert await tx.scalar("select count(*) from waitlist_entry") == 0


async def test_video_counts_days_and_hours_where_the_patient_is(waiting: Waiting) -> None:
    far = await waiting.clinic.patient(zone="Asia/Tokyo")
    wish = Wish(waiting.place.visit_type_id, "video", uuid4(), waiting.place.practitioner_id, parts=("evening",))
    await waiting.act(far, "waiting.ask", lambda tx: service.ask_for_earlier(tx, wish))
    near = await waiting.clinic.patient("Sam")
    await waiting.act(near, "waiting.ask", lambda tx: service.ask_for_earlier(tx, wish))
    assert await waiting.offer(waiting.time(5, "09:30"))  # half past eleven at night in Tokyo
    assert not await waiting.offer(waiting.time(5, "10:30"))
    assert [len(await waiting.offers(who)) for who in (far, near)] == [1, 0]


async def test_whoever_is_taken_off_is_told_why_and_loses_what_was_kept_for_them(waiting: Waiting) -> None:
    who, entry = await waiting.somebody()
    desk = await waiting.clinic.staff("front_desk")
    assert await waiting.offer()
    await waiting.act(desk, "waiting.take_off", lambda tx: service.take_off(tx, entry, "unreachable"))
    names = [name for name, _args in await waiting.jobs()]
    assert names == ["waiting.close_offers", "waiting.tell_taken_off"]
    async with waiting.database.act_as_system("test") as tx:
        await offering.tell_taken_off(tx, entry, who.patient_id or entry, "unreachable")
        mail = await tx.one("select person_id, template from outbox_message where template like 'waiting_taken_off%'")
        noted = await tx.scalar("select detail ->> 'why' from audit_event where action = 'waiting.take_off'")
    assert (mail.person_id, mail.template) == (who.person_id, "waiting_taken_off_unreachable")
    assert noted == "unreachable"
    assert await waiting.close() == 1
    assert (await waiting.offers(who), await waiting.act(who, "waiting.view", service.my_waiting)) == ([], [])


async def test_taken_off_once_for_a_reason_on_the_list_and_by_staff_alone(waiting: Waiting) -> None:
    who, entry = await waiting.somebody()
    desk = await waiting.clinic.staff("front_desk")
    with pytest.raises(InputRefused):
        await waiting.act(desk, "waiting.take_off", lambda tx: service.take_off(tx, entry, "he smells"))
    with pytest.raises(NotAllowed):
        await waiting.act(who, "waiting.take_off", lambda tx: service.take_off(tx, entry, "asked"))
    await waiting.act(desk, "waiting.take_off", lambda tx: service.take_off(tx, entry, "asked"))
    with pytest.raises(NotFound):
        await waiting.act(desk, "waiting.take_off", lambda tx: service.take_off(tx, entry, "asked"))


async def test_where_nobody_can_be_written_to_the_desk_is_asked_to_call(waiting: Waiting) -> None:
    who, entry = await waiting.somebody()
    async with waiting.database.act_as_system("test") as tx:
        await tx.execute("delete from access_grant where grantee = :id", {"id": who.person_id})
        await offering.tell_taken_off(tx, entry, who.patient_id or entry, "asked")
        assert await tx.scalar("select code from task") == "undelivered"
