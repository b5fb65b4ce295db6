"""A cancellation can be taken back for a minute, if the time is still free, and nobody hears of it before."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotFound
from portal_app.features.booking import rules, service
from portal_app.features.booking.errors import AppointmentMovedOn, UndoTimeTaken, UndoTooLate
from portal_app.features.booking.views import AppointmentView
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place()


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def booked(practice: PracticeMaker, place: Place, maria: Someone) -> AppointmentView:
    return await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), reason="My knee"))


async def cancel(
    database: Database, who: Someone, appointment_id: UUID, *, code: str = "", words: str = ""
) -> AppointmentView:
    async with database.act_as(who.credential, "booking.cancel" if who.patient_id else "booking.change_day") as tx:
        return await service.cancel_appointment(tx, appointment_id, code=code, words=words)


async def undo(database: Database, who: Someone, appointment_id: UUID) -> AppointmentView:
    async with database.act_as(who.credential, "booking.cancel" if who.patient_id else "booking.change_day") as tx:
        return await service.undo_cancellation(tx, appointment_id)


async def test_within_the_minute_it_is_booked_again_as_it_was(
    database: Database, practice: PracticeMaker, maria: Someone, booked: AppointmentView
) -> None:
    cancelled = await cancel(database, maria, booked.id, code="better", words="All good")
    assert cancelled.cancelled_at
    with clock.frozen_at(cancelled.cancelled_at + timedelta(seconds=60)):
        back = await undo(database, maria, booked.id)
        assert await undo(database, maria, booked.id) == back
    assert (back.status, back.starts_at, back.reason, back.sequence) == ("booked", booked.starts_at, "My knee", 2)
    assert (back.cancelled_at, back.cancel_code) == (None, None)
    assert await practice.counts() == (1, 1)


async def test_after_the_minute_it_stays_cancelled(database: Database, maria: Someone, booked: AppointmentView) -> None:
    cancelled = await cancel(database, maria, booked.id)
    assert cancelled.cancelled_at
    with clock.frozen_at(cancelled.cancelled_at + timedelta(seconds=61)), pytest.raises(UndoTooLate):
        await undo(database, maria, booked.id)


async def test_a_time_that_somebody_took_since_is_theirs(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    await cancel(database, maria, booked.id)
    await practice.booked(await clinic.patient("Sam"), place.request(booked.starts_at))
    with pytest.raises(UndoTimeTaken):
        await undo(database, maria, booked.id)


async def test_another_visit_at_that_time_stands_in_the_way(
    database: Database, practice: PracticeMaker, place: Place, maria: Someone, booked: AppointmentView
) -> None:
    other = await practice.colleague(place)
    await cancel(database, maria, booked.id)
    await practice.booked(maria, other.request(booked.starts_at))
    with pytest.raises(UndoTimeTaken):
        await undo(database, maria, booked.id)


async def test_only_who_cancelled_takes_it_back(
    database: Database, clinic: Clinic, maria: Someone, booked: AppointmentView
) -> None:
    desk, sam = await clinic.staff("front_desk"), await clinic.patient("Sam")
    await cancel(database, desk, booked.id)
    with pytest.raises(AppointmentMovedOn):
        await undo(database, maria, booked.id)
    with pytest.raises(NotFound):
        await undo(database, sam, booked.id)
    assert (await undo(database, desk, booked.id)).status == "booked"


async def test_a_reason_is_kept_and_its_words_are_encrypted(
    database: Database, maria: Someone, booked: AppointmentView
) -> None:
    assert (await cancel(database, maria, booked.id, code="travel", words="No bus")).cancel_code == "travel"
    async with database.act_as_system("test") as tx:
        kept = await tx.one("select cancel_code, cancel_words from appointment")
    assert (kept.cancel_code, kept.cancel_words[:2]) == ("travel", "1:")


@pytest.mark.parametrize("why", [{"code": "bored"}, {"words": "a" * 501}])
async def test_a_reason_that_cannot_be_kept_cancels_nothing(
    database: Database, maria: Someone, booked: AppointmentView, why: dict[str, str]
) -> None:
    with pytest.raises(InputRefused):
        await cancel(database, maria, booked.id, **why)
    async with database.act_as_system("test") as tx:
        assert (await service.appointment(tx, booked.id)).status == "booked"


async def test_a_chart_seen_through_the_appointment_is_seen_again(
    database: Database, clinic: Clinic, maria: Someone, booked: AppointmentView
) -> None:
    nurse = await clinic.staff("nurse", location_id=booked.location_id)
    await cancel(database, maria, booked.id)
    await undo(database, maria, booked.id)
    async with database.act_as(nurse.credential, "booking.view_day") as tx:
        assert (await service.appointment(tx, booked.id)).status == "booked"


async def test_cancelled_again_by_somebody_else_meanwhile_it_stays_cancelled(
    database: Database, clinic: Clinic, maria: Someone, booked: AppointmentView, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cancel(database, maria, booked.id)
    desk = await clinic.staff("front_desk")
    is_in_time = rules.can_undo

    def while_others_are_quicker(cancelled_at: datetime, now: datetime) -> bool:
        monkeypatch.setattr(rules, "can_undo", is_in_time)
        with ThreadPoolExecutor() as elsewhere:
            elsewhere.submit(asyncio.run, others(database.engine.url.render_as_string(hide_password=False))).result()
        return is_in_time(cancelled_at, now)

    async def others(url: str) -> None:
        theirs = Database(url, pool=1)
        await undo(theirs, maria, booked.id)
        await cancel(theirs, desk, booked.id)
        await theirs.close()

    monkeypatch.setattr(rules, "can_undo", while_others_are_quicker)
    with pytest.raises(AppointmentMovedOn):
        await undo(database, maria, booked.id)
