"""Which times are offered and taken: other hours, leave, closed days, buffers, limits, releases, beyond by role."""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import NotAllowed
from portal_app.features.booking import rules, service
from portal_app.features.booking.errors import SlotAlreadyTaken, TimeNotOffered, TooManyUpcoming
from portal_app.features.booking.taking import take_time
from portal_app.settings import get_settings
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import Place, in_days
from tests.features.schedules.roster import Roster

DAY = in_days(9)
MORNING = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


@pytest.fixture
async def place(practice: Roster) -> Place:
    return await practice.place()


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


def walls(place: Place, starts: list[datetime]) -> list[str]:
    return [f"{one.astimezone(place.at(DAY, '00:00').tzinfo):%H:%M}" for one in starts]


async def offered(database: Database, place: Place, starts_at: datetime) -> bool:
    async with database.act_as_system("test") as tx:
        return bool(
            await tx.scalar(
                "select is_offered(:who, :place, :kind, 'in_person', :at, :now, :horizon)",
                {"who": place.practitioner_id, "place": place.location_id, "kind": place.visit_type_id,
                 "at": starts_at, "now": clock.now(), "horizon": clock.now() + rules.BOOKING_HORIZON},
            )
        )  # fmt: skip


async def test_other_hours_on_a_day_stand_in_the_place_of_the_weekly_ones(
    practice: Roster, maria: Someone, place: Place, database: Database
) -> None:
    await practice.other_hours(place, DAY, "14:00", "15:00")
    assert walls(place, await practice.starts(maria, place, DAY)) == ["14:00", "14:30"]
    assert await offered(database, place, place.at(DAY, "14:30"))
    with pytest.raises(TimeNotOffered):
        await practice.booked(maria, place.request(place.at(DAY, "09:00")))


async def test_a_closed_day_has_no_times_unless_the_day_has_hours_of_its_own(
    practice: Roster, maria: Someone, place: Place
) -> None:
    await practice.closed(place, DAY)
    assert await practice.starts(maria, place, DAY) == []
    await practice.other_hours(place, DAY, "09:00", "10:00")
    assert walls(place, await practice.starts(maria, place, DAY)) == ["09:00", "09:30"]


async def test_a_leave_takes_the_times_it_touches_and_one_without_an_end_all_that_follow(
    practice: Roster, maria: Someone, place: Place
) -> None:
    await practice.leave(place, datetime.combine(DAY, time(10, 15)), datetime.combine(DAY, time(11)))
    assert walls(place, await practice.starts(maria, place, DAY)) == ["09:00", "09:30", "11:00", "11:30"]
    with pytest.raises(TimeNotOffered):
        await practice.booked(maria, place.request(place.at(DAY, "10:30")))
    await practice.leave(place, datetime.combine(DAY, time(11, 30)), None)
    assert walls(place, await practice.starts(maria, place, DAY, days=20)) == ["09:00", "09:30", "11:00"]


async def test_who_has_left_is_offered_nowhere(
    practice: Roster, maria: Someone, place: Place, database: Database
) -> None:
    assert await offered(database, place, place.at(DAY, "09:00"))
    await practice.goes(place)
    assert await practice.starts(maria, place, DAY, days=5) == []
    assert not await offered(database, place, place.at(DAY, "09:00"))
    with pytest.raises(TimeNotOffered):
        await practice.booked(maria, place.request(place.at(DAY, "09:00")))


async def test_buffers_keep_the_practitioner_free_around_a_visit_and_nothing_gets_past_them(
    practice: Roster, clinic: Clinic, maria: Someone, place: Place, database: Database
) -> None:
    await practice.visit(place, buffer_before_min=10, buffer_after_min=20)
    await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    sam = await clinic.patient("Sam")
    assert walls(place, await practice.starts(sam, place, DAY)) == ["09:00", "11:00", "11:30"]
    with pytest.raises(SlotAlreadyTaken):
        await practice.booked(sam, place.request(place.at(DAY, "09:30")))
    bare = (
        "insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status) values"
        " (:id, :who, :place, :at, :end, 'busy')"
    )
    at = place.at(DAY, "10:30")
    with pytest.raises(Exception, match="slot_held_once"):
        async with database.act_as_system("test") as tx:
            await tx.execute(bare, {"id": uuid4(), "who": place.practitioner_id, "place": place.location_id, "at": at,
                                    "end": at + timedelta(minutes=10)})  # fmt: skip


async def test_a_day_takes_no_more_of_a_kind_of_visit_than_its_limit(
    practice: Roster, clinic: Clinic, maria: Someone, place: Place
) -> None:
    await practice.visit(place, daily_max=2)
    sam, ana = await clinic.patient("Sam"), await clinic.patient("Ana")
    await practice.booked(maria, place.request(place.at(DAY, "09:00")))
    await practice.held(sam, place.request(place.at(DAY, "09:30")))
    assert await practice.starts(ana, place, DAY) == []
    with pytest.raises(TimeNotOffered):
        await practice.booked(ana, place.request(place.at(DAY, "10:00")))
    assert walls(place, await practice.starts(sam, place, DAY)) == MORNING[1:]
    assert (await practice.booked(sam, place.request(place.at(DAY, "10:00")))).status == "booked"


async def test_times_kept_back_open_at_seven_of_the_same_day_where_the_location_is(
    practice: Roster, maria: Someone, place: Place, database: Database
) -> None:
    await practice.rule(place, release_days=0, release_at=time(7))
    request = place.request(place.at(DAY, "09:30"))
    with clock.frozen_at(place.at(DAY, "06:59")):
        assert await practice.starts(maria, place, DAY) == []
        with pytest.raises(TimeNotOffered):
            await practice.booked(maria, request)
    with clock.frozen_at(place.at(DAY, "07:00")):
        assert walls(place, await practice.starts(maria, place, DAY)) == MORNING
        assert await offered(database, place, request.starts_at)
        assert (await practice.booked(maria, request)).status == "booked"


@pytest.mark.parametrize("change", ["other hours", "leave", "closed", "gone"])
async def test_a_held_time_stays_promised_when_the_schedule_changes_until_it_lapses(
    practice: Roster, clinic: Clinic, maria: Someone, place: Place, change: str
) -> None:
    request, late = place.request(place.at(DAY, "10:00")), place.request(place.at(DAY, "11:00"))
    sam = await clinic.patient("Sam")
    await practice.held(maria, request)
    with clock.frozen_at(clock.now() - timedelta(minutes=6)):
        await practice.held(sam, late)
    match change:
        case "other hours":
            await practice.other_hours(place, DAY)
        case "leave":
            await practice.leave(place, datetime.combine(DAY, time()), None)
        case "closed":
            await practice.closed(place, DAY)
        case _:
            await practice.goes(place)
    assert (await practice.booked(maria, request)).starts_at == request.starts_at
    with pytest.raises(TimeNotOffered):
        await practice.booked(sam, late)


async def test_staff_book_beside_others_and_outside_hours_and_nobody_else_does(
    practice: Roster, clinic: Clinic, maria: Someone, place: Place, database: Database
) -> None:
    sam = await clinic.patient("Sam")
    await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    desk = await clinic.staff("front_desk")
    with pytest.raises(NotAllowed):
        async with database.act_as(sam.credential, "booking.book") as tx:
            await take_time(tx, place.request(place.at(DAY, "10:00")), held_until=None, is_beyond=True)
    for wall in ("10:00", "13:00"):
        assert await beyond(database, desk, sam, place, place.at(DAY, wall)) == ("taken", True)
    assert await beyond(database, desk, sam, place, place.at(DAY, "11:00")) == ("taken", False)


async def test_a_time_that_only_an_overbooked_visit_still_has_is_not_free(
    practice: Roster, clinic: Clinic, maria: Someone, place: Place, database: Database
) -> None:
    sam, ana = await clinic.patient("Sam"), await clinic.patient("Ana")
    first = await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    await beyond(database, await clinic.staff("front_desk"), sam, place, place.at(DAY, "10:00"))
    async with database.act_as(maria.credential, "booking.cancel") as tx:
        await service.cancel_appointment(tx, first.id)
    assert place.at(DAY, "10:00") not in await practice.starts(ana, place, DAY)
    with pytest.raises(SlotAlreadyTaken):
        await practice.booked(ana, place.request(place.at(DAY, "10:00")))


async def test_the_database_lets_no_patient_mark_a_time_as_beside_others(
    practice: Roster, maria: Someone, place: Place, database: Database
) -> None:
    booked = await practice.booked(maria, place.request(place.at(DAY, "10:00")))
    with pytest.raises(ProgrammingError, match="row-level security") as refused:
        async with database.act_as(maria.credential, "booking.book") as tx:
            await tx.execute(
                "update slot set is_overbooked = true where id = (select slot_id from appointment where id = :id)",
                {"id": booked.id},
            )
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


async def test_who_has_as_many_visits_to_come_as_allowed_is_told_whom_to_call(
    practice: Roster, maria: Someone, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "upcoming_visits_max", 2)
    for wall in ("09:00", "09:30"):
        await practice.booked(maria, place.request(place.at(DAY, wall)))
    with pytest.raises(TooManyUpcoming) as refused:
        await practice.held(maria, place.request(place.at(DAY, "10:00")))
    assert (refused.value.count, refused.value.phone) == (2, "+1 212 555 0101")


async def beyond(
    database: Database, desk: Someone, patient: Someone, place: Place, starts_at: datetime
) -> tuple[str, bool]:
    """Take a time for a patient as staff do; return the verdict and whether it is marked."""
    statement = (
        "select verdict from take_time(:id, :slot, :patient, :person, :who, :place, :kind, 'in_person', :at, null,"
        " null, :key, :now, :horizon, true)"
    )
    slot: UUID = uuid4()
    async with database.act_as(desk.credential, "booking.overbook") as tx:
        verdict = await tx.scalar(statement, {
            "id": uuid4(), "slot": slot, "patient": patient.patient_id, "person": desk.person_id,
            "who": place.practitioner_id, "place": place.location_id, "kind": place.visit_type_id, "at": starts_at,
            "key": uuid4(), "now": clock.now(), "horizon": clock.now() + rules.BOOKING_HORIZON,
        })  # fmt: skip
        is_marked = await tx.scalar("select is_overbooked from slot where id = :id", {"id": slot})
    return verdict, is_marked


# What `open_at` is told to be in words: within a stretch of `open_hours` of the wall's day, or of the day before in the
# small hours, and no leave beside it.
_OPEN_IN_WORDS = """
select exists (
  select from open_hours((t.at at time zone :zone)::date - 1, 2, array[:who]::uuid[], array[:place]::uuid[], 'video') h
  where t.at >= h.opens_at and t.at + interval '30 min' <= h.closes_at
    and (h.day = (t.at at time zone :zone)::date or (t.at at time zone :zone)::time < '03:00')
    and not exists (select from practitioner_leave v where v.practitioner_id = :who
      and v.starts_at at time zone h.zone < t.at + interval '30 min'
      and (v.ends_at is null or v.ends_at at time zone h.zone > t.at))) as in_words,
  exists (select from open_at(:who, :place, 'video', :zone, t.at, t.at + interval '30 min')) as is_open
from generate_series(cast(:first as timestamptz), cast(:last as timestamptz), interval '15 min') t (at)
"""


@pytest.mark.parametrize("night", [date(2027, 3, 14), date(2027, 11, 7)])
async def test_one_time_is_open_exactly_when_the_hours_of_its_day_say_so(
    database: Database, practice: Roster, night: date
) -> None:
    place = await practice.place(*((day, "00:00", "04:00") for day in range(1, 8)), (2, "22:00", "23:45"))
    await practice.other_hours(place, night + timedelta(days=2), "14:00", "15:00", modalities=["video"])
    await practice.other_hours(place, night + timedelta(days=3))
    await practice.closed(place, night + timedelta(days=4))
    await practice.leave(place, datetime.combine(night, time(2)), datetime.combine(night, time(9, 20)))
    params = {
        "who": place.practitioner_id, "place": place.location_id, "zone": "America/New_York",
        "first": place.at(night - timedelta(days=2), "00:00"), "last": place.at(night + timedelta(days=6), "00:00"),
    }  # fmt: skip
    async with database.act_as_system("test") as tx:
        found = await tx.all(_OPEN_IN_WORDS, params)
    assert [one.is_open for one in found] == [one.in_words for one in found]
    assert 50 < sum(one.is_open for one in found) < len(found) - 50
