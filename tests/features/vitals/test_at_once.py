"""Readings of two devices at once: once by a key, all of them kept, one alert; a mistake taken back meanwhile."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal_app.core.db import Database
from portal_app.features.vitals import looking, service
from portal_app.features.vitals.errors import ReadingMovedOn
from portal_app.features.vitals.service import NewReading, ReadingView
from tests.factories import Clinic
from tests.features.vitals.conftest import AtHome, at_home
from tests.features.vitals.test_ranges import change, clinician, rule

__all__ = ["clinician"]
OPEN = """
select a.id, a.severity, a.times, (
  select count(*) from alert_event e
  where e.alert_id = a.id and e.kind in ('raised', 'added') and e.withdrawn_at is null) as stands
from alert a where a.closed_at is null
"""


async def _open(home: AtHome) -> list[Any]:
    async with home.database.act_as_system("test") as tx:
        return list(await tx.all(OPEN))


async def _jobs(home: AtHome, name: str) -> int:
    async with home.database.act_as_system("test") as tx:
        found: int = await tx.scalar("select count(*) from procrastinate_jobs where task_name = :name", {"name": name})
        return found


async def _take_back(home: AtHome, reading_id: UUID) -> None:
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await service.take_back(tx, reading_id)


async def _until_one_waits(home: AtHome, other: "asyncio.Task[Any]") -> None:
    """Return when a transaction waits for a row of another, or has ended without."""
    for _ in range(200):
        async with home.database.act_as_system("test") as tx:
            if await tx.scalar("select count(*) from pg_locks where not granted") or other.done():
                return
        await asyncio.sleep(0.02)
    raise AssertionError


async def test_one_reading_sent_by_several_at_once_is_kept_and_told_once(home: AtHome) -> None:
    key = uuid4()
    seen = await asyncio.gather(*(home.log("glucose", "49", unit="mg/dL", request_key=key) for _ in range(12)))
    assert len({one.id for one in seen}) == len(await home.kept("glucose")) == 1
    assert await home.alerts() == [("vitals.glucose", "critical", 1)]
    assert (await _jobs(home, "alerts.escalate"), await _jobs(home, "alerts.tell")) == (1, 1)


async def test_one_key_with_two_values_at_once_keeps_one_of_them_and_says_so_to_both(home: AtHome) -> None:
    key, values = uuid4(), ("49", "120")
    seen = await asyncio.gather(*(home.log("glucose", one, unit="mg/dL", request_key=key) for one in values * 3))
    (kept,) = await home.kept("glucose")
    assert {one.value for one in seen} == {kept.value}
    assert len(await _open(home)) == (kept.value == Decimal(49))


async def test_dangerous_readings_of_several_devices_at_once_are_all_kept_and_told_in_one_alert(home: AtHome) -> None:
    values = [str(value) for value in range(38, 50)]
    await asyncio.gather(*(home.log("glucose", one, unit="mg/dL") for one in values))
    assert sorted(str(one.value) for one in await home.kept("glucose")) == values
    assert await home.alerts() == [("vitals.glucose", "critical", len(values))]
    assert (await _jobs(home, "alerts.escalate"), await _jobs(home, "alerts.tell")) == (1, 1)
    (alert,) = await _open(home)
    assert alert.stands == len(values)


async def test_the_worst_of_several_at_once_decides_how_urgent_it_is(home: AtHome) -> None:
    await asyncio.gather(*(home.log("glucose", one, unit="mg/dL") for one in ("65", "49", "64", "66", "63", "62")))
    assert [severity for _, severity, _ in await home.alerts()] == ["critical"]
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from reading") == 6


@pytest.mark.parametrize("is_first", ["logged", "taken back"])
async def test_a_mistake_taken_back_while_another_reading_comes_leaves_that_one_told(
    home: AtHome, is_first: str
) -> None:
    # Given a dangerous reading that was told; the one act has done all but its commit when the other begins
    wrong = await home.log("oxygen", "91", minutes=-60)
    new = NewReading("oxygen", "%", Decimal(90), uuid4())

    async def log() -> ReadingView:
        async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
            return await service.log_reading(tx, new)

    other: asyncio.Task[Any]
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        if is_first == "logged":
            await service.log_reading(tx, new)
            other = asyncio.create_task(_take_back(home, wrong.id))
        else:
            await service.take_back(tx, wrong.id)
            other = asyncio.create_task(log())
        await _until_one_waits(home, other)
    await other

    # Then the one that stands is on an open alert, whose clock runs
    assert [str(one.value) for one in await home.kept("oxygen")] == ["90"]
    (alert,) = await _open(home)
    assert (alert.severity, alert.stands) == ("urgent", 1)
    async with home.database.act_as_system("test") as tx:
        clocks = (
            "select count(*) from procrastinate_jobs where task_name = 'alerts.escalate' and args->>'alert_id' = :id"
        )
        assert await tx.scalar(clocks, {"id": str(alert.id)}) == 1


async def test_many_taken_back_while_many_come_leave_each_that_stands_told(home: AtHome) -> None:
    wrong = [await home.log("oxygen", str(value)) for value in (91, 90, 89, 88)]
    acts: list[Awaitable[Any]] = []
    for one in wrong:
        acts += [_take_back(home, one.id), home.log("oxygen", "87"), _take_back(home, one.id)]
    await asyncio.gather(*acts)
    assert [str(one.value) for one in await home.kept("oxygen")] == ["87"] * 4
    assert sum(one.stands for one in await _open(home)) == 4


async def test_a_reading_corrected_by_several_at_once_is_corrected_once_and_the_others_are_told(home: AtHome) -> None:
    wrong = await home.log("glucose", "49", unit="mg/dL")
    tries = (home.log("glucose", str(value), unit="mg/dL", instead=wrong.id) for value in (140, 141, 142, 143))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    (right,) = [one for one in outcomes if isinstance(one, ReadingView)]
    assert [type(one) for one in outcomes if one is not right] == [ReadingMovedOn] * 3
    assert [one.id for one in await home.kept("glucose")] == [right.id]
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select count(*) from reading_change") == 1
        assert await tx.scalar("select count(*) from alert_event where kind = 'withdrawn'") == 1


async def test_a_rule_that_is_changed_while_a_reading_is_judged_leaves_it_what_it_was_judged_by(
    home: AtHome, clinician: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    low, add = await rule(home, clinician, "oxygen", "low"), looking.add

    async def add_after_a_change(*given: Any) -> ReadingView | None:
        monkeypatch.setattr(looking, "add", add)
        await change(home, clinician, low.id)
        return await add(*given)

    # When a clinician changes the rule between the judgment and the commit
    monkeypatch.setattr(looking, "add", add_after_a_change)
    before = await home.log("oxygen", "93")
    after = await home.log("oxygen", "93", minutes=60)

    # Then the one says what the old version said and names it, and the next one is judged by the new one
    async with home.database.act_as_system("test") as tx:
        rows = await tx.all(
            "select r.id, r.rule_version, v.version from reading r join vital_rule v on v.id = r.rule_id"
        )
    assert {row.id: (row.rule_version, row.version) for row in rows} == {before.id: (2, 2), after.id: (2, 2)}
    assert (before.finding, after.finding) == ("lowish", "low")


async def test_two_people_at_once_never_meet(home: AtHome, database: Database, clinic: Clinic) -> None:
    other = await at_home(database, clinic)
    await asyncio.gather(*(one.log("glucose", "49", unit="mg/dL") for one in (home, other) * 3))
    assert [len(await one.kept("glucose")) for one in (home, other)] == [3, 3]
    assert [times for _, _, times in await home.alerts()] == [3, 3]
