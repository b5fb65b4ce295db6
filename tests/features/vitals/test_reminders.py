"""Plans by the clock: reminders by the wall clock of where somebody lives, and readings that do not come."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core import errors as service_errors
from portal_app.features.vitals import jobs, service
from portal_app.features.vitals.service import NewPlan
from tests.features.vitals.conftest import AtHome, known
from tests.features.vitals.test_watching import watched

ZONE = "America/New_York"


async def planned(home: AtHome, measure: str = "pulse", times: int = 1, *, at: datetime) -> None:
    """Have somebody in New York measure for two weeks from a moment on."""
    await watched(home)
    async with home.database.act_as_system("test") as tx:
        await tx.execute("update patient set zone = :zone where id = :id", {"zone": ZONE, "id": known(home.patient)})
    with clock.frozen_at(at):
        new = NewPlan(known(home.patient), measure, times, (at + timedelta(days=14)).date(), uuid4())
        async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
            await service.set_plan(tx, new)


async def asked(home: AtHome, *times: str, measure: str = "pulse") -> None:
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        found = [service.clock_time(one) for one in times]
        await service.remind_at(tx, measure, [one for one in found if one is not None])


async def reminded(home: AtHome, *moments: datetime) -> int:
    """Let the clock look at each moment; return how many reminders there are then."""
    for moment in moments:
        with clock.frozen_at(moment):
            async with home.database.act_as_system("vitals.follow") as tx:
                await jobs.remind_due(tx)
    async with home.database.act_as_system("test") as tx:
        return int(await tx.scalar("select count(*) from outbox_message where template = 'vitals_reminder'"))


def every_minute(since: datetime, minutes: int) -> list[datetime]:
    return [since + timedelta(minutes=n) for n in range(0, minutes, 10)]


MORNING = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
"""8:00 in New York."""


async def test_a_reminder_comes_once_at_its_time_and_says_nothing_of_health(home: AtHome) -> None:
    await planned(home, at=MORNING - timedelta(days=1))
    await asked(home, "08:00", "")
    assert await reminded(home, MORNING - timedelta(minutes=1)) == 0
    assert await reminded(home, MORNING, MORNING + timedelta(minutes=1), MORNING + timedelta(minutes=30)) == 1
    async with home.database.act_as_system("test") as tx:
        said: Any = await tx.one("select content, dedupe_key from outbox_message where template = 'vitals_reminder'")
    assert "pulse" not in f"{said.dedupe_key}".casefold()
    assert await reminded(home, MORNING + timedelta(days=1)) == 2


async def test_it_is_quiet_where_it_is_done_already_and_where_no_plan_is(home: AtHome) -> None:
    await asked(home, "08:00")
    assert await reminded(home, MORNING) == 0
    await planned(home, at=MORNING - timedelta(hours=2))
    with clock.frozen_at(MORNING - timedelta(minutes=20)):
        await home.log("pulse", "70")
    assert await reminded(home, MORNING) == 0


async def test_a_server_that_was_away_reminds_of_nothing_long_past(home: AtHome) -> None:
    await planned(home, at=MORNING - timedelta(days=1))
    await asked(home, "08:00")
    assert await reminded(home, MORNING + timedelta(hours=2)) == 0


@pytest.mark.parametrize(
    ("at", "night", "expected"),
    [
        ("02:30", datetime(2026, 3, 8, 6, 0, tzinfo=UTC), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        ("01:30", datetime(2026, 11, 1, 4, 0, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
async def test_when_the_clocks_change_it_comes_once(home: AtHome, at: str, night: datetime, expected: datetime) -> None:
    await planned(home, at=night - timedelta(days=1))
    await asked(home, at)
    assert await reminded(home, *every_minute(night, 60 * int((expected - night).total_seconds() // 3600))) == 0
    assert await reminded(home, expected) == 1
    assert await reminded(home, *every_minute(expected, 240)) == 1


async def test_whoever_travels_takes_it_along(home: AtHome) -> None:
    await planned(home, at=MORNING - timedelta(days=1))
    await asked(home, "08:00")
    assert await reminded(home, MORNING) == 1
    async with home.database.act_as_system("test") as tx:
        await tx.execute("update patient set zone = 'America/Los_Angeles' where id = :id", {"id": known(home.patient)})
    there = MORNING + timedelta(hours=3)
    assert await reminded(home, there) == 1  # it was that day's already
    assert await reminded(home, there + timedelta(days=1)) == 2


async def test_whoever_lost_the_chart_is_reminded_no_more(home: AtHome) -> None:
    await planned(home, at=MORNING - timedelta(days=1))
    await asked(home, "08:00")
    async with home.database.act_as_system("test") as tx:
        await tx.execute("delete from access_grant where grantee = :who", {"who": home.patient.person_id})
    assert await reminded(home, MORNING) == 0


async def test_readings_that_do_not_come_are_told_once_a_week_by_day_and_end_by_themselves(home: AtHome) -> None:
    await planned(home, at=MORNING - timedelta(days=3))

    async def look(moment: datetime) -> list[tuple[str, str, int]]:
        with clock.frozen_at(moment):
            async with home.database.act_as_system("vitals.follow") as tx:
                await jobs.miss_readings(tx)
            return [one for one in await home.alerts() if one[0] == "vitals.missing"]

    assert await look(MORNING - timedelta(hours=6)) == []  # two in the morning
    assert await look(MORNING + timedelta(hours=2)) == [("vitals.missing", "routine", 1)]
    assert await look(MORNING + timedelta(hours=3)) == [("vitals.missing", "routine", 1)]
    with clock.frozen_at(MORNING + timedelta(hours=4)):
        await home.log("pulse", "70")
        async with home.database.act_as_system("test") as tx:
            assert (await tx.one("select status, outcome from alert")).outcome == "arrived"


async def test_a_reading_that_is_entered_as_the_alert_is_raised_is_kept_and_ends_it(home: AtHome) -> None:
    await planned(home, at=MORNING - timedelta(days=3))
    told_at = MORNING + timedelta(hours=2)
    with clock.frozen_at(told_at):
        async with home.database.act_as_system("vitals.follow") as tx:
            await jobs.miss_readings(tx)
    assert [one[0] for one in await home.alerts()] == ["vitals.missing"]
    with clock.frozen_at(told_at - timedelta(seconds=2)):  # it waited for its turn while the worker went on
        await home.log("pulse", "70")
    async with home.database.act_as_system("test") as tx:
        assert (await tx.one("select status, outcome from alert")).outcome == "arrived"


async def test_more_reminders_than_anybody_needs_are_refused(home: AtHome) -> None:
    with pytest.raises(service_errors.InputRefused):
        await asked(home, "08:00", "09:00", "10:00", "11:00", "12:00")
    await asked(home, "08:00", "08:00", "20:00")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        assert await service.reminders(tx, "pulse") == [time(8), time(20)]
