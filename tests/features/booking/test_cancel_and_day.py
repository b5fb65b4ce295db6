"""Cancelling keeps to the notice that was said before; the day shows who comes, and what became of it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.booking import service
from portal_app.features.booking.errors import AppointmentMovedOn, TooLateToCancel
from portal_app.features.booking.views import AppointmentView, DayView
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, PracticeMaker, in_days


@pytest.fixture
async def place(practice: PracticeMaker) -> Place:
    return await practice.place(notice_h=24)


async def cancel(database: Database, who: Someone, appointment_id: UUID) -> AppointmentView:
    policy = "booking.cancel" if who.patient_id else "booking.change_day"
    async with database.act_as(who.credential, policy) as tx:
        return await service.cancel_appointment(tx, appointment_id)


async def see_day(database: Database, who: Someone, at: datetime, place: Place) -> DayView:
    async with database.act_as(who.credential, "booking.view_day") as tx:
        return await service.day(tx, at.date(), location_id=place.location_id)


async def status(database: Database, appointment_id: UUID) -> str:
    async with database.act_as_system("test") as tx:
        return (await service.appointment(tx, appointment_id)).status


async def test_a_cancelled_time_is_free_for_the_next(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    request = place.request(place.at(in_days(3), "10:00"))
    booked = await practice.booked(maria, request)
    cancelled = await cancel(database, maria, booked.id)
    assert (cancelled.status, cancelled.cancel_reason, cancelled.sequence) == ("cancelled", "patient", 1)
    assert (await practice.booked(sam, place.request(request.starts_at))).status == "booked"


async def test_cancelling_twice_changes_nothing_more(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    assert await cancel(database, maria, booked.id) == await cancel(database, maria, booked.id)


async def test_after_the_notice_the_patient_is_given_the_locations_number(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria = await clinic.patient()
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    with clock.frozen_at(booked.cancel_until + timedelta(seconds=1)), pytest.raises(TooLateToCancel) as refused:
        await cancel(database, maria, booked.id)
    assert refused.value.phone == "+1 212 555 0101"
    with clock.frozen_at(booked.cancel_until):
        assert (await cancel(database, maria, booked.id)).status == "cancelled"


async def test_notice_is_counted_in_real_hours_over_a_clock_change(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    with clock.frozen_at(place.at(in_days(0).replace(year=2027, month=3, day=1), "12:00")):
        maria = await clinic.patient()
        booked = await practice.booked(maria, place.request(place.at(clock.now().date().replace(day=14), "09:00")))
    # On 14 March 2027 New York loses an hour: 24 hours before 9:00 it was 8:00 the day before.
    assert booked.cancel_until == place.at(booked.starts_at.date().replace(day=13), "08:00")


async def test_the_front_desk_cancels_without_notice_but_not_what_has_begun(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    first = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    second = await practice.booked(maria, place.request(place.at(in_days(3), "11:00")))
    with clock.frozen_at(first.starts_at - timedelta(minutes=5)):
        assert (await cancel(database, desk, first.id)).cancel_reason == "practice"
        await move(database, desk, service.mark_arrived, second.id)
        with pytest.raises(AppointmentMovedOn):
            await cancel(database, desk, second.id)


async def move(database: Database, who: Someone, act: object, appointment_id: UUID) -> None:
    async with database.act_as(who.credential, "booking.change_day") as tx:
        await act(tx, appointment_id)  # type: ignore[operator]


async def test_arriving_can_be_undone_and_done_again(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    seen = []
    for act in (service.mark_arrived, service.mark_arrived, service.undo_arrival, service.mark_arrived):
        await move(database, desk, act, booked.id)
        line = (await see_day(database, desk, booked.starts_at, place)).appointments[0]
        seen.append((line.status, line.arrived_at is not None))
    assert seen == [("arrived", True), ("arrived", True), ("booked", False), ("arrived", True)]


async def test_nobody_is_a_noshow_before_the_beginning(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    with pytest.raises(AppointmentMovedOn):
        await move(database, desk, service.mark_noshow, booked.id)
    with clock.frozen_at(booked.starts_at):
        await move(database, desk, service.mark_noshow, booked.id)
        assert await status(database, booked.id) == "noshow"
        await move(database, desk, service.mark_arrived, booked.id)
        await move(database, desk, service.mark_fulfilled, booked.id)
    assert await status(database, booked.id) == "fulfilled"


@pytest.mark.parametrize("act", [service.mark_arrived, service.mark_noshow, service.undo_arrival])
async def test_what_is_over_stays_as_it_is(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place, act: object
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    await cancel(database, maria, booked.id)
    with clock.frozen_at(booked.starts_at), pytest.raises(AppointmentMovedOn):
        await move(database, desk, act, booked.id)


async def test_reasons_are_for_those_who_treat(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    nurse = await clinic.staff("nurse", location_id=place.location_id)
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), reason="Chest pain"))
    by_desk = (await see_day(database, desk, booked.starts_at, place)).appointments
    by_nurse = (await see_day(database, nurse, booked.starts_at, place)).appointments
    assert [line.reason for line in (*by_desk, *by_nurse)] == ["", "Chest pain"]
    assert by_desk[0].family_name == by_nurse[0].family_name == "Alvarez"


async def test_the_clinical_staff_of_another_location_sees_nothing(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, nurse = await clinic.patient(), await clinic.staff("nurse", location_id=uuid4())
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    assert (await see_day(database, nurse, booked.starts_at, place)).appointments == ()
    with pytest.raises(NotFound):
        await move(database, nurse, service.mark_arrived, booked.id)


async def test_a_cancelled_visit_stays_on_the_day_of_those_it_was_with_and_opens_nothing_else(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, nurse = await clinic.patient(), await clinic.staff("nurse", location_id=place.location_id)
    booked = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    await cancel(database, maria, booked.id)

    (line,) = (await see_day(database, nurse, booked.starts_at, place)).appointments
    assert (line.status, line.family_name) == ("cancelled", "Alvarez")
    async with database.act_as(nurse.credential, "booking.view_day") as tx:
        rights = await tx.one(
            "select may('view', 'vitals', :id, 'N') as vitals, may('act', 'booking', :id, 'N') as booking",
            {"id": maria.patient_id},
        )
    assert tuple(rights) == (False, False)


async def test_a_cancelled_appointment_takes_its_view_of_the_chart_with_it(
    database: Database, clinic: Clinic, practice: PracticeMaker, place: Place
) -> None:
    maria, nurse = await clinic.patient(), await clinic.staff("nurse", location_id=place.location_id)
    first = await practice.booked(maria, place.request(place.at(in_days(3), "10:00")))
    second = await practice.booked(maria, place.request(place.at(in_days(5), "10:00")))

    async def sees() -> bool:
        async with database.act_as(nurse.credential, "booking.view_day") as tx:
            found: bool = await tx.scalar("select may('view', 'vitals', :id, 'N')", {"id": maria.patient_id})
            return found

    seen = [await sees()]
    for booked in (second, first):
        await cancel(database, maria, booked.id)
        seen.append(await sees())
    assert seen == [True, True, False]


async def test_a_patient_has_no_day_and_staff_books_nothing(database: Database, clinic: Clinic, place: Place) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    with pytest.raises(NotAllowed):
        await see_day(database, maria, place.at(in_days(3), "10:00"), place)
    with pytest.raises(NotAllowed):
        async with database.act_as(desk.credential, "booking.book") as tx:
            await service.book_appointment(tx, place.request(place.at(in_days(3), "10:00")))


async def test_a_day_is_the_locations_own(database: Database, clinic: Clinic, practice: PracticeMaker) -> None:
    late = await practice.place(*[(day, "22:00", "24:00") for day in range(1, 8)])
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    await practice.booked(maria, late.request(late.at(in_days(3), "23:30")))
    assert len((await see_day(database, desk, late.at(in_days(3), "12:00"), late)).appointments) == 1
    assert len((await see_day(database, desk, late.at(in_days(4), "12:00"), late)).appointments) == 0
