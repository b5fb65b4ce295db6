"""A wish in words is answered against a clock, with times that are kept, or with words and a number."""

from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.booking.service import BookingRequest
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import service
from tests.factories import Someone
from tests.features.booking.practice_maker import in_days
from tests.features.waiting.conftest import Waiting


async def asked(waiting: Waiting, who: Someone, words: str = "Mornings, please", key: UUID | None = None) -> UUID:
    wish = (words, key or uuid4())
    return await waiting.act(who, "waiting.ask", lambda tx: service.ask_in_words(tx, *wish))


async def answered(waiting: Waiting, who: Someone, request_id: UUID, **answer: Any) -> int:
    return await waiting.act(who, "waiting.answer_request", lambda tx: service.answer_request(tx, request_id, **answer))


def wishes(waiting: Waiting, *walls: str) -> list[BookingRequest]:
    return [waiting.place.request(waiting.time(5, wall)) for wall in walls]


async def test_a_request_opens_one_task_with_the_promised_clock(waiting: Waiting) -> None:
    maria, key = await waiting.clinic.patient(), uuid4()
    first = await asked(waiting, maria, key=key)
    assert await asked(waiting, maria, key=key) == first
    desk = await waiting.clinic.staff("front_desk")
    (task,) = await waiting.act(desk, "tasks.view", tasks.list_tasks)
    request = await waiting.act(desk, "waiting.view_line", lambda tx: service.request(tx, first))
    assert (task.code, task.focus_id, task.due_at) == ("appointment_request", first, request.answer_by)
    assert request.words == "Mornings, please"
    async with waiting.database.act_as_system("test") as tx:
        assert "Mornings" not in await tx.scalar("select words from time_request")


async def test_offered_times_are_kept_and_accepting_one_lets_the_others_go(waiting: Waiting) -> None:
    maria, desk = await waiting.clinic.patient(), await waiting.clinic.staff("front_desk")
    request_id = await asked(waiting, maria)
    assert await answered(waiting, desk, request_id, times=wishes(waiting, "09:00", "10:00", "11:00")) == 3
    mine = await waiting.offers(maria)
    booked = await waiting.accept(maria, mine[1].id)
    assert booked.starts_at == waiting.time(5, "10:00")
    assert await waiting.offers(maria) == []
    request = await waiting.act(maria, "waiting.view", lambda tx: service.request(tx, request_id))
    assert (request.status, request.appointment_id) == ("booked", booked.id)
    assert [one.status for one in request.offers] == ["withdrawn", "accepted", "withdrawn"]
    assert await waiting.practice.counts() == (1, 1)


async def test_this_evening_s_times_are_among_those_to_offer_where_it_is_tomorrow_in_utc(waiting: Waiting) -> None:
    late = await waiting.practice.place((in_days(1).isoweekday(), "22:00", "23:00"))
    desk = await waiting.clinic.staff("front_desk")
    with clock.frozen_at(late.at(in_days(1), "20:30").astimezone(UTC)):
        found = await waiting.act(
            desk,
            "waiting.answer_request",
            lambda tx: service.times_to_offer(tx, late.visit_type_id, "in_person", late.practitioner_id),
        )
    assert [one.starts_at for one in found[:2]] == [late.at(in_days(1), wall) for wall in ("22:00", "22:30")]


async def test_words_and_a_number_are_an_answer_too_and_close_the_task(waiting: Waiting) -> None:
    maria, desk = await waiting.clinic.patient(), await waiting.clinic.staff("front_desk")
    request_id = await asked(waiting, maria)
    await answered(waiting, desk, request_id, words="Call us", phone="555 0100")
    request = await waiting.act(maria, "waiting.view", lambda tx: service.request(tx, request_id))
    assert (request.status, request.answer, request.answer_phone) == ("answered", "Call us", "555 0100")
    (task,) = await waiting.act(desk, "tasks.view", tasks.list_tasks)
    assert (task.status, task.outcome) == ("completed", "answered")
    assert [name for name, _ in await waiting.jobs()] == ["waiting.tell_answer"]
    with pytest.raises(service.RequestMovedOn):
        await answered(waiting, desk, request_id, words="Again")


async def test_times_that_are_gone_are_not_sent(waiting: Waiting) -> None:
    maria, desk = await waiting.clinic.patient(), await waiting.clinic.staff("front_desk")
    request_id = await asked(waiting, maria)
    await waiting.booked(await waiting.clinic.patient("Sam"), 5, "09:00")
    with pytest.raises(service.NoTimeKept):
        await answered(waiting, desk, request_id, times=wishes(waiting, "09:00"))
    assert await answered(waiting, desk, request_id, times=wishes(waiting, "09:00", "09:30")) == 1


async def test_a_withdrawn_request_lets_its_times_go(waiting: Waiting) -> None:
    maria, desk = await waiting.clinic.patient(), await waiting.clinic.staff("front_desk")
    request_id = await asked(waiting, maria)
    await answered(waiting, desk, request_id, times=wishes(waiting, "09:00"))
    for _ in range(2):
        await waiting.act(maria, "waiting.ask", lambda tx: service.withdraw_request(tx, request_id))
    assert await waiting.close() == 1
    assert await waiting.practice.counts() == (0, 0)


async def test_requests_are_for_their_patient_and_those_who_answer(waiting: Waiting) -> None:
    maria, sam = await waiting.clinic.patient(), await waiting.clinic.patient("Sam")
    request_id = await asked(waiting, maria)
    with pytest.raises(NotFound):
        await waiting.act(sam, "waiting.view", lambda tx: service.request(tx, request_id))
    nurse = await waiting.clinic.staff("nurse", location_id=uuid4())
    with pytest.raises(NotFound):
        await answered(waiting, nurse, request_id, words="No")
    with pytest.raises(NotAllowed):
        await answered(waiting, maria, request_id, words="No")


@pytest.mark.parametrize("words", ["", "   ", "a" * 1001])
async def test_nothing_and_too_much_are_refused(waiting: Waiting, words: str) -> None:
    maria = await waiting.clinic.patient()
    with pytest.raises(InputRefused):
        await asked(waiting, maria, words)
