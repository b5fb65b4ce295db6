"""A series is booked whole or not at all, at one wall time, and one or the rest of it cancelled."""

import json
from base64 import b64decode
from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from portal_app.core import clock, crypto
from portal_app.core.db import Database
from portal_app.core.jobs import Workplace
from portal_app.features.booking import jobs, rules, series, service
from portal_app.features.booking.errors import SeriesNotWhole, UndoTimeTaken, UndoTooLate
from portal_app.features.booking.views import AppointmentView, BookingRequest
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import NEW_YORK, Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place(notice_h=24)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


def wishes(place: Place, count: int = 3) -> list[BookingRequest]:
    first = place.at(in_days(3), "10:00")
    starts = rules.series_starts(first, NEW_YORK, 1, count)
    key = uuid4()
    return [place.request(one, request_key=key) for one in starts]


async def book(database: Database, who: Someone, wanted: Sequence[BookingRequest]) -> Sequence[AppointmentView]:
    async with database.act_as(who.credential, "booking.book") as tx:
        return await series.book_series(tx, wanted)


def test_the_wall_time_stays_over_changes_of_the_clocks(place: Place) -> None:
    starts = rules.series_starts(place.at(date(2027, 3, 8), "10:00"), NEW_YORK, 1, 3)
    assert [place.at(date(2027, 3, day), "10:00") for day in (8, 15, 22)] == list(starts)


async def test_all_are_booked_together_and_once(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    wanted = wishes(place)
    first, again = [await book(database, maria, wanted) for _ in range(2)]
    assert [one.id for one in first] == [one.id for one in again]
    assert await practice.counts() == (3, 3)
    async with database.act_as_system("test") as tx:
        kinds = await tx.all("select task_name from procrastinate_jobs")
    assert [row.task_name for row in kinds] == ["booking.confirm_series"]


async def test_one_that_is_taken_books_none_and_says_which_with_others(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    wanted = wishes(place)
    await practice.booked(await clinic.patient("Sam"), place.request(wanted[1].starts_at))
    with pytest.raises(SeriesNotWhole) as refused:
        await book(database, maria, wanted)
    assert list(refused.value.missing) == [wanted[1].starts_at]
    assert len(refused.value.missing[wanted[1].starts_at]) == 3
    assert await practice.counts() == (1, 1)


async def test_a_plan_says_before_what_can_be_had(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    wanted = wishes(place)
    await practice.booked(await clinic.patient("Sam"), place.request(wanted[1].starts_at))
    async with database.act_as(maria.credential, "booking.find") as tx:
        plan = await series.plan_series(tx, wanted[0], NEW_YORK, 1, 3)
    assert [(one.starts_at, one.is_free) for one in plan] == [
        (wish.starts_at, wish is not wanted[1]) for wish in wanted
    ]


async def test_one_is_cancelled_alone_or_with_the_rest(database: Database, place: Place, maria: Someone) -> None:
    first, second, third = await book(database, maria, wishes(place))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, first.id)
        assert [one.id for one in await series.rest_of_series(tx, await service.appointment(tx, second.id))] == [
            third.id
        ]
        assert await series.cancel_rest(tx, second.id) == 0
    async with database.act_as(maria.credential, "booking.view") as tx:
        assert {one.status for one in await service.my_appointments(tx)} == {"cancelled"}


async def test_one_mail_tells_of_all_that_were_cancelled_together(
    database: Database, settings: Settings, place: Place, maria: Someone
) -> None:
    booked = await book(database, maria, wishes(place, 4))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await series.cancel_rest(tx, booked[0].id, code="better", words="All good")
        await service.undo_cancellation(tx, booked[3].id)
    async with database.act_as_system("test") as tx:
        (job,) = await tx.all("select args from procrastinate_jobs where task_name like 'booking.%cancellation'")
        codes = {row.cancel_code for row in await tx.all("select cancel_code from appointment where slot_id is null")}
    context: Any = SimpleNamespace(
        job=SimpleNamespace(id=1), additional_context={"workplace": Workplace(database, settings)}
    )
    for _ in range(2):
        await jobs.confirm_series_cancellation.func(context, **job.args)
    async with database.act_as_system("test") as tx:
        (mail,) = await tx.all("select template, content from outbox_message")
    content = json.loads(crypto.decrypt(mail.content))
    file = b64decode(content["attachment"][2]).decode()
    assert (mail.template, codes) == ("appointment_series_cancelled", {"better"})
    assert [file.count(part) for part in ("STATUS:CANCELLED", "better", "All good")] == [3, 0, 0]
    assert "better" not in str(content["params"])


async def test_all_that_was_cancelled_together_is_taken_back_together(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    first, second, third, fourth = await book(database, maria, wishes(place, 4))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, first.id)
        await series.cancel_rest(tx, second.id)
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        assert await series.cancelled_with(tx, third.id) == 3
        assert await series.undo_together(tx, third.id) == []
        assert await series.undo_together(tx, third.id) == []
    async with database.act_as(maria.credential, "booking.view") as tx:
        standing = {one.id: one.status for one in await service.my_appointments(tx)}
    assert standing == {first.id: "cancelled"} | dict.fromkeys([second.id, third.id, fourth.id], "booked")
    assert await practice.counts() == (3, 4)


async def test_a_time_that_somebody_took_keeps_none_of_the_others_from_coming_back(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    first, second, third = await book(database, maria, wishes(place))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await series.cancel_rest(tx, first.id)
    await practice.booked(await clinic.patient("Sam"), place.request(second.starts_at))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        assert [one.id for one in await series.undo_together(tx, first.id)] == [second.id]
    async with database.act_as(maria.credential, "booking.view") as tx:
        standing = {one.id: one.status for one in await service.my_appointments(tx)}
    assert standing == {first.id: "booked", second.id: "cancelled", third.id: "booked"}


async def test_where_none_can_come_back_that_is_said_and_nothing_changes(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    booked = await book(database, maria, wishes(place, 2))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await series.cancel_rest(tx, booked[0].id)
    with clock.frozen_at(clock.now() + rules.UNDO_LIFE + timedelta(seconds=5)), pytest.raises(UndoTooLate):
        async with database.act_as(maria.credential, "booking.cancel") as tx:
            await series.undo_together(tx, booked[0].id)
    for one in booked:
        await practice.booked(await clinic.patient("Sam"), place.request(one.starts_at))
    with pytest.raises(UndoTimeTaken):
        async with database.act_as(maria.credential, "booking.cancel") as tx:
            await series.undo_together(tx, booked[0].id)
    assert await practice.counts() == (2, 4)


async def test_the_rest_keeps_to_the_notice_too(database: Database, place: Place, maria: Someone) -> None:
    booked = await book(database, maria, wishes(place, 2))
    async with database.act_as_system("test") as tx:
        await tx.execute("update visit_type set notice_h = 24 * 8")
    with clock.frozen_at(booked[0].starts_at - timedelta(days=8)):
        async with database.act_as(maria.credential, "booking.cancel") as tx:
            assert await series.cancel_rest(tx, booked[0].id) == 0


async def test_what_was_booked_by_its_key_before_and_cancelled_is_not_one_of_it(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone
) -> None:
    wanted = wishes(place)
    single = await practice.booked(maria, wanted[0])
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, single.id)
    with pytest.raises(SeriesNotWhole) as refused:
        await book(database, maria, wanted)
    assert list(refused.value.missing) == [wanted[0].starts_at]
    assert (await practice.counts())[0] == 0
