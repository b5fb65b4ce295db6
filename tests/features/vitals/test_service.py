"""Readings: kept as entered and once, doubted before they are kept, told to the care team, taken back with history."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused, NotFound, StepUpNeeded
from portal_app.features.alerts import service as alerts
from portal_app.features.vitals import service
from portal_app.features.vitals.entering import typed_reading
from portal_app.features.vitals.service import MEASURES, ReadingCounted, ReadingDoubted
from tests.factories import Clinic
from tests.features.vitals.conftest import AtHome, at_home, known


async def test_a_reading_is_kept_as_it_was_entered_and_once(home: AtHome) -> None:
    key = uuid4()
    first = await home.log("weight", "72.50", unit="kg", request_key=key)
    assert await home.log("weight", "72.50", unit="kg", request_key=key) == first
    (kept,) = await home.kept("weight")
    assert (str(kept.value), kept.unit) == ("72.50", "kg")


async def test_a_key_that_another_chart_has_used_keeps_nothing(
    home: AtHome, database: Database, clinic: Clinic
) -> None:
    key = uuid4()
    await home.log("weight", "72.50", unit="kg", request_key=key)
    other = await at_home(database, clinic)
    with pytest.raises(NotFound):
        await other.log("weight", "72.50", unit="kg", request_key=key)
    assert (len(await home.kept("weight")), await other.kept("weight")) == (1, [])


@pytest.mark.parametrize(
    ("measure", "value", "pair", "doubt"),
    [
        ("blood_pressure", "120", "800", "swapped"), ("blood_pressure", "80", "120", "swapped"),
        ("oxygen", "9", "", "value_low"), ("temperature", "370", "", "value_high"), ("pulse", "12", "", "value_low"),
    ],
)  # fmt: skip
async def test_unusual_numbers_are_questioned_and_kept_only_when_they_are_right(
    home: AtHome, measure: str, value: str, pair: str, doubt: str
) -> None:
    with pytest.raises(ReadingDoubted) as caught:
        await home.log(measure, value, pair)
    assert doubt in caught.value.doubts
    assert await home.kept(measure) == []
    await home.log(measure, value, pair, is_confirmed=True)
    assert len(await home.kept(measure)) == 1


async def test_a_weight_that_leaps_is_questioned(home: AtHome) -> None:
    await home.log("weight", "37", minutes=-1440)
    with pytest.raises(ReadingDoubted) as caught:
        await home.log("weight", "73")
    assert caught.value.doubts == ("leap",)


async def test_a_weight_in_the_other_unit_is_held_against_the_one_before(home: AtHome) -> None:
    await home.note("heart_failure")
    await home.log("weight", "160", unit="[lb_av]", minutes=-600)
    with pytest.raises(ReadingDoubted) as caught:
        await home.log("weight", "160", unit="kg")
    assert caught.value.doubts == ("leap",)
    assert (await home.log("weight", "73.6", unit="kg")).finding == "gain_day"
    assert await home.alerts() == [("vitals.weight", "urgent", 1)]


async def test_what_is_dangerous_alerts_once_and_more_when_it_is_so_again(home: AtHome) -> None:
    await home.log("blood_pressure", "190", "100", minutes=-5)
    assert await home.alerts() == [("vitals.blood_pressure", "urgent", 1)]
    again = await home.log("blood_pressure", "188", "101")
    assert again.is_again
    assert await home.alerts() == [("vitals.blood_pressure", "critical", 2)]
    await home.log("blood_pressure", "121", "78")
    assert await home.alerts() == [("vitals.blood_pressure", "critical", 2)]


@pytest.mark.parametrize(
    ("measure", "first", "then"),
    [
        ("glucose", ("65", "mg/dL"), ("3.7", "mmol/L")), ("glucose", ("3.7", "mmol/L"), ("66", "mg/dL")),
        ("temperature", ("38.4", "Cel"), ("101", "[degF]")),
    ],
)  # fmt: skip
async def test_found_again_in_another_unit_is_found_again(
    home: AtHome, measure: str, first: tuple[str, str], then: tuple[str, str]
) -> None:
    await home.note("chemotherapy")
    await home.log(measure, first[0], unit=first[1], minutes=-10)
    again = await home.log(measure, then[0], unit=then[1])
    assert (again.is_again, again.severity) == (True, "critical")


async def test_a_symptom_ends_the_protocol(home: AtHome) -> None:
    found = await home.log("blood_pressure", "121", "78", has_symptom=True)
    assert (found.finding, found.protocol, found.severity) == ("symptom", "emergency", "critical")
    assert await home.alerts() == [("vitals.blood_pressure", "critical", 1)]


async def test_reading_and_alert_stand_together_or_not_at_all(home: AtHome) -> None:
    new = typed_reading(MEASURES["oxygen"], {"value": "88"}, uuid4(), "UTC")
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await service.log_reading(tx, new)
        await tx.flush()
        await tx.driver.rollback()  # as when the process dies
    assert (await home.kept("oxygen"), await home.alerts()) == ([], [])


async def test_a_broken_device_is_limited_and_nobody_is_paged_a_hundred_times(home: AtHome) -> None:
    for _ in range(service.HOURLY_MOST):
        await home.log("oxygen", "97")
    with pytest.raises(ReadingCounted):
        await home.log("oxygen", "98")
    for value in ("91", "90", "89"):  # what is dangerous is kept all the same
        await home.log("oxygen", value)
    assert [(problem, times) for problem, _, times in await home.alerts()] == [("vitals.oxygen", 3)]


@pytest.mark.parametrize(("born", "minutes", "field"), [("1964-05-01", 30, "at"), ("2026-01-01", -(10**6), "at")])
async def test_no_time_to_come_and_none_before_birth(
    database: Database, clinic: Clinic, born: str, minutes: int, field: str
) -> None:
    home = await at_home(database, clinic, birth_date=datetime.fromisoformat(born).date())
    with pytest.raises(InputRefused) as caught:
        await home.log("pulse", "70", taken_at=clock.now() + timedelta(minutes=minutes))
    assert caught.value.field == field


async def test_what_the_care_team_noted_chooses_the_range(home: AtHome) -> None:
    await home.note("copd")
    assert (await home.log("oxygen", "90")).finding == "within"


async def test_a_mistake_that_is_corrected_is_no_measurement_before(home: AtHome) -> None:
    await home.note("heart_failure")
    wrong = await home.log("blood_pressure", "192", "100", minutes=-5)
    right = await home.log("blood_pressure", "182", "100", instead=wrong.id)
    assert (right.is_again, right.severity) == (False, "urgent")
    slip = await home.log("weight", "27.5", minutes=-60)
    assert (await home.log("weight", "72.5", instead=slip.id)).finding == "within"


async def test_taking_back_keeps_what_it_was_and_correcting_puts_another_in_its_place(home: AtHome) -> None:
    wrong = await home.log("pulse", "77")
    await home.log("pulse", "71", instead=wrong.id)
    assert [str(one.value) for one in await home.kept("pulse")] == ["71"]
    async with home.database.act_as_system("test") as tx:
        rows = await tx.all("select value, status from reading_change")
    assert [(str(row.value), row.status) for row in rows] == [("77", "final")]


async def test_readings_are_nobody_else_s_and_want_more_than_a_code(home: AtHome) -> None:
    mine, sam = await home.log("pulse", "70"), await home.clinic.patient("Sam")
    other = await home.clinic.sign_in_again(sam, assurance=2)
    async with home.database.act_as(other.credential, "vitals.log") as tx:
        await service.take_back(tx, mine.id)
        assert await tx.scalar("select count(*) from reading") == 0
    assert len(await home.kept("pulse")) == 1
    with pytest.raises(StepUpNeeded):
        async with home.database.act_as(sam.credential, "vitals.see"):
            pass
    with pytest.raises(DBAPIError) as caught:
        async with home.database.act_as(other.credential, "vitals.log") as tx:
            await tx.execute(
                "insert into reading (id, patient_id, measure, unit, value, taken_at, zone, entered_by, entered_at,"
                " request_key, finding, protocol, severity) values (:id, :whose, 'pulse', '/min', 70, now(), 'UTC',"
                " :who, now(), :id, '', '', '')",
                {"id": uuid4(), "whose": known(home.patient), "who": other.person_id},
            )
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege)


def test_a_time_of_day_is_that_of_where_they_live() -> None:
    new = typed_reading(MEASURES["pulse"], {"value": "70", "at": "2026-03-01T07:10"}, uuid4(), "America/New_York")
    assert new.taken_at == datetime(2026, 3, 1, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(("at", "zone"), [("0001-01-01T00:00", "Asia/Tokyo"), ("9999-12-31T23:00", "America/New_York")])
def test_a_moment_that_no_clock_has_is_refused(at: str, zone: str) -> None:
    with pytest.raises(InputRefused) as caught:
        typed_reading(MEASURES["pulse"], {"value": "70", "at": at}, uuid4(), zone)
    assert caught.value.field == "at"


def test_a_pressure_in_one_field_is_two_numbers() -> None:
    new = typed_reading(MEASURES["blood_pressure"], {"value": "128/79", "pair": ""}, uuid4(), "UTC")
    assert f"{new.value}/{new.pair}" == "128/79"


@pytest.mark.parametrize("way", ["late", "corrected"])
async def test_a_weight_that_comes_late_tells_what_it_makes_of_the_one_after_it(home: AtHome, way: str) -> None:
    await home.note("heart_failure")
    yesterday = clock.now() - timedelta(days=1)
    wrong = await home.log("weight", "82.4", taken_at=yesterday) if way == "corrected" else None
    await home.log("weight", "82.5")
    assert await home.alerts() == []
    await home.log("weight", "80.0", taken_at=yesterday, instead=wrong and wrong.id)
    assert [one[0] for one in await home.alerts()] == ["vitals.weight"]


@pytest.mark.parametrize("then", ["corrected", "another stands"])
async def test_what_makes_a_later_one_dangerous_still_does_when_it_is_put_right(home: AtHome, then: str) -> None:
    await home.note("heart_failure")
    yesterday = clock.now() - timedelta(days=1)
    await home.log("weight", "82.5")
    late = await home.log("weight", "80.0", taken_at=yesterday)
    if then == "corrected":
        await home.log("weight", "79.9", taken_at=yesterday, instead=late.id)
    else:
        await home.log("weight", "80.1", taken_at=yesterday + timedelta(hours=1))
        async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
            await service.take_back(tx, late.id)
    async with home.database.act_as(home.nurse.credential, "alerts.view") as tx:
        (one,) = await alerts.list_alerts(tx)
    assert (one.problem, one.status, one.facts["value"], one.is_taken_back) == ("vitals.weight", "open", "82.5", False)


async def test_a_first_measurement_that_comes_late_makes_the_second_one_a_second_one(home: AtHome) -> None:
    await home.log("oxygen", "93")
    ((problem, alone, _),) = await home.alerts()
    await home.log("oxygen", "93", taken_at=clock.now() - timedelta(minutes=10))
    assert (problem, alone) == ("vitals.oxygen", "routine")
    assert [one[:2] for one in await home.alerts()] == [("vitals.oxygen", "urgent")]


async def test_a_childs_age_is_by_the_day_where_it_lives(database: Database, clinic: Clinic) -> None:
    evening = datetime(2026, 7, 1, 0, 30, tzinfo=UTC)  # the last of June, at 20:30 in New York
    baby = await at_home(database, clinic, birth_date=date(2026, 4, 1), zone="America/New_York")
    with clock.frozen_at(evening):
        assert (await baby.log("temperature", "38.0", is_confirmed=True)).severity == "critical"


async def test_on_the_day_of_its_birth_it_can_be_measured_wherever_it_lives(database: Database, clinic: Clinic) -> None:
    early = datetime(2026, 6, 30, 20, 0, tzinfo=UTC)  # the first of July, at five in the morning in Tokyo
    newborn = await at_home(database, clinic, birth_date=date(2026, 7, 1), zone="Asia/Tokyo")
    with clock.frozen_at(early):
        assert (await newborn.log("temperature", "37.0", is_confirmed=True)).taken_at == early
