"""A call-back: asked for once, a task with a clock, seen by both sides until it is over."""

import asyncio
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotFound
from portal_app.features.callback import service
from portal_app.features.callback.service import CallBackOver, CallBackRequest, CallBackView
from portal_app.features.tasks import service as tasks
from tests.factories import Clinic, Someone
from tests.features.access.conftest import acting_for
from tests.features.ages.conftest import Family, family
from tests.features.booking.practice_maker import PracticeMaker

__all__ = ["family"]


@pytest.fixture(autouse=True)
async def _practice(database: Database) -> None:
    maker = PracticeMaker(database)
    await maker.practice()
    await maker.place()


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def desk(clinic: Clinic) -> Someone:
    return await clinic.staff("front_desk")


def wish(key: UUID | None = None, changes: dict[str, str] | None = None) -> CallBackRequest:
    said = {"purpose": "nurse", "number": "718 555 0199", "words": "My knee"} | (changes or {})
    return CallBackRequest(said["purpose"], said["number"], said["words"], key or uuid4())


async def _ask(database: Database, someone: Someone, request: CallBackRequest) -> CallBackView:
    async with database.act_as(someone.credential, "callback.ask") as tx:
        return await service.ask(tx, request)


async def _last(database: Database, someone: Someone) -> CallBackView | None:
    async with database.act_as(someone.credential, "callback.view") as tx:
        return await service.last_one(tx)


async def _waiting(database: Database, someone: Someone) -> list[CallBackView]:
    async with database.act_as(someone.credential, "callback.answer") as tx:
        return list(await service.open_ones(tx))


async def _answer(database: Database, someone: Someone, call_back_id: UUID, *, is_reached: bool) -> None:
    async with database.act_as(someone.credential, "callback.answer") as tx:
        await service.answer(tx, call_back_id, is_reached=is_reached)


async def _tasks(database: Database, desk: Someone) -> list[tasks.TaskView]:
    async with database.act_as(desk.credential, "tasks.view") as tx:
        return [one for one in await tasks.list_tasks(tx, codes=["call_back"]) if one.closed_at is None]


async def test_a_wish_is_promised_to_the_patient_and_a_task_for_the_desk_without_the_words(
    database: Database, maria: Someone, desk: Someone
) -> None:
    asked = await _ask(database, maria, wish())
    (seen,), (task,) = await _waiting(database, desk), await _tasks(database, desk)
    assert (asked.number, asked.words, asked.status) == ("•••• 99", "My knee", "requested")
    assert (seen.number, seen.words, seen.given_name) == ("(718) 555-0199", "", "Maria")
    assert (task.focus_id, task.due_at) == (asked.id, asked.due_at)
    assert asked.due_at > clock.now()


async def test_the_number_is_told_whole_to_whoever_proved_more_than_a_code(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    await _ask(database, maria, wish())
    strong = await clinic.sign_in_again(maria, assurance=2)
    found = await _last(database, strong)
    assert found is not None
    assert found.number == "(718) 555-0199"


async def test_two_taps_and_two_devices_make_one_call_back(database: Database, maria: Someone, desk: Someone) -> None:
    key = uuid4()
    made = await asyncio.gather(*(_ask(database, maria, wish(key)) for _ in range(3)), _ask(database, maria, wish()))
    assert len({one.id for one in made}) == 1
    assert len(await _tasks(database, desk)) == 1


@pytest.mark.parametrize(
    "changes", [{"number": "12"}, {"purpose": ""}, {"purpose": "gossip"}, {"words": "a" * 301}], ids=str
)
async def test_what_cannot_be_done_is_refused(database: Database, maria: Someone, changes: dict[str, str]) -> None:
    with pytest.raises(InputRefused):
        await _ask(database, maria, wish(changes=changes))
    assert await _last(database, maria) is None


async def test_a_call_that_reached_nobody_is_tried_again_and_one_that_did_is_over_for_both(
    database: Database, maria: Someone, desk: Someone
) -> None:
    asked = await _ask(database, maria, wish())
    await _answer(database, desk, asked.id, is_reached=False)
    tried = await _last(database, maria)
    assert tried is not None
    assert (tried.status, tried.tries) == ("requested", 1)
    await _answer(database, desk, asked.id, is_reached=True)
    over = await _last(database, maria)
    assert over is not None
    assert (over.status, over.tries) == ("completed", 2)
    assert (await _waiting(database, desk), await _tasks(database, desk)) == ([], [])
    with pytest.raises(CallBackOver):
        await _answer(database, desk, asked.id, is_reached=True)


async def test_taken_back_it_is_nobodys_task_any_more_and_may_be_asked_anew(
    database: Database, maria: Someone, desk: Someone
) -> None:
    asked = await _ask(database, maria, wish())
    async with database.act_as(maria.credential, "callback.ask") as tx:
        await service.take_back(tx, asked.id)
    assert (await _last(database, maria), await _tasks(database, desk)) == (None, [])
    with pytest.raises(CallBackOver):
        await _answer(database, desk, asked.id, is_reached=True)
    assert (await _ask(database, maria, wish())).id != asked.id


async def test_a_task_closed_by_hand_ends_the_call_back(database: Database, maria: Someone, desk: Someone) -> None:
    await _ask(database, maria, wish())
    (task,) = await _tasks(database, desk)
    async with database.act_as(desk.credential, "tasks.handle") as tx:
        await tasks.finish_task(tx, task.id)
    over = await _last(database, maria)
    assert over is not None
    assert over.status == "completed"


async def test_another_patient_sees_and_takes_back_nothing(
    database: Database, clinic: Clinic, maria: Someone, desk: Someone
) -> None:
    asked = await _ask(database, maria, wish())
    noor = await clinic.patient("Noor")
    async with database.act_as(noor.credential, "callback.ask") as tx:
        await service.take_back(tx, asked.id)
    assert await _last(database, noor) is None
    assert len(await _waiting(database, desk)) == 1


async def test_billing_sees_calls_about_bills_only_and_a_stranger_nurse_none(
    database: Database, clinic: Clinic, maria: Someone
) -> None:
    asked = await _ask(database, maria, wish())
    billing, nurse = await clinic.staff("billing"), await clinic.staff("nurse", location_id=None)
    assert (await _waiting(database, billing), await _waiting(database, nurse)) == ([], [])
    with pytest.raises(NotFound):
        await _answer(database, billing, asked.id, is_reached=True)
    async with database.act_as(maria.credential, "callback.ask") as tx:
        await service.take_back(tx, asked.id)
    await _ask(database, maria, wish(changes={"purpose": "billing"}))
    assert len(await _waiting(database, billing)) == 1


async def test_number_and_words_are_not_readable_in_the_database(database: Database, maria: Someone) -> None:
    await _ask(database, maria, wish())
    async with database.act_as_system("test") as tx:
        row = str(await tx.first("select * from call_back"))
    assert "0199" not in row
    assert "knee" not in row


async def test_what_a_teen_asks_for_is_theirs_and_a_parent_asks_beside_it_without_learning_of_it(
    database: Database, family: Family, desk: Someone
) -> None:
    teen, parent = await family(14, "booking_act")
    there = await acting_for(database, parent, teen)
    own = await _ask(database, teen, wish())
    assert own.is_private
    async with database.act_as(there.credential, "callback.view") as tx:
        assert await service.last_one(tx) is None
        assert await tx.scalar("select count(*) from call_back") == 0
        assert await tx.scalar("select count(*) from audit_event where action = 'callback.ask'") == 0
    theirs = await _ask(database, there, wish())
    assert (theirs.id != own.id, theirs.is_private) == (True, False)
    async with database.act_as(desk.credential, "callback.answer") as tx:
        assert {one.id for one in await service.open_ones(tx)} == {own.id, theirs.id}


async def test_what_is_asked_for_a_small_child_or_by_somebody_grown_up_is_no_secret(
    database: Database, family: Family
) -> None:
    for age in (6, 30):
        patient, parent = await family(age, "booking_act")
        assert not (await _ask(database, patient, wish())).is_private
        there = await acting_for(database, parent, patient)
        async with database.act_as(there.credential, "callback.view") as tx:
            assert await service.last_one(tx) is not None
