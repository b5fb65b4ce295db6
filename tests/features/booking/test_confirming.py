"""Whoever is signed in says that they will come; it is said once, and only of what is still to come."""

from datetime import timedelta

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import NotFound
from portal_app.features.booking import rules, service
from portal_app.features.booking.errors import AppointmentMovedOn
from portal_app.features.booking.views import AppointmentView
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import PracticeMaker, in_days


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


@pytest.fixture
async def booked(practice: PracticeMaker, maria: Someone) -> AppointmentView:
    place = await practice.place()
    return await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), reason="My knee"))


async def confirm(database: Database, who: Someone, booked: AppointmentView) -> AppointmentView:
    async with database.act_as(who.credential, "booking.confirm") as tx:
        return await service.confirm_appointment(tx, booked.id)


async def test_it_is_noted_once_and_recorded_once(database: Database, maria: Someone, booked: AppointmentView) -> None:
    first, again = [await confirm(database, maria, booked) for _ in range(2)]
    assert first.confirmed_at == again.confirmed_at is not None
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from audit_event where action = 'booking.confirm'") == 1


async def test_nobody_confirms_for_somebody_else(database: Database, clinic: Clinic, booked: AppointmentView) -> None:
    with pytest.raises(NotFound):
        await confirm(database, await clinic.patient("Sam"), booked)


async def test_what_is_cancelled_or_has_begun_is_not_confirmed(
    database: Database, maria: Someone, booked: AppointmentView
) -> None:
    with clock.frozen_at(booked.starts_at), pytest.raises(AppointmentMovedOn):
        await confirm(database, maria, booked)
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, booked.id)
    with pytest.raises(AppointmentMovedOn):
        await confirm(database, maria, booked)


def test_it_is_asked_from_eight_days_before_until_it_begins_or_is_said() -> None:
    now = clock.now()
    days = {-1: False, 1: True, 8: True, 9: False}
    assert {one: rules.can_confirm(now + timedelta(days=one), None, now) for one in days} == days
    assert not rules.can_confirm(now + timedelta(days=1), now, now)


def test_an_earlier_time_is_promised_only_while_there_can_be_one() -> None:
    now = clock.now()
    hours = {0: False, 1: False, 2: False, 3: True, 48: True}
    assert {one: rules.can_be_earlier(now + timedelta(hours=one), now) for one in hours} == hours
