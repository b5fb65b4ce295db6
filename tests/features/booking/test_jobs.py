"""After the tap: the patient is told once, in their language, with an entry for the calendar."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal_app.core import clock, crypto
from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.booking import jobs, rules, service
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


async def work(database: Database, settings: Settings, kind: str = "booking.%") -> None:
    """Do every booking job that waits and is due, twice, as a worker does after another was killed."""
    async with database.act_as_system("test") as tx:
        waiting = await tx.all(
            "select id, task_name, args from procrastinate_jobs where task_name like :kind"
            " and (scheduled_at is null or scheduled_at <= :now) order by id",
            {"kind": kind, "now": clock.now()},
        )
    known = (jobs.confirm_booking, jobs.confirm_move, jobs.confirm_cancellation)
    tasks: dict[str, Any] = {task.name: task for task in known}
    for row in waiting:
        context: Any = SimpleNamespace(
            job=SimpleNamespace(id=row.id), additional_context={"workplace": Workplace(database, settings)}
        )
        for _ in range(2):
            await tasks[row.task_name].func(context, **row.args)


async def messages(database: Database) -> list[Any]:
    async with database.act_as_system("test") as tx:
        rows = await tx.all("select person_id, template, locale, content from outbox_message order by created_at, id")
    return [SimpleNamespace(**row._asdict(), words=crypto.decrypt(row.content)) for row in rows]


async def book(practice: PracticeMaker, someone: Someone, place: Place, reason: str = "") -> UUID:
    return (await practice.booked(someone, place.request(place.at(in_days(3), "10:00"), reason=reason))).id


async def test_a_booking_leaves_one_message_however_often_its_job_runs(
    database: Database, settings: Settings, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    await book(practice, maria, place)
    await work(database, settings)
    (message,) = await messages(database)
    assert (message.person_id, message.template) == (maria.person_id, "appointment_booked")
    assert "Riverside Clinic" in message.words
    assert "appointment.ics" in message.words


async def test_two_taps_with_one_key_enqueue_one_job(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, request = await clinic.patient(), place.request(place.at(in_days(3), "10:00"))
    for _ in range(2):
        await practice.booked(maria, request)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from procrastinate_jobs") == 1


async def test_a_cancellation_is_told_and_the_stale_confirmation_is_not(
    database: Database, settings: Settings, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    booked = await book(practice, maria, place)
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, booked)
    await work(database, settings)
    assert await messages(database) == []
    with clock.frozen_at(clock.now() + rules.UNDO_LIFE):
        await work(database, settings, "booking.confirm_cancellation")
    assert [message.template for message in await messages(database)] == ["appointment_cancelled"]


async def test_a_message_says_nothing_about_health(
    database: Database, settings: Settings, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    await book(practice, await clinic.patient(), place, reason="Chest pain")
    await work(database, settings)
    (message,) = await messages(database)
    for secret in ("Chest", "Family medicine", "Okafor", "Check-up"):
        assert secret not in message.words


@pytest.mark.parametrize("ended", ["valid_until = now() - interval '1 minute'", "sections = '{bills}'"])
async def test_who_may_no_longer_see_an_appointment_hears_nothing_of_it(
    database: Database, settings: Settings, clinic: Clinic, practice: PracticeMaker, place: Place, ended: str
) -> None:
    maria = await clinic.patient()
    await book(practice, maria, place)
    async with database.act_as_system("test") as tx:
        await tx.execute(
            f"update access_grant set {ended} where grantee = :id and min_assurance = 1", {"id": maria.person_id}
        )
    await work(database, settings)
    assert await messages(database) == []


async def test_each_is_told_in_their_own_language(
    database: Database, settings: Settings, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    async with database.act_as_system("test") as tx:
        await tx.execute("update person set locale = 'es' where id = :id", {"id": maria.person_id})
    await book(practice, maria, place)
    await work(database, settings)
    assert [message.locale for message in await messages(database)] == ["es"]


async def test_the_arguments_of_a_job_are_ids(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    booked = await book(practice, await clinic.patient(), place, reason="Chest pain")
    async with database.act_as_system("test") as tx:
        args = await tx.scalar("select args from procrastinate_jobs")
    assert args == {"appointment_id": str(booked)}
