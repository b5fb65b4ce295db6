"""What many readings say: average and trend of a planned measure, told once a week and as a routine matter."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from portal_app.core import clock
from portal_app.features.alerts import service as alerts
from portal_app.features.vitals import course, service
from portal_app.features.vitals.rules import Rule
from portal_app.features.vitals.service import NewPlan
from portal_app.features.vitals.views import ReadingView
from tests.factories import Someone
from tests.features.vitals.conftest import AtHome, known, pressure
from tests.features.vitals.test_ranges import change, clinician, rule
from tests.features.vitals.test_watching import watched

__all__ = ["clinician"]
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


async def sittings(home: AtHome, first: int, *values: tuple[str, str]) -> None:
    """Log a day of one morning and one evening, twice each, with these numbers; from a day of the plan on."""
    for n, (upper, lower) in enumerate(values):
        for hour in (0, 12):  # ten in the morning and ten in the evening
            for minute in (0, 2):
                with clock.frozen_at(BEGIN + timedelta(days=first + n, hours=hour, minutes=minute)):
                    await home.log("blood_pressure", upper, lower)


async def facts(home: AtHome) -> list[tuple[str, str]]:
    async with home.database.act_as(home.nurse.credential, "alerts.view") as tx:
        return [(one.facts["finding"], one.facts.get("average", "")) for one in await alerts.list_alerts(tx)]


async def test_by_the_rule_what_does_not_count_alerts_nobody(home: AtHome) -> None:
    await planned(home)
    await sittings(home, 0, *[("127", "78")] * 3)
    for minutes in (300, 310, 320, 330, 340):  # in the afternoon: with these the plain average is over 130
        with clock.frozen_at(BEGIN + timedelta(days=3, minutes=minutes)):
            await home.log("blood_pressure", "139", "78")
    with clock.frozen_at(BEGIN + timedelta(days=4)):
        assert await home.alerts() == []


@pytest.mark.parametrize(("by_rule", "basis"), [(True, "rule"), (False, "plain")])
async def test_who_is_told_of_an_average_reads_how_it_came_about(home: AtHome, by_rule: bool, basis: str) -> None:
    await planned(home)
    if by_rule:  # the day that makes it high is the third, and whole only with its last reading
        await sittings(home, 0, ("125", "76"), ("125", "76"), ("139", "78"), ("139", "78"))
    else:
        await days(home, 0, *[("136", "78")] * 3)
    assert await facts(home) == [("average_high", basis)]


async def test_a_home_average_is_told_though_the_plain_one_before_it_was(home: AtHome) -> None:
    await planned(home)
    await sittings(home, 0, *[("136", "78")] * 3)  # on the third morning there is a plain average, at night the other
    with clock.frozen_at(BEGIN + timedelta(days=3)):
        assert await home.alerts() == [("vitals.blood_pressure", "routine", 2)]
        assert await facts(home) == [("average_high", "rule")]


async def test_a_plain_average_is_not_held_against_a_home_average(home: AtHome) -> None:
    held = [Rule("blood_pressure", "mm[Hg]", "trend", "trend_up", "", "routine", "", at_least=Decimal(10))]
    zone = ZoneInfo("America/New_York")

    def day(number: int, hours: tuple[int, ...], said: str) -> list[ReadingView]:
        return [
            pressure(datetime(2026, 4, number, hour, minute, tzinfo=zone), said) for hour in hours for minute in (0, 2)
        ]

    whole = [one for number in (1, 2, 3) for one in day(number, (8, 20), "110/70")]
    # In the afternoon of these days it was 140, which only the plain average of that week has in it.
    whole += [one for number in (1, 2, 3) for one in day(number, (14,), "140/90")]
    later = [one for number in (10, 11, 12) for one in day(number, (8,), "128/78")]
    until = datetime(2026, 4, 12, 21, tzinfo=zone)
    assert course.found(held, whole + later, until, has_rule=True) == []
    later += [one for number in (10, 11, 12) for one in day(number, (20,), "128/78")]
    assert [(one.value, one.basis) for one in course.found(held, whole + later, until, has_rule=True)] == [
        (Decimal(18), "rule")
    ]


@pytest.mark.parametrize("severity", ["routine", "urgent", "critical"])
async def test_an_average_and_a_trend_are_as_urgent_as_their_rule_says(
    home: AtHome, clinician: Someone, severity: str
) -> None:
    await planned(home)
    for finding, value in (("average_high", "130"), ("trend_up", "10")):
        ruled = await rule(home, clinician, "blood_pressure", finding)
        await change(home, clinician, ruled.id, value=value, severity=severity, again=severity)
    assert await days(home, 0, *[("110", "70")] * 4) == []
    assert await days(home, 10, *[("122", "76")] * 3) == [("vitals.blood_pressure", severity, 1)]
    assert (await days(home, 17, *[("138", "76")] * 3))[0][:2] == ("vitals.blood_pressure", severity)


async def test_a_rule_that_is_stricter_since_tells_the_same_week_anew(home: AtHome, clinician: Someone) -> None:
    await planned(home)
    assert await days(home, 0, *[("136", "78")] * 3) == [("vitals.blood_pressure", "routine", 1)]
    ruled = await rule(home, clinician, "blood_pressure", "average_high")
    await change(home, clinician, ruled.id, value="130", severity="critical", again="critical")
    assert await days(home, 3, ("136", "78")) == [("vitals.blood_pressure", "critical", 2)]
    assert await days(home, 4, ("136", "78")) == [("vitals.blood_pressure", "critical", 2)]


async def test_what_nobody_asked_for_is_told_to_nobody(home: AtHome) -> None:
    assert await days(home, 0, *[("138", "85")] * 5) == []


@pytest.mark.parametrize("value", ["136", "190"])
async def test_a_value_and_an_average_are_one_problem(home: AtHome, value: str) -> None:
    await planned(home)
    found = await days(home, 0, ("136", "78"), ("136", "78"), (value, "79"))
    assert [problem for problem, _, _ in found] == ["vitals.blood_pressure"]
