"""Booking keeps its promises: one time, one person; one tap, one appointment; all or nothing."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.features.booking.errors import PatientElsewhere, SlotAlreadyTaken, TimeNotOffered
from tests.factories import Clinic
from tests.features.booking.practice_maker import PracticeMaker, in_days


async def test_a_free_time_becomes_an_appointment(clinic: Clinic, practice: PracticeMaker) -> None:
    maria, place = await clinic.patient(), await practice.place()
    starts_at = place.at(in_days(3), "09:30")
    booked = await practice.booked(maria, place.request(starts_at, reason="Cough"))
    assert (booked.status, booked.starts_at, booked.ends_at) == (
        "booked", starts_at, starts_at + timedelta(minutes=30))  # fmt: skip
    assert (booked.reason, booked.zone, booked.practitioner_name) == ("Cough", place.zone, "Ada Okafor")
    assert booked.cancel_until == starts_at - timedelta(hours=24)
    assert await practice.counts() == (1, 1)


async def test_the_second_to_book_a_time_is_told_and_offered_the_three_nearest(
    clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, sam, place = await clinic.patient(), await clinic.patient("Sam"), await practice.place()
    wanted = place.at(in_days(3), "10:00")
    await practice.booked(maria, place.request(wanted))
    with pytest.raises(SlotAlreadyTaken) as refused:
        await practice.booked(sam, place.request(wanted))
    offered = [time.starts_at for time in refused.value.alternatives]
    half = timedelta(minutes=30)
    assert offered == [wanted - half, wanted + half, wanted - 2 * half]
    assert await practice.counts() == (1, 1)


async def test_when_the_clinician_is_full_a_colleague_at_the_same_place_is_offered(
    clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    day = in_days(3)
    place = await practice.place((day.isoweekday(), "10:00", "10:30"))
    colleague = await practice.colleague(place, (day.isoweekday(), "11:00", "12:00"))
    await practice.booked(maria, place.request(place.at(day, "10:00")))
    with pytest.raises(SlotAlreadyTaken) as refused:
        await practice.booked(sam, place.request(place.at(day, "10:00")))
    assert {time.practitioner_id for time in refused.value.alternatives} == {
        place.practitioner_id, colleague.practitioner_id}  # fmt: skip


async def test_two_taps_with_one_key_make_one_appointment(clinic: Clinic, practice: PracticeMaker) -> None:
    maria, place = await clinic.patient(), await practice.place()
    request = place.request(place.at(in_days(3), "10:00"), reason="Cough")
    first, second = await practice.booked(maria, request), await practice.booked(maria, request)
    assert first == second
    assert second.reason == "Cough"
    assert await practice.counts() == (1, 1)


async def test_a_patient_cannot_be_in_two_places(clinic: Clinic, practice: PracticeMaker) -> None:
    maria, here, there = await clinic.patient(), await practice.place(), await practice.place(duration_min=60)
    await practice.booked(maria, here.request(here.at(in_days(3), "10:30")))
    with pytest.raises(PatientElsewhere):
        await practice.booked(maria, there.request(there.at(in_days(3), "10:00")))
    assert await practice.counts() == (1, 1)


@pytest.mark.parametrize(
    ("wall", "days"), [("08:30", 3), ("11:45", 3), ("12:00", 3), ("09:10", 3), ("09:00", -1), ("09:00", 181)]
)
async def test_a_time_the_practice_does_not_offer_is_not_booked(
    clinic: Clinic, practice: PracticeMaker, wall: str, days: int
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    with pytest.raises(TimeNotOffered):
        await practice.booked(maria, place.request(place.at(in_days(days), wall)))
    assert await practice.counts() == (0, 0)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2000-02-29T00:00:00Z"])
async def test_a_moment_beyond_all_calendars_gets_a_plain_answer(
    clinic: Clinic, practice: PracticeMaker, moment: str
) -> None:
    maria, place = await clinic.patient(), await practice.place()
    with pytest.raises(TimeNotOffered):
        await practice.booked(maria, place.request(datetime.fromisoformat(moment)))


async def test_a_moment_without_a_zone_is_refused(clinic: Clinic, practice: PracticeMaker) -> None:
    maria, place = await clinic.patient(), await practice.place()
    with pytest.raises(InputRefused):
        await practice.booked(maria, place.request(place.at(in_days(3), "10:00").replace(tzinfo=None)))


@pytest.mark.parametrize("part", ["practitioner_id", "location_id", "visit_type_id"])
async def test_what_does_not_exist_or_does_not_belong_together_is_not_offered(
    clinic: Clinic, practice: PracticeMaker, part: str
) -> None:
    maria, place, other = await clinic.patient(), await practice.place(), await practice.place(duration_min=240)
    wanted = place.at(in_days(3), "10:00")
    for id_ in (uuid4(), getattr(other, part)):
        with pytest.raises(TimeNotOffered):
            await practice.booked(maria, place.request(wanted, **{part: id_}))


async def test_a_visit_in_a_way_it_cannot_be_had_is_not_offered(clinic: Clinic, practice: PracticeMaker) -> None:
    maria, place = await clinic.patient(), await practice.place(modalities=["in_person"])
    with pytest.raises(TimeNotOffered):
        await practice.booked(maria, place.request(place.at(in_days(3), "10:00"), modality="video"))


async def test_who_has_no_chart_books_nothing(clinic: Clinic, practice: PracticeMaker) -> None:
    desk, place = await clinic.staff("front_desk"), await practice.place()
    with pytest.raises(NotAllowed):
        await practice.booked(desk, place.request(place.at(in_days(3), "10:00")))
