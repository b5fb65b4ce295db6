"""Readings that a device could not send at once: kept once, with their times, judged anew, and told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from portal_app.core import clock
from portal_app.features.vitals import carried
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import Carried, Taken
from tests.factories import open_practice
from tests.features.vitals.conftest import AtHome


def waiting(
    measure: str, hours: float = 0, *, key: UUID | None = None, is_confirmed: bool = False, **said: str
) -> Carried:
    return Carried(measure, said, key or uuid4(), clock.now() - timedelta(hours=hours), is_confirmed)


async def take_in(home: AtHome, one: Carried) -> Taken:
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        return await vitals.take_in(tx, one)


async def test_what_waited_is_kept_once_with_its_time_and_alerts(home: AtHome) -> None:
    one = waiting("blood_pressure", 5, value="190", pair="100")
    assert await take_in(home, one) == await take_in(home, one) == Taken("kept", "urgent")
    (kept,) = await home.kept("blood_pressure")
    assert kept.taken_at == one.at
    assert await home.alerts() == [("vitals.blood_pressure", "urgent", 1)]


async def test_what_the_page_had_sent_before_the_line_went_is_not_kept_again(home: AtHome) -> None:
    key = uuid4()
    await home.log("pulse", "70", request_key=key)
    assert (await take_in(home, waiting("pulse", value="70", key=key))).outcome == "kept"
    assert len(await home.kept("pulse")) == 1


async def test_unusual_numbers_come_back_to_be_confirmed_and_nothing_is_lost(home: AtHome) -> None:
    await home.log("weight", "37", minutes=-1440)
    one = waiting("weight", value="73", unit="kg")
    assert (await take_in(home, one)).outcome == "doubted"
    sure = Carried(one.measure, one.said, one.key, one.at, is_confirmed=True)
    assert (await take_in(home, sure)).outcome == "kept"


async def test_a_clock_that_is_ahead_loses_no_dangerous_reading(home: AtHome) -> None:
    assert await take_in(home, waiting("oxygen", -48, value="88")) == Taken("kept", "urgent")


async def test_what_cannot_be_read_is_refused_with_a_reason_and_too_many_wait(home: AtHome) -> None:
    refused = await take_in(home, waiting("pulse", value="many"))
    assert (refused.outcome, bool(refused.reason)) == ("refused", True)
    for n in range(vitals.HOURLY_MOST):
        await take_in(home, waiting("pulse", 24 + n, value="70"))
    assert (await take_in(home, waiting("pulse", value="71"))).outcome == "later"


async def test_what_a_broken_device_has_kept_is_counted_with_the_lowest_and_the_highest(home: AtHome) -> None:
    for n in range(vitals.HOURLY_MOST):
        await take_in(home, waiting("pulse", 2 + n / 3600, value="70"))
    found = await take_in(home, waiting("pulse", 2, value="71"))
    assert (found.outcome, bool(found.reason)) == ("counted", True)


async def test_a_device_carries_the_rules_of_this_person_and_no_others(home: AtHome) -> None:
    await home.note("copd")
    await home.log("oxygen", "87")
    await open_practice(home.database)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        sheet: dict[str, Any] = await vitals.carried_sheet(tx)
    measures = {one["code"]: one for one in sheet["measures"]}
    assert [one["below"] for one in measures["oxygen"]["rules"]] == ["88"]
    assert [(one["value"], one["severity"]) for one in sheet["recent"]] == [("87", "urgent")]
    assert sheet["chart"] == str(home.patient.patient_id)


async def test_a_device_knows_what_the_last_weight_is_in_the_other_unit(home: AtHome) -> None:
    assert carried.in_other_units("weight", "kg", Decimal("72.50")) == {"[lb_av]": "159.835"}
    assert carried.in_other_units("oxygen", "%", Decimal(97)) == {}
