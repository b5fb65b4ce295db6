"""Whoever has no e-mail waits in the same line: staff write the wish down, call, and answer for them."""

from uuid import UUID, uuid4

import pytest

from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed
from portal_app.features.booking import service as booking
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import service
from portal_app.features.waiting.views import Wish
from tests.factories import Someone
from tests.features.waiting.conftest import Waiting, late


@pytest.fixture
async def desk(waiting: Waiting) -> Someone:
    return await waiting.clinic.staff("front_desk")


@pytest.fixture
async def caller(waiting: Waiting, database: Database) -> Someone:
    """Make a patient who has a chart and no account."""
    who = await waiting.clinic.patient("Rosa")
    async with database.act_as_system("test") as tx:
        await tx.execute("delete from access_grant where grantee = :id", {"id": who.person_id})
    return who


async def put(waiting: Waiting, staff: Someone, who: Someone, **more: UUID) -> UUID:
    wish = Wish(waiting.place.visit_type_id, "in_person", more.get("key") or uuid4(),
                appointment_id=more.get("instead"))  # fmt: skip
    assert who.patient_id
    patient_id = who.patient_id
    return await waiting.act(staff, "waiting.ask_for", lambda tx: service.ask_for(tx, patient_id, wish))


async def offered(waiting: Waiting, desk: Someone) -> UUID:
    assert await waiting.offer()
    found = await waiting.act(desk, "tasks.view", tasks.list_tasks)
    return next(one.focus_id for one in found if one.code == "offer_call" and one.closed_at is None)


async def test_the_wish_is_written_down_once_and_in_the_language_of_the_chart(
    waiting: Waiting, desk: Someone, caller: Someone
) -> None:
    key = uuid4()
    assert await put(waiting, desk, caller, key=key) == await put(waiting, desk, caller, key=key)
    with pytest.raises(service.AlreadyWaiting):
        await put(waiting, desk, caller)
    async with waiting.database.act_as_system("test") as tx:
        row = await tx.one("select w.language = c.language as own, w.channel, w.created_by from waitlist_entry w"
                           " join patient c on c.id = w.patient_id")  # fmt: skip
    assert (row.own, row.channel, row.created_by) == (True, "phone", desk.person_id)


async def test_an_offer_is_called_and_a_yes_books_it(waiting: Waiting, desk: Someone, caller: Someone) -> None:
    await put(waiting, desk, caller)
    offer_id = await offered(waiting, desk)
    seen = await waiting.act(desk, "waiting.answer_for", lambda tx: service.offer_for(tx, offer_id))
    both = [
        await waiting.act(desk, "waiting.answer_for", lambda tx: service.accept_offer(tx, offer_id)) for _ in range(2)
    ]
    assert {one.id for one in both} == {both[0].id}
    assert (both[0].patient_id, both[0].starts_at) == (caller.patient_id, seen.starts_at)
    assert {one.outcome for one in await waiting.act(desk, "tasks.view", tasks.list_tasks)} == {"booked"}


async def test_a_yes_moves_the_visit_they_have(waiting: Waiting, desk: Someone, caller: Someone) -> None:
    wish = waiting.place.request(waiting.time(20), patient_id=caller.patient_id)
    has = await waiting.act(desk, "booking.book_for", lambda tx: booking.book_for(tx, wish))
    await put(waiting, desk, caller, instead=has.id)
    offer_id = await offered(waiting, desk)
    moved = await waiting.act(desk, "waiting.answer_for", lambda tx: service.accept_offer(tx, offer_id))
    assert (moved.id, moved.starts_at) == (has.id, waiting.time())


async def test_a_no_asks_the_next_in_line(waiting: Waiting, desk: Someone, caller: Someone) -> None:
    await put(waiting, desk, caller)
    offer_id = await offered(waiting, desk)
    await waiting.act(desk, "waiting.answer_for", lambda tx: service.decline_offer(tx, offer_id))
    assert {one.outcome for one in await waiting.act(desk, "tasks.view", tasks.list_tasks)} == {"declined"}
    assert [one.offer_id for one in await waiting.act(desk, "waiting.view_line", service.line)] == [None]


async def test_a_yes_too_late_is_told_and_they_still_wait(waiting: Waiting, desk: Someone, caller: Someone) -> None:
    await put(waiting, desk, caller)
    offer_id = await offered(waiting, desk)
    seen = await waiting.act(desk, "waiting.answer_for", lambda tx: service.offer_for(tx, offer_id))
    with late(seen), pytest.raises(service.OfferOver) as over:
        await waiting.act(desk, "waiting.answer_for", lambda tx: service.accept_offer(tx, offer_id))
    assert over.value.still_waits


async def test_patients_answer_for_nobody_else(waiting: Waiting, caller: Someone) -> None:
    other = await waiting.clinic.patient("Sam")
    with pytest.raises(NotAllowed):
        await put(waiting, other, caller)
