"""Files of readings: seen before they are kept, once, line by line, and what is dangerous now is told."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from portal_app.core import clock
from portal_app.core.db import Database
from portal_app.features.vitals import importing
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.listed import LINES_MOST, ListTooLong, NotAList, read_list
from portal_app.features.vitals.seeing import COLUMNS
from tests.factories import Clinic
from tests.features.vitals.conftest import AtHome, at_home

PLAIN = "date,time,systolic,diastolic,pulse\n"


def plain(content: str) -> list[tuple[int, str]]:
    found = []
    for one in read_list(content, uuid4(), "America/New_York"):
        new = one.reading
        found.append((one.line, f"{new.value}/{new.pair} {new.taken_at:%m-%d %H:%M}" if new else str(one.fault)))
    return found


async def seen(home: AtHome, content: str) -> importing.Preview:
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        return await importing.preview(tx, content)


async def kept(home: AtHome, content: str, *, is_confirmed: bool = False) -> int:
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        return await importing.import_list(tx, content, is_confirmed=is_confirmed)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PLAIN + "2026-03-01,7:10,128,79,66", "128/79 03-01 12:10"),
        ("\ufeffDate;Time;Systolic;Diastolic\n31.03.2026;19:30;١٢٨;79", "128/79 03-31 23:30"),
        ("date\ttime\tsystolic\tdiastolic\n2026-3-1\t7:10 PM\t128\t79", "128/79 03-02 00:10"),
        (PLAIN + "03/04/2026,7:10,128,79,", "order"), (PLAIN + "2026-02-30,7:10,128,79,", "date"),
        (PLAIN + "9999-12-31,23:10,128,79,", "date"),
        ("taken_at,measure,value,unit\n0001-01-01T00:00+05:00,pulse,70,/min", "date"),
        (PLAIN + "2026-03-01,25:10,128,79,", "time"), (PLAIN + "2026-03-01,,128,79,", "time"),
        (PLAIN + "2026-03-01,7:10,many,79,", "number"), (PLAIN + "2026-03-01,7:10,128", "number"),
    ],
)  # fmt: skip
def test_a_line_is_read_or_named_with_what_is_wrong(content: str, found: str) -> None:
    assert plain(content) == [(2, found)]


def test_the_file_itself_shows_whether_the_day_comes_first() -> None:
    rows = "03/04/2026,7:10,128,79,\n31/03/2026,7:10,127,78,"
    assert plain(PLAIN + rows) == [(2, "128/79 04-03 11:10"), (3, "127/78 03-31 11:10")]


@pytest.mark.parametrize("content", ["", "a,b,c\n1,2,3", "%PDF-1.7\x00", '"date,time'])
def test_a_file_of_another_kind_is_turned_down(content: str) -> None:
    with pytest.raises(NotAList):
        read_list(content, uuid4(), "UTC")


def test_a_file_has_an_end() -> None:
    with pytest.raises(ListTooLong):
        read_list(PLAIN + "2026-03-01,7:10,128,79,\n" * (LINES_MOST + 1), uuid4(), "UTC")


async def test_a_device_s_time_of_nothing_is_a_fault_of_its_line_alone(home: AtHome) -> None:
    lines = "taken_at,measure,value,unit\n0001-01-01T00:00:00Z,pulse,70,/min\n2026-03-01T12:00:00Z,pulse,70,/min\n"
    found = await seen(home, lines)
    assert (found.count("fault"), found.count("new")) == (1, 1)


async def test_the_same_file_twice_adds_nothing_and_a_line_twice_counts_once(home: AtHome) -> None:
    content = PLAIN + "2026-03-01,7:10,128,79,66\n2026-03-01,7:10,128,79,66\n2026-03-02,7:10,131,82,\n"
    with clock.frozen_at(clock.now().replace(year=2026, month=6)):
        assert (await seen(home, content)).count("new") == 2
        assert [await kept(home, content), await kept(home, content)] == [2, 0]
        assert (await seen(home, content)).count("there") == 3


async def test_our_own_file_comes_back_without_doubles_not_even_of_what_was_taken_back(home: AtHome) -> None:
    await home.log("weight", "72.50", unit="kg", note="=after lunch")
    wrong = await home.log("glucose", "5.4", unit="mmol/L", minutes=-60, context="fasting")
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        own = await vitals.readings_file(tx)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await vitals.take_back(tx, wrong.id)
    assert (await kept(home, own), (await seen(home, own)).count("there")) == (0, 2)


SAID = (
    "measure",
    "unit",
    "value",
    "pair",
    "pulse",
    "context",
    "arm",
    "posture",
    "has_symptom",
    "note",
    "zone",
    "taken_at",
)


async def taken_away(home: AtHome) -> str:
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        return await vitals.readings_file(tx)


@pytest.mark.parametrize("note", ["=1+1", "'quoted", " -2", '@home, "so"\nand on', "\t=x", "+", "٣ قراءات"])
async def test_what_leaves_comes_back_into_another_chart_as_it_was_and_into_its_own_as_nothing(
    home: AtHome, database: Database, clinic: Clinic, note: str
) -> None:
    await home.log(
        "blood_pressure", "128", "79", pulse=Decimal(66), arm="left", posture="lying", has_symptom=True, note=note,
        minutes=-50,
    )  # fmt: skip
    await home.log("glucose", "5.40", unit="mmol/L", context="after_meal")
    own = await taken_away(home)
    assert (await kept(home, own, is_confirmed=True), (await seen(home, own)).count("there")) == (0, 2)
    other = await at_home(database, clinic, zone="Asia/Tokyo")
    assert (await kept(other, own), await kept(other, own)) == (2, 0)
    for measure in ("blood_pressure", "glucose"):
        (first,), (second,) = await home.kept(measure), await other.kept(measure)
        said = [(getattr(first, name), getattr(second, name)) for name in SAID if name != "note"]
        assert [one for one, _ in said] == [two for _, two in said]
        assert (first.note.strip(), first.severity) == (second.note, second.severity)
    assert await taken_away(other) == own.replace(note, note.strip()) or note.strip() != note


@pytest.mark.parametrize("zone", ["Nowhere/City", "../../etc/passwd", "localtime", "Factory", ""])
async def test_a_zone_that_there_is_not_is_that_of_the_chart(home: AtHome, zone: str) -> None:
    row = f"{clock.now().isoformat()},{zone},pulse,70,,/min,,,,,,\n"
    assert await kept(home, ",".join(COLUMNS) + "\n" + row) == 1
    assert (await home.kept("pulse"))[0].zone == "America/New_York"


async def test_a_warning_sign_in_a_file_is_one(home: AtHome) -> None:
    row = f"{clock.now().isoformat()},,oxygen,97,,%,,,,,yes,\n"
    assert await kept(home, ",".join(COLUMNS) + "\n" + row) == 1
    assert await home.alerts() == [("vitals.oxygen", "critical", 1)]


async def test_our_own_file_of_another_chart_keeps_units_decimals_and_notes(home: AtHome) -> None:
    moment = (clock.now() - timedelta(days=2)).isoformat()
    head = "taken_at,measure,value,second_value,unit,pulse,context,note\n"
    assert await kept(home, head + f"{moment},weight,72.50,,kg,,,'=after lunch\n{moment},soul,1,,kg,,,\n") == 1
    (one,) = await home.kept("weight")
    assert (str(one.value), one.unit, one.note) == ("72.50", "kg", "=after lunch")


async def test_unusual_numbers_are_kept_only_when_they_are_said_to_be_right(home: AtHome) -> None:
    day = (clock.now() - timedelta(days=3)).date()
    content = PLAIN + f"{day},7:10,80,120,\n{day},7:20,128,79,\n"
    found = await seen(home, content)
    assert [(one.standing, one.reasons) for one in found.rows] == [("unusual", ("swapped",)), ("new", ())]
    assert [await kept(home, content), await kept(home, content, is_confirmed=True)] == [1, 1]


async def test_what_is_to_come_or_before_birth_is_left_out(home: AtHome) -> None:
    found = await seen(home, PLAIN + "2126-01-01,7:10,128,79,\n1900-01-01,7:10,128,79,\n")
    assert [one.standing for one in found.rows] == ["fault", "fault"]


async def test_a_danger_of_today_alerts_once_and_one_of_long_ago_can_wait(home: AtHome) -> None:
    now = clock.now()
    head = "taken_at,measure,value,second_value,unit\n"
    old = "".join(f"{(now - timedelta(days=n)).isoformat()},oxygen,88,,%\n" for n in range(30, 40))
    assert await kept(home, head + old) == 10
    assert await home.alerts() == [("vitals.oxygen", "routine", 1)]
    fresh = "".join(f"{(now - timedelta(hours=n)).isoformat()},oxygen,87,,%\n" for n in range(1, 5))
    assert await kept(home, head + fresh) == 4
    assert await home.alerts() == [("vitals.oxygen", "urgent", 5)]


async def test_a_file_is_held_against_what_was_entered_before(home: AtHome) -> None:
    await home.note("heart_failure")
    await home.log("weight", "72.0", minutes=-20 * 60)
    now, head = clock.now(), "taken_at,measure,value,second_value,unit\n"
    assert [one.reasons for one in (await seen(home, f"{head}{now.isoformat()},weight,37,,kg\n")).rows] == [("leap",)]
    assert await kept(home, f"{head}{now.isoformat()},weight,73.5,,kg\n") == 1
    assert await home.alerts() == [("vitals.weight", "urgent", 1)]


async def test_a_reading_taken_back_leaves_the_alert_of_the_others_of_its_file(home: AtHome) -> None:
    now = clock.now()
    rows = "".join(f"{(now - timedelta(hours=n)).isoformat()},oxygen,{80 + n},,%\n" for n in range(1, 4))
    assert await kept(home, "taken_at,measure,value,second_value,unit\n" + rows) == 3
    worst = min(await home.kept("oxygen"), key=lambda one: one.value)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        await vitals.take_back(tx, worst.id)
    async with home.database.act_as_system("test") as tx:
        assert await tx.scalar("select status from alert") == "open"


async def test_a_file_uses_up_nothing_of_what_may_be_entered_in_an_hour(home: AtHome) -> None:
    now = clock.now()
    rows = "".join(f"{(now - timedelta(days=n)).isoformat()},oxygen,97,,%\n" for n in range(1, vitals.HOURLY_MOST + 2))
    assert await kept(home, "taken_at,measure,value,second_value,unit\n" + rows) == vitals.HOURLY_MOST + 1
    await home.log("oxygen", "98")
