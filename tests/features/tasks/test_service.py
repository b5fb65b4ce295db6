"""What staff have to see to: opened once, seen by whom it concerns, taken by one."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.features.tasks import service
from portal_app.features.tasks.views import TaskView
from tests.factories import Clinic, Someone


async def opened(database: Database, code: str = "undelivered", **more: object) -> UUID:
    async with database.act_as_system("test") as tx:
        return await service.open_task(tx, code, uuid4(), **more)  # type: ignore[arg-type]


async def listed(database: Database, who: Someone) -> Sequence[TaskView]:
    async with database.act_as(who.credential, "tasks.view") as tx:
        return await service.list_tasks(tx)


async def claim(database: Database, who: Someone, task_id: UUID, owner_id: UUID | None = None) -> None:
    async with database.act_as(who.credential, "tasks.handle") as tx:
        await service.claim_task(tx, task_id, owner_id)


async def test_one_code_and_focus_is_open_once_and_may_be_opened_again(database: Database, clinic: Clinic) -> None:
    focus, desk = uuid4(), await clinic.staff("front_desk")
    async with database.act_as_system("test") as tx:
        first = await service.open_task(tx, "undelivered", focus, note="Second try failed")
        assert await service.open_task(tx, "undelivered", focus) == first
        await service.close_task(tx, "undelivered", focus, "sent")
        await service.close_task(tx, "undelivered", focus, "sent")
        again = await service.open_task(tx, "undelivered", focus)
    tasks = await listed(database, desk)
    assert [(one.id, one.status, one.outcome) for one in tasks] == [
        (again, "requested", ""), (first, "completed", "sent"),
    ]  # fmt: skip
    assert tasks[1].note == "Second try failed"


async def test_notes_are_unreadable_in_the_database(database: Database) -> None:
    await opened(database, note="Chest pain")
    async with database.act_as_system("test") as tx:
        assert "Chest" not in await tx.scalar("select note from task")


@pytest.mark.parametrize(
    ("role", "codes"),
    [
        ("front_desk", {"undelivered", "registration", "call_back", "leave"}),
        ("nurse", {"call_back", "leave"}),
        ("billing", {"call_back"}),
        ("manager", {"stale_line", "call_back", "leave"}),
    ],
)
async def test_each_role_sees_what_concerns_it(database: Database, clinic: Clinic, role: str, codes: set[str]) -> None:
    for code in ("undelivered", "registration", "call_back", "leave", "stale_line"):
        await opened(database, code)
    assert {one.code for one in await listed(database, await clinic.staff(role))} == codes


async def test_a_patient_s_task_is_seen_by_who_may_see_their_appointments(database: Database, clinic: Clinic) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    async with database.act_as(maria.credential, "booking.view") as tx:
        await service.open_task(tx, "appointment_request", uuid4(), patient_id=maria.patient_id)
    desk, nurse = await clinic.staff("front_desk"), await clinic.staff("nurse", location_id=uuid4())
    assert [one.given_name for one in await listed(database, desk)] == ["Maria"]
    assert await listed(database, nurse) == []
    async with database.act_as(sam.credential, "booking.view") as tx:
        assert await tx.scalar("select count(*) from task") == 0


@pytest.mark.parametrize(("code", "whose"), [("undelivered", "own"), ("call_back", "other")])
async def test_a_patient_opens_nothing_about_others_nor_what_is_the_staff_s(
    database: Database, clinic: Clinic, code: str, whose: str
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    about = maria.patient_id if whose == "own" else sam.patient_id
    with pytest.raises(DBAPIError) as caught:
        async with database.act_as(maria.credential, "booking.view") as tx:
            await service.open_task(tx, code, uuid4(), patient_id=about)
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege)


async def test_a_patient_has_no_inbox(database: Database, clinic: Clinic) -> None:
    maria = await clinic.patient()
    with pytest.raises(NotAllowed):
        await listed(database, maria)


async def test_a_task_is_taken_by_one_and_taken_over_knowingly(database: Database, clinic: Clinic) -> None:
    task_id = await opened(database)
    ada, ben = await clinic.staff("front_desk"), await clinic.staff("front_desk", name="Ben")
    await claim(database, ada, task_id)
    await claim(database, ada, task_id)
    with pytest.raises(service.TaskMovedOn):
        await claim(database, ben, task_id)
    await claim(database, ben, task_id, ada.person_id)
    assert [(one.status, one.owner_name) for one in await listed(database, ada)] == [("accepted", "Ben")]
    async with database.act_as(ben.credential, "tasks.handle") as tx:
        await service.give_back_task(tx, task_id)
    assert [(one.status, one.owner_id) for one in await listed(database, ada)] == [("requested", None)]


async def test_closing_by_hand_can_be_taken_back(database: Database, clinic: Clinic) -> None:
    task_id, desk = await opened(database), await clinic.staff("front_desk")
    seen = []
    for act in (service.finish_task, service.finish_task, service.reopen_task, service.reopen_task):
        async with database.act_as(desk.credential, "tasks.handle") as tx:
            await act(tx, task_id)
        seen.append((await listed(database, desk))[0].status)
    assert seen == ["completed", "completed", "requested", "requested"]
    async with database.act_as(desk.credential, "tasks.handle") as tx:
        await service.finish_task(tx, task_id)
    with pytest.raises(service.TaskMovedOn):
        await claim(database, desk, task_id)


async def test_what_does_not_concern_a_role_cannot_be_taken(database: Database, clinic: Clinic) -> None:
    task_id = await opened(database, "undelivered")
    with pytest.raises(NotFound):
        await claim(database, await clinic.staff("nurse"), task_id)


async def test_the_most_urgent_comes_first_and_closed_ones_leave_after_a_week(
    database: Database, clinic: Clinic
) -> None:
    now, desk = clock.now(), await clinic.staff("front_desk")
    later = await opened(database, due_at=now + timedelta(hours=2))
    never = await opened(database)
    soon = await opened(database, due_at=now + timedelta(hours=1))
    async with database.act_as(desk.credential, "tasks.handle") as tx:
        await service.finish_task(tx, soon)
    assert [one.id for one in await listed(database, desk)] == [later, never, soon]
    with clock.frozen_at(now + timedelta(days=8)):
        assert [one.id for one in await listed(database, desk)] == [later, never]


async def assign(database: Database, who: Someone, task_id: UUID, to: UUID, owner_id: UUID | None = None) -> str:
    async with database.act_as(who.credential, "tasks.handle") as tx:
        return await service.assign_task(tx, task_id, to, owner_id)


async def test_a_task_is_handed_to_a_named_colleague_and_both_are_on_record(database: Database, clinic: Clinic) -> None:
    desk, tom = await clinic.staff("front_desk"), await clinic.staff("front_desk", name="Tom Ortiz")
    task_id = await opened(database, "call_back")
    for _twice in range(2):
        assert await assign(database, desk, task_id, tom.person_id) == "Tom Ortiz"
    (task,) = await listed(database, tom)
    assert (task.status, task.owner_id, task.owner_name) == ("accepted", tom.person_id, "Tom Ortiz")
    async with database.act_as_system("test") as tx:
        (seen,) = await tx.all("select person_id, detail ->> 'to' from audit_event where action = 'tasks.assign'")
    assert tuple(seen) == (desk.person_id, str(tom.person_id))


async def test_who_has_a_task_by_now_is_not_passed_over(database: Database, clinic: Clinic) -> None:
    desk, tom, ana = [await clinic.staff("front_desk") for _ in range(3)]
    task_id = await opened(database, "call_back")
    await claim(database, ana, task_id)
    with pytest.raises(service.TaskMovedOn):
        await assign(database, desk, task_id, tom.person_id)
    await assign(database, desk, task_id, tom.person_id, ana.person_id)
    assert [one.owner_id for one in await listed(database, ana)] == [tom.person_id]


async def test_a_task_goes_only_to_those_who_could_see_it(database: Database, clinic: Clinic) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    other, far = await clinic.staff("front_desk"), await clinic.staff("nurse", location_id=uuid4())
    billing = await clinic.staff("billing")
    task_id = await opened(database, "appointment_request", patient_id=maria.patient_id)
    async with database.act_as(desk.credential, "tasks.handle") as tx:
        assert {one.person_id for one in await service.colleagues(tx, task_id)} == {other.person_id}
    async with database.act_as(far.credential, "tasks.handle") as tx:
        assert await service.colleagues(tx, task_id) == []
    for nobody in (far, billing, maria):
        with pytest.raises(InputRefused):
            await assign(database, desk, task_id, nobody.person_id)


async def test_a_closed_task_is_handed_to_nobody(database: Database, clinic: Clinic) -> None:
    desk, tom = await clinic.staff("front_desk"), await clinic.staff("front_desk")
    task_id = await opened(database, "call_back")
    async with database.act_as(desk.credential, "tasks.handle") as tx:
        await service.finish_task(tx, task_id)
    with pytest.raises(service.TaskMovedOn):
        await assign(database, desk, task_id, tom.person_id)
