"""Free times with everything that changes them, against a slow model in Python, over both changes of clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.booking.tables import Slot
from tests.factories import Clinic
from tests.features.booking.practice_maker import BOTH, Place
from tests.features.schedules.roster import Roster

DAYS = 7
QUARTERS = st.integers(0, 95)
SPAN = st.lists(QUARTERS, unique=True, min_size=2, max_size=2).map(sorted)


def wall(quarter: int) -> time:
    return time(quarter // 4, quarter % 4 * 15)


@dataclass(frozen=True)
class Plan:
    """Hours by weekday and by day, days closed, leaves as quarters of an hour, and what is taken in five minutes."""

    weekly: dict[int, tuple[list[int], int]]
    days: dict[int, list[int] | None]
    closed: frozenset[int]
    leaves: list[tuple[int, int]]
    taken: list[tuple[int, int]]
    buffers: tuple[int, int]
    daily_max: int | None
    release: tuple[int, int] | None


PLANS = st.builds(
    Plan,
    weekly=st.dictionaries(
        st.integers(1, 7), st.tuples(SPAN, st.sampled_from([10, 20, 25, 40, 60])), min_size=3, max_size=7
    ),
    days=st.dictionaries(st.integers(0, DAYS - 1), st.none() | SPAN, max_size=3),
    closed=st.frozensets(st.integers(0, DAYS - 1), max_size=2),
    leaves=st.lists(st.tuples(st.integers(0, DAYS * 96), st.integers(1, 130)), max_size=2),
    taken=st.lists(st.tuples(st.integers(0, DAYS * 288), st.integers(1, 12)), max_size=8),
    buffers=st.sampled_from([(0, 0), (0, 0), (10, 0), (0, 15), (30, 45)]),
    daily_max=st.sampled_from([None, None, 1, 2]),
    release=st.sampled_from([None, None, (0, 28), (2, 70)]),
)


def later(local: datetime, zone: ZoneInfo) -> datetime:
    """Read a wall time as the later of its two moments."""
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def model(plan: Plan, zone: ZoneInfo, first: date, length: timedelta, now: datetime, taken: Any) -> Iterator[datetime]:
    """Walk through every step of every day and ask everything there is to ask."""
    before, after = (timedelta(minutes=minutes) for minutes in plan.buffers)
    midnight = datetime.combine(first, time())
    leaves = [
        tuple(later(midnight + timedelta(minutes=15 * quarter), zone) for quarter in (at, at + count))
        for at, count in plan.leaves
    ]
    for number in range(DAYS):
        day = first + timedelta(days=number)
        for (opens, closes), grid_min, release in hours(plan, number, day):
            if release and now < later(datetime.combine(day - timedelta(days=release[0]), wall(release[1])), zone):
                continue
            begins, ends = (later(datetime.combine(day, one), zone) for one in (wall(opens), wall(closes)))
            if plan.daily_max and sum(span[2] == day for span in taken) >= plan.daily_max:
                continue
            for step in range((ends - begins) // timedelta(minutes=grid_min) + 1):
                at = begins + step * timedelta(minutes=grid_min)
                is_away = any(at < end and begin < at + length for begin, end in leaves)
                is_taken = any(at - before < span[1] and span[0] < at + length + after for span in taken)
                if at + length <= ends and not is_away and not is_taken:
                    yield at


def hours(plan: Plan, number: int, day: date) -> Iterator[tuple[list[int], int, tuple[int, int] | None]]:
    if number in plan.days:
        span = plan.days[number]
        if span:
            yield span, 20, None
    elif number not in plan.closed and day.isoweekday() in plan.weekly:
        span, grid_min = plan.weekly[day.isoweekday()]
        yield span, grid_min, plan.release


@given(
    plan=PLANS,
    zone=st.sampled_from([
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu",
        "Pacific/Chatham",
    ]),
    first=st.sampled_from(
        [date(2027, 3, 12), date(2027, 3, 26), date(2027, 10, 29), date(2027, 11, 5), date(2028, 2, 26)]
    ),
    duration_min=st.sampled_from([15, 20, 45]),
)  # fmt: skip
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_free_times_are_what_a_slow_model_says_of_every_exception(
    database: Database, clinic: Clinic, practice: Roster, plan: Plan, zone: str, first: date, duration_min: int
) -> None:
    place = await write(practice, plan, zone, first, duration_min)
    now = datetime.combine(first, time(9), UTC) - timedelta(days=1)
    taken = await take(database, place, plan, datetime.combine(first, time(), UTC))
    maria = await clinic.patient()
    with clock.frozen_at(now):
        found = await practice.starts(maria, place, first, DAYS)
    wanted = model(plan, ZoneInfo(zone), first, timedelta(minutes=duration_min), now, taken)
    assert found == sorted(one for one in wanted if one >= now)


async def write(practice: Roster, plan: Plan, zone: str, first: date, duration_min: int) -> Place:
    place = await practice.place((1, "00:00", "00:15"), zone=zone, duration_min=duration_min)
    before, after = plan.buffers
    await practice.visit(place, buffer_before_min=before, buffer_after_min=after, daily_max=plan.daily_max)
    await practice.rule(place, valid_until=date(2020, 1, 2))
    for weekday, (span, grid_min) in plan.weekly.items():
        begin, end = (f"{wall(quarter):%H:%M}" for quarter in span)
        await practice.hours(place, weekday, begin, end, grid_min, BOTH)
    if plan.release:
        await practice.rule(place, release_days=plan.release[0], release_at=wall(plan.release[1]))
    for number, other in plan.days.items():
        opens, closes = [f"{wall(quarter):%H:%M}" for quarter in other] if other else ("", "")
        await practice.other_hours(place, first + timedelta(days=number), opens, closes, grid_min=20)
    for number in plan.closed:
        await practice.closed(place, first + timedelta(days=number))
    midnight = datetime.combine(first, time())
    for at, count in plan.leaves:
        away = midnight + timedelta(minutes=15 * at)
        await practice.leave(place, away, away + timedelta(minutes=15 * count))
    return place


async def take(database: Database, place: Place, plan: Plan, start: datetime) -> list[tuple[datetime, datetime, date]]:
    """Take the spans that overlap no earlier one, as visits of this kind; return them with the day they count on."""
    kept: list[tuple[datetime, datetime, date]] = []
    async with database.act_as_system("test") as tx:
        for at, count in plan.taken:
            begin = start + timedelta(minutes=5 * at)
            end = begin + timedelta(minutes=5 * count)
            if any(begin < other_end and other_begin < end for other_begin, other_end, _ in kept):
                continue
            await tx.execute(
                insert(Slot).values(
                    id=uuid4(), practitioner_id=place.practitioner_id, location_id=place.location_id, starts_at=begin,
                    ends_at=end, status="busy", visit_type_id=place.visit_type_id, modality="in_person",
                )
            )  # fmt: skip
            kept.append((begin, end, begin.astimezone(ZoneInfo(place.zone)).date()))
    return kept
