"""What many readings say: average and trend of a planned measure, told once a week and as a routine matter."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.features.vitals import service
from portal_app.features.vitals.service import NewPlan
from tests.features.vitals.conftest import AtHome, known
from tests.features.vitals.test_watching import watched

BEGIN = datetime(2026, 3, 2, 15, tzinfo=UTC)


async def planned(home: AtHome) -> None:
    await watched(home)
    with clock.frozen_at(BEGIN):
        new = NewPlan(known(home.patient), "blood_pressure", 1, (BEGIN + timedelta(days=30)).date(), uuid4())
        async with home.database.act_as(home.nurse.credential, "vitals.plan") as tx:
            await service.set_plan(tx, new)


async def days(home: AtHome, first: int, *values: tuple[str, str]) -> list[tuple[str, str, int]]:
    """Log one pressure a day from a day of the plan on; return the alerts then."""
    for n, (upper, lower) in enumerate(values):
        with clock.frozen_at(BEGIN + timedelta(days=first + n)):
            await home.log("blood_pressure", upper, lower)
    with clock.frozen_at(BEGIN + timedelta(days=first + len(values))):
        return await home.alerts()


async def test_a_high_average_of_three_days_is_told_once_a_week(home: AtHome) -> None:
    await planned(home)
    assert await days(home, 0, ("136", "78"), ("134", "78")) == []
    assert await days(home, 2, ("135", "79"), ("137", "79"), ("136", "79")) == [("vitals.blood_pressure", "routine", 1)]
    assert await days(home, 7, ("135", "79")) == [("vitals.blood_pressure", "routine", 2)]


async def test_a_rise_since_the_week_before_is_told(home: AtHome) -> None:
    await planned(home)
    calm, more = [("110", "70")] * 4, [("122", "76")] * 3
    assert await days(home, 0, *calm) == []
    assert await days(home, 10, *more) == [("vitals.blood_pressure", "routine", 1)]


async def test_what_nobody_asked_for_is_told_to_nobody(home: AtHome) -> None:
    assert await days(home, 0, *[("138", "85")] * 5) == []


@pytest.mark.parametrize("value", ["136", "190"])
async def test_a_value_and_an_average_are_one_problem(home: AtHome, value: str) -> None:
    await planned(home)
    found = await days(home, 0, ("136", "78"), ("136", "78"), (value, "79"))
    assert [problem for problem, _, _ in found] == ["vitals.blood_pressure"]
