"""Free times: right over both clock changes, in the order people want them, the same as a slow model says."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.booking import service
from portal_app.features.booking.views import FreeDay, FreeTime, TimeQuery
from tests.factories import Clinic, Someone
from tests.features.booking.practice_maker import BOTH, Place, PracticeMaker, in_days

ALL_WEEK = range(1, 8)


async def times(database: Database, who: Someone, query: TimeQuery) -> list[FreeTime]:
    async with database.act_as(who.credential, "booking.find") as tx:
        return list(await service.find_times(tx, query))


async def days(database: Database, who: Someone, query: TimeQuery) -> list[FreeDay]:
    async with database.act_as(who.credential, "booking.find") as tx:
        return list(await service.find_days(tx, query))


def walls(found: list[FreeTime]) -> list[str]:
    return [f"{one.starts_at.astimezone(ZoneInfo(one.zone)):%H:%M%z}" for one in found]


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        # 14 March 2027 in New York: 2:00 to 3:00 does not exist.
        ("America/New_York", date(2027, 3, 14), ("01:00", "04:00"), [
            "01:00-0500", "01:30-0500", "03:00-0400", "03:30-0400"]),
        # 7 November 2027: 1:00 to 2:00 comes twice.
        (
            "America/New_York", date(2027, 11, 7), ("00:30", "02:30"),
            ["00:30-0400", "01:00-0400", "01:30-0400", "01:00-0500", "01:30-0500", "02:00-0500"],
        ),
        ("Europe/Berlin", date(2027, 3, 28), ("01:30", "04:00"), ["01:30+0100", "03:00+0200", "03:30+0200"]),
        ("Europe/Berlin", date(2027, 10, 31), ("02:30", "03:30"), ["02:30+0100", "03:00+0100"]),
        # Lord Howe Island moves its clocks by half an hour.
        ("Australia/Lord_Howe", date(2027, 10, 3), ("01:30", "03:00"), ["01:30+1030", "02:30+1100"]),
        ("Australia/Lord_Howe", date(2027, 4, 4), ("01:00", "02:30"), [
            "01:00+1100", "01:30+1100", "01:30+1030", "02:00+1030"]),
        # In Cairo the last Friday of April has no midnight: the day begins at 1:00.
        ("Africa/Cairo", date(2027, 4, 30), ("00:00", "02:00"), ["01:00+0300", "01:30+0300"]),
        # Phoenix keeps its clocks.
        ("America/Phoenix", date(2027, 3, 14), ("01:30", "03:00"), ["01:30-0700", "02:00-0700", "02:30-0700"]),
    ],
)  # fmt: skip
async def test_times_are_real_ones_when_the_clocks_change(
    database: Database, clinic: Clinic, practice: PracticeMaker, zone: str, day: date, hours: tuple[str, str],
    expected: list[str],
) -> None:  # fmt: skip
    maria, place = await clinic.patient(), await practice.place((day.isoweekday(), *hours), zone=zone)
    with clock.frozen_at(datetime.combine(day, time(12), UTC) - timedelta(days=2)):
        found = await times(database, maria, place.query(from_day=day, days=1))
        assert walls(found) == expected
        for one in found:
            assert (await practice.held(maria, place.request(one.starts_at))).starts_at == one.starts_at


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 14), 23), (date(2027, 3, 15), 24), (date(2027, 11, 7), 25)])
async def test_a_day_around_the_clock_has_as_many_hours_as_it_has(
    database: Database, clinic: Clinic, practice: PracticeMaker, day: date, hours: int
) -> None:
    maria, place = await clinic.patient(), await practice.place((day.isoweekday(), "00:00", "24:00"))
    with clock.frozen_at(datetime.combine(day, time(12), UTC) - timedelta(days=2)):
        found = await times(database, maria, place.query(from_day=day, days=1))
    assert len(found) == 2 * hours
    assert len({one.starts_at for one in found}) == 2 * hours


async def test_past_times_and_those_too_soon_are_not_offered(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, place, day = await clinic.patient(), await practice.place(lead_min=60), in_days(3)
    with clock.frozen_at(place.at(day, "09:40")):
        found = await times(database, maria, place.query(from_day=day, days=1))
    assert [wall[:5] for wall in walls(found)] == ["11:00", "11:30"]


async def test_the_own_clinician_comes_first_at_the_same_time(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    place = await practice.place()
    colleagues = [place, *[await practice.colleague(place) for _ in range(4)]]
    for own in colleagues:
        maria = await clinic.patient(general_practitioner_id=own.practitioner_id)
        found = await times(database, maria, place.query(from_day=in_days(3), days=1))
        assert found[0].practitioner_id == own.practitioner_id
        assert [one.starts_at for one in found] == sorted(one.starts_at for one in found)
        async with database.act_as(maria.credential, "booking.find") as tx:
            soonest = await service.find_soonest(tx, place.query(from_day=in_days(3)))
        assert soonest[0].practitioner_id == own.practitioner_id
        assert len(soonest) == len(colleagues)


async def test_who_where_and_how_narrow_the_search(database: Database, clinic: Clinic, practice: PracticeMaker) -> None:
    maria, here = await clinic.patient(), await practice.place(modalities=["in_person"])
    there = replace(await practice.place(modalities=["video"]), visit_type_id=here.visit_type_id)
    found = {
        name: {one.practitioner_id for one in await times(database, maria, replace(query, from_day=in_days(3), days=2))}
        for name, query in {
            "in person": here.query(), "video": here.query("video"),
            "who": here.query("video", practitioner_ids=(here.practitioner_id,)),
            "where": here.query("video", location_ids=(there.location_id,)),
        }.items()
    }  # fmt: skip
    assert found == {
        "in person": {here.practitioner_id}, "video": {there.practitioner_id}, "who": set(),
        "where": {there.practitioner_id},
    }  # fmt: skip


async def test_days_say_how_many_times_are_free_and_which_are_full(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, sam = await clinic.patient(), await clinic.patient("Sam")
    first, second = in_days(3), in_days(4)
    place = await practice.place((first.isoweekday(), "10:00", "10:30"), (second.isoweekday(), "10:00", "11:00"))
    await practice.booked(maria, place.request(place.at(first, "10:00")))
    found = await days(database, sam, place.query(from_day=first, days=3))
    assert found == [FreeDay(first, 0, None), FreeDay(second, 2, place.at(second, "10:00"))]


async def test_video_days_are_counted_where_the_patient_is(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    tokyo = await clinic.patient(zone="Asia/Tokyo")
    place = await practice.place((in_days(3).isoweekday(), "16:00", "17:00"))
    in_person = await days(database, tokyo, place.query(from_day=in_days(2), days=4))
    by_video = await days(database, tokyo, place.query("video", from_day=in_days(2), days=4))
    assert [one.day for one in in_person if one.free_count] == [in_days(3)]
    assert [one.day for one in by_video if one.free_count] == [in_days(4)]
    assert len(await times(database, tokyo, place.query("video", from_day=in_days(4), days=1))) == 2


async def test_hours_count_only_while_they_are_valid(
    database: Database, clinic: Clinic, practice: PracticeMaker
) -> None:
    maria, place = await clinic.patient(), await practice.place((in_days(3).isoweekday(), "09:00", "09:30"))
    await practice.hours(place, in_days(4).isoweekday(), "09:00", "09:30", 30, BOTH, in_days(11), in_days(11))
    found = await times(database, maria, place.query(from_day=in_days(3), days=20))
    assert {one.starts_at.astimezone(ZoneInfo(place.zone)).date() for one in found} == {
        in_days(3), in_days(10), in_days(11), in_days(17)}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """Weekly hours, as the model reads them."""

    weekday: int
    opens: time
    closes: time
    grid_min: int


def later_reading(day: date, wall: time, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, wall)
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def model(
    rules: list[Rule],
    zone: ZoneInfo,
    first: date,
    count: int,
    duration: timedelta,
    taken: list[tuple[datetime, datetime]],
) -> Iterator[datetime]:
    """Walk through every minute-by-minute step of every rule and ask each taken time."""
    for day in (first + timedelta(days=n) for n in range(count)):
        for rule in rules:
            if rule.weekday != day.isoweekday():
                continue
            starts_at = later_reading(day, rule.opens, zone)
            while starts_at + duration <= later_reading(day, rule.closes, zone):
                if all(starts_at + duration <= begin or end <= starts_at for begin, end in taken):
                    yield starts_at
                starts_at += timedelta(minutes=rule.grid_min)


@st.composite
def weekly_rules(draw: st.DrawFn) -> list[Rule]:
    """Draw rules that do not overlap: one per weekday at most."""
    weekdays = draw(st.lists(st.integers(1, 7), unique=True, min_size=1, max_size=7))
    rules = []
    for weekday in weekdays:
        opens, closes = sorted(draw(st.lists(st.integers(0, 95), unique=True, min_size=2, max_size=2)))
        grid = draw(st.sampled_from([10, 15, 20, 25, 40, 60]))
        rules.append(Rule(weekday, time(opens // 4, opens % 4 * 15), time(closes // 4, closes % 4 * 15), grid))
    return rules


@given(
    rules=weekly_rules(),
    zone=st.sampled_from([
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu",
        "America/St_Johns", "Europe/Dublin", "Pacific/Chatham",
    ]),
    first=st.sampled_from(
        [date(2027, 3, 12), date(2027, 3, 26), date(2027, 10, 29), date(2027, 11, 5), date(2027, 4, 2)]
    ),
    duration_min=st.sampled_from([15, 20, 45, 60]),
    taken=st.lists(st.tuples(st.integers(0, 7 * 24 * 12), st.integers(1, 30)), max_size=12),
)  # fmt: skip
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_free_times_are_what_a_slow_model_says(
    database: Database, clinic: Clinic, practice: PracticeMaker, rules: list[Rule], zone: str, first: date,
    duration_min: int, taken: list[tuple[int, int]],
) -> None:  # fmt: skip
    place = await _place(practice, rules, zone, duration_min)
    start = datetime.combine(first, time(), UTC)
    spans = [(start + timedelta(minutes=5 * at), start + timedelta(minutes=5 * (at + length))) for at, length in taken]
    kept = await _take(database, place, spans)
    maria = await clinic.patient()
    with clock.frozen_at(start - timedelta(days=3)):
        query = place.query(from_day=first, days=7, practitioner_ids=(place.practitioner_id,))
        found = await times(database, maria, query)
    wanted = model(rules, ZoneInfo(zone), first, 7, timedelta(minutes=duration_min), kept)
    assert [one.starts_at for one in found] == sorted(wanted)


async def _place(practice: PracticeMaker, rules: list[Rule], zone: str, duration_min: int) -> Place:
    first, *more = rules
    hours = (first.weekday, f"{first.opens:%H:%M}", f"{first.closes:%H:%M}")
    place = await practice.place(hours, zone=zone, duration_min=duration_min, grid_min=first.grid_min)
    for rule in more:
        await practice.hours(place, rule.weekday, f"{rule.opens:%H:%M}", f"{rule.closes:%H:%M}", rule.grid_min, BOTH)
    return place


async def _take(
    database: Database, place: Place, spans: list[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """Block the spans that do not overlap an earlier one, and return them."""
    statement = (
        "insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status)"
        " values (gen_random_uuid(), :practitioner, :location, :begin, :end, 'busy-unavailable') on conflict do nothing"
    )
    kept = []
    async with database.act_as_system("test") as tx:
        for begin, end in spans:
            ids: dict[str, UUID] = {"practitioner": place.practitioner_id, "location": place.location_id}
            if await tx.execute(statement, {**ids, "begin": begin, "end": end}):
                kept.append((begin, end))
    return kept
