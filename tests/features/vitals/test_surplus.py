"""More readings in an hour than are kept one by one: counted, the lowest and the highest; what is dangerous is kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.vitals import looking, saying, service
from portal_app.features.vitals.service import Beside, NewReading, ReadingCounted, Surplus, TooManyReadings
from portal_app.state import beside_words
from tests.factories import Clinic, Someone
from tests.features.vitals.conftest import AtHome, at_home, known


async def flood(home: AtHome, value: str, hours_apart: int = 0) -> None:
    """Enter as many readings as are kept in an hour."""
    for n in range(service.HOURLY_MOST):
        await home.log("oxygen", value, taken_at=clock.now() - timedelta(hours=n * hours_apart))


async def send(home: AtHome, *values: str, key: UUID | None = None, at: datetime | None = None) -> list[str]:
    """Enter readings as a page does that catches what is turned away; return what became of them."""
    found = []
    for value in values:
        new = NewReading("oxygen", "%", Decimal(value), key or uuid4(), taken_at=at)
        async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
            try:
                await service.log_reading(tx, new)
                found.append("kept")
            except ReadingCounted:
                found.append("counted")
    return found


async def surplus(home: AtHome, whose: Someone | None = None) -> list[str]:
    async with home.database.act_as((whose or home.patient).credential, "vitals.see") as tx:
        chart = known(home.patient)
        found = await looking.surplus(tx, chart, "oxygen", clock.now() - timedelta(days=2))
    return [f"{one.times}: {one.least} to {one.most}" for one in found]


NINE: Final = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)


async def test_what_is_beyond_the_limit_is_counted_with_the_lowest_and_the_highest(home: AtHome) -> None:
    with clock.frozen_at(NINE):
        await flood(home, "97")
        assert await send(home, "96", "99", "98", "88", "97") == ["counted"] * 3 + ["kept", "counted"]
        assert await surplus(home) == ["4: 96 to 99"]
        assert [one.value for one in await home.kept("oxygen")].count(Decimal(88)) == 1
    with clock.frozen_at(NINE + timedelta(minutes=56)):  # another hour is another line
        assert await send(home, "95") == ["counted"]
        assert await surplus(home) == ["1: 95 to 95", "4: 96 to 99"]
    with clock.frozen_at(NINE + timedelta(minutes=70)):
        assert await send(home, "95") == ["kept"]


async def test_what_is_sent_again_is_counted_once_and_not_kept_later_either(home: AtHome) -> None:
    key = uuid4()
    with clock.frozen_at(NINE):
        await flood(home, "97")
        assert await send(home, "96", "96", key=key) == ["counted", "counted"]
        assert await surplus(home) == ["1: 96 to 96"]
    with clock.frozen_at(NINE + timedelta(hours=2)):
        assert await send(home, "96", key=key, at=NINE) == ["counted"]
        assert await send(home, "88", key=key) == ["kept"]  # on the page that still has the key, a dangerous number
        assert await surplus(home) == ["1: 96 to 96"]


async def test_what_was_taken_apart_and_comes_at_once_is_for_later_and_not_counted(home: AtHome) -> None:
    await flood(home, "97", hours_apart=2)
    with pytest.raises(TooManyReadings):
        await home.log("oxygen", "98")
    assert await surplus(home) == []


async def test_two_at_once_count_both(home: AtHome) -> None:
    await flood(home, "97")
    both = await asyncio.gather(send(home, "95", "96", "97"), send(home, "98", "99", "100"))
    assert [*both] == [["counted"] * 3] * 2
    assert await surplus(home) == ["6: 95 to 100"]


async def test_a_count_stands_with_its_line_in_the_trail_or_not_at_all(home: AtHome) -> None:
    await flood(home, "97")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        with pytest.raises(ReadingCounted):
            await service.log_reading(tx, NewReading("oxygen", "%", Decimal(96), uuid4()))
        await tx.flush()
        await tx.driver.rollback()  # as when the process dies
    assert await surplus(home) == []
    await send(home, "96", "95")
    async with home.database.act_as_system("test") as tx:
        await tx.execute("select set_config('portal.roles', '{manager,system}', true)")
        told = await tx.scalar("select count(*) from audit_event where action = 'vitals.count'")
    assert (await surplus(home), told) == (["2: 95 to 96"], 1)


async def test_nobody_counts_for_another_chart_and_only_who_sees_readings_sees_what_was_counted(
    home: AtHome, database: Database, clinic: Clinic
) -> None:
    await flood(home, "97")
    await send(home, "96")
    other = await at_home(database, clinic)
    assert await surplus(home, other.patient) == []
    values = {
        "patient_id": home.patient.patient_id, "confidentiality": "N", "measure": "oxygen", "unit": "%",
        "value": Decimal(50), "pair": None, "taken_at": clock.now(), "request_key": uuid4(),
    }  # fmt: skip
    for credential, policy in ((other.patient.credential, "vitals.log"), (home.nurse.credential, "alerts.view")):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.act_as(credential, policy) as tx:
                await looking.count(tx, values)
    with pytest.raises(DBAPIError):
        async with database.act_as(home.patient.credential, "vitals.log") as tx:
            await tx.execute("update reading_surplus set count = 1000")
    assert await surplus(home) == ["1: 96 to 96"]


def counted(measure: str, unit: str, *numbers: str, times: int = 42) -> Surplus:
    least, most, pair_least, pair_most = (Decimal(one) if one else None for one in (*numbers, "", "")[:4])
    assert least is not None
    assert most is not None
    return Surplus(
        measure, unit, times, least, most, pair_least, pair_most, NINE, NINE + timedelta(minutes=4)
    )  # fmt: skip


def test_what_was_counted_is_said_with_its_times_and_its_numbers() -> None:
    one = counted("oxygen", "%", "94", "99")
    assert (
        saying.surplus_words(one, "UTC")
        == "42 more readings between 2:05\u202fPM and 2:09\u202fPM, not kept one by one"
    )
    assert saying.surplus_range(one) == "Lowest 94 %, highest 99 %"
    pressure = counted("blood_pressure", "mm[Hg]", "118", "131", "70", "85")
    assert saying.surplus_range(pressure) == "Upper number from 118 to 131, lower number from 70 to 85 mmHg"


async def test_the_list_has_a_line_for_what_was_counted_and_the_care_team_sees_the_same(home: AtHome) -> None:
    with clock.frozen_at(NINE):
        await flood(home, "97")
        await send(home, "96", "99")
        async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
            chart, found, seen = await service.look_back(tx, "oxygen", since=NINE - timedelta(days=31))
        assert seen is not None
        rows = beside_words.table_of(found, Beside(), chart.zone, 30, seen.surplus)
        assert [row["beside"] for row in rows if row["beside"]] == [saying.surplus_words(seen.surplus[0], chart.zone)]
        async with home.database.act_as_system("test") as tx:
            await tx.execute(
                "insert into access_grant (grantee, patient_id, sections, verbs, up_to, min_assurance, basis)"
                " values (:who, :id, '{vitals}', '{view,act}', 'R', 1, 'care_team')",
                {"who": home.nurse.person_id, "id": known(home.patient)},
            )
        async with home.database.act_as(home.nurse.credential, "vitals.watch") as tx:
            _, theirs = await service.watched_measure(tx, chart, "oxygen", NINE - timedelta(days=31))
    assert theirs is not None
    assert theirs.surplus == seen.surplus
