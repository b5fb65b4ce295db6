"""What a file makes of a plan: the average and the missing readings, once for each measure, and nothing of long ago."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.features.vitals import importing, jobs, service
from portal_app.features.vitals.service import NewPlan
from tests.features.vitals.conftest import AtHome, at_home, known
from tests.features.vitals.test_course import BEGIN, facts
from tests.features.vitals.test_watching import watched

HEAD = "taken_at,measure,value,second_value,unit\n"
MISSING = ("vitals.missing", "routine", 1)
AVERAGE = ("vitals.blood_pressure", "routine", 1)


async def planned(home: AtHome, measure: str = "blood_pressure") -> None:
    await watched(home)
    with clock.frozen_at(BEGIN):
        new = NewPlan(known(home.patient), measure, 1, (BEGIN + timedelta(days=60)).date(), uuid4())
        async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
            await service.set_plan(tx, new)


async def taken(home: AtHome, now: datetime, *days: float, value: str = "136", measure: str = "blood_pressure") -> int:
    """Take in a file, at a moment, of readings so many days before."""
    rest = f"{measure},{value},78,mm[Hg]" if measure == "blood_pressure" else f"{measure},{value},,/min"
    rows = "".join(f"{(now - timedelta(days=one)).isoformat()},{rest}\n" for one in days)
    with clock.frozen_at(now):
        async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
            return await importing.import_list(tx, HEAD + rows, is_confirmed=False)


async def alerts(home: AtHome, now: datetime) -> list[tuple[str, str, int]]:
    with clock.frozen_at(now):
        return await home.alerts()


async def test_a_high_average_of_a_file_is_told_once(home: AtHome) -> None:
    await planned(home)
    now = BEGIN + timedelta(days=5)
    assert await taken(home, now, 2.2, 1.2, 0.2) == 3
    assert await alerts(home, now) == [AVERAGE]
    assert await facts(home) == [("average_high", "plain")]
    assert await taken(home, now, 0.2, 0.3) == 1
    assert await alerts(home, now) == [AVERAGE]


async def test_a_file_counts_with_what_was_entered_after_it(home: AtHome) -> None:
    await planned(home)
    now = BEGIN + timedelta(days=5)
    with clock.frozen_at(now):
        await home.log("blood_pressure", "137", "78")
    assert await alerts(home, now) == []
    await taken(home, now, 3.2, 2.2)
    assert await alerts(home, now) == [AVERAGE]


@pytest.mark.parametrize("days", [(40, 39, 38), (10, 9, 8)])
async def test_a_file_of_long_ago_raises_nothing_stale(home: AtHome, days: tuple[int, ...]) -> None:
    await planned(home)
    now = BEGIN + timedelta(days=50)
    assert await taken(home, now, *days) == 3
    assert await alerts(home, now) == []


async def test_a_rise_is_told_when_the_file_brings_the_week_before(home: AtHome) -> None:
    await planned(home)
    now = BEGIN + timedelta(days=20)
    for hours in (50, 26, 2):
        with clock.frozen_at(now - timedelta(hours=hours)):
            await home.log("blood_pressure", "125", "75")
    assert await alerts(home, now) == []
    await taken(home, now, 12, 11, 10, value="110")
    with clock.frozen_at(now):
        assert await facts(home) == [("trend_up", "plain")]


@pytest.mark.parametrize(("days", "is_ended"), [((1.0,), True), ((2.0,), True), ((3.0,), False), ((40.0,), False)])
async def test_missing_readings_end_only_with_readings_of_these_days(
    home: AtHome, days: tuple[float, ...], is_ended: bool
) -> None:
    await planned(home, "pulse")
    now = BEGIN + timedelta(days=5, hours=1)
    with clock.frozen_at(now):
        async with home.database.act_as_system("vitals.follow") as tx:
            await jobs.miss_readings(tx)
    assert await alerts(home, now) == [MISSING]
    assert await taken(home, now, *days, value="70", measure="pulse") == 1
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select status from alert") == ("closed" if is_ended else "open")


async def test_an_old_reading_entered_by_hand_leaves_them_missing_too(home: AtHome) -> None:
    await planned(home, "pulse")
    now = BEGIN + timedelta(days=5, hours=1)
    with clock.frozen_at(now):
        async with home.database.act_as_system("vitals.follow") as tx:
            await jobs.miss_readings(tx)
        await home.log("pulse", "70", taken_at=now - timedelta(days=4))
        async with home.database.act_as_system("test") as tx:
            assert await tx.scalar("select status from alert") == "open"
        await home.log("pulse", "70")
        async with home.database.act_as_system("test") as tx:
            assert await tx.scalar("select status from alert") == "closed"


async def test_what_nobody_asked_for_and_what_is_another_s_is_told_to_nobody(home: AtHome) -> None:
    other = await at_home(home.database, home.clinic)
    await planned(home)
    now = BEGIN + timedelta(days=5)
    await taken(other, now, 2.2, 1.2, 0.2)
    assert await alerts(home, now) == []


async def test_what_can_wait_is_told_from_a_file_of_today_and_not_from_an_old_one(home: AtHome) -> None:
    now = clock.now()
    rows = "".join(f"{(now - timedelta(days=n)).isoformat()},oxygen,94,,%\n" for n in (5, 6))
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await importing.import_list(tx, HEAD + rows, is_confirmed=False)
    assert await home.alerts() == []
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await importing.import_list(tx, f"{HEAD}{now.isoformat()},oxygen,94,,%\n", is_confirmed=False)
    assert await home.alerts() == [("vitals.oxygen", "routine", 1)]


async def test_a_file_tells_what_it_makes_of_a_weight_that_was_entered_after_it(home: AtHome) -> None:
    await home.note("heart_failure")
    await home.log("weight", "82.5")
    yesterday = clock.now() - timedelta(days=1)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        for _ in range(2):
            await importing.import_list(tx, f"{HEAD}{yesterday.isoformat()},weight,80.0,,kg\n", is_confirmed=False)
    assert [one[::2] for one in await home.alerts()] == [("vitals.weight", 1)]
