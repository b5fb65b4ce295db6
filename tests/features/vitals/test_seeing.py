"""Readings over time: average, range, picture, file, and their shape in FHIR."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.core import clock, i18n
from portal_app.features.vitals import averaging, drawing, fhir, saying, service
from portal_app.features.vitals.beside import Beside
from portal_app.features.vitals.drawing import BOTTOM, LEFT, RIGHT, TOP, draw, place_of
from portal_app.features.vitals.measures import MEASURES, converted, shown
from portal_app.features.vitals.one_unit import in_unit
from portal_app.state import beside_words, reading_rows
from tests.features.vitals.conftest import AtHome, known, pressure

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def seen(home: AtHome, measure: str) -> service.Seen:
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        _, _, shown = await service.look_back(tx, measure, since=clock.now() - timedelta(days=31))
    assert shown
    return shown


async def test_the_average_leads_when_there_are_three_days_of_it(home: AtHome) -> None:
    for day, upper, lower in ((3, "150", "90"), (2, "140", "86")):
        await home.log("blood_pressure", upper, lower, minutes=-day * 1440)
    assert (await seen(home, "blood_pressure")).average.value is None
    await home.log("blood_pressure", "130", "82")
    found = await seen(home, "blood_pressure")
    assert f"{found.average.value}/{found.average.pair} {found.average.count}" == "140/86 3"
    assert f"{found.meaning.finding} {found.low} {found.high} {found.is_reviewed}" == "high 90 130 False"


async def test_a_home_average_leads_when_it_was_measured_by_the_rule(home: AtHome) -> None:
    noon = clock.now().astimezone(ZoneInfo("America/New_York")).replace(hour=12, minute=0, second=0)
    for day in (1, 2, 3):
        for minutes, value in ((-240, "120"), (-238, "124"), (480, "128"), (482, "132"), (60, "160")):
            at = noon - timedelta(days=day) + timedelta(minutes=minutes)
            await home.log("blood_pressure", value, "78", taken_at=at)
    found = (await seen(home, "blood_pressure")).average
    assert (found.value, found.count, found.of, found.is_by_rule) == (Decimal(126), 12, 15, True)
    async with home.database.act_as(home.patient.credential, "vitals.log") as tx:
        chart = await service.chart_of(tx)
        assert await service.lately(tx, "blood_pressure", chart) == found
        assert await service.lately(tx, "weight", chart) is None


@pytest.mark.parametrize(
    ("measure", "entered", "shown", "average"),
    [
        ("weight", ("159.0 [lb_av]", "160.0 [lb_av]", "73.0 kg"), ["72.1", "72.6", "73.0"], "72.6 kg"),
        ("temperature", ("36.6 Cel", "37.0 Cel", "98.2 [degF]"), ["97.9", "98.6", "98.2"], "98.2 °F"),
        ("glucose", ("99 mg/dL", "108 mg/dL", "5.8 mmol/L"), ["5.5", "6.0", "5.8"], "5.8 mmol/L"),
        ("glucose", ("5.5 mmol/L", "6.0 mmol/L", "104 mg/dL"), ["99", "108", "104"], "104 mg/dL"),
    ],
)  # fmt: skip
async def test_all_of_it_is_shown_in_the_unit_that_is_used_now(
    home: AtHome, measure: str, entered: tuple[str, ...], shown: list[str], average: str
) -> None:
    for day, (value, unit) in zip((2, 1, 0), (one.split() for one in entered), strict=True):
        await home.log(measure, value, unit=unit, minutes=-day * 1440)
    found = await seen(home, measure)
    number = saying.average_number(found.average, measure, found.unit)
    with i18n.use("en"):
        assert [saying.value_words(one) for one in found.found] == shown
        assert f"{number} {saying.unit_words(measure, found.unit)}" == average
    assert {f"{one.value} {one.unit}" for one in await home.kept(measure)} == set(entered)


async def test_what_is_in_the_table_is_as_it_was_entered_and_beside_it_in_the_other_unit(home: AtHome) -> None:
    await home.log("weight", "160.20", unit="[lb_av]", minutes=-1440)
    await home.log("weight", "72.50", unit="kg")
    found = await seen(home, "weight")
    kept = await home.kept("weight")
    with i18n.use("en"):
        rows = beside_words.table_of(kept, Beside(), "UTC", 30)
        _, marks = reading_rows.drawing_of(found, (clock.now() - timedelta(days=31), clock.now()))
        said = reading_rows.sentence_of(found, kept)
    assert [(one["number"], one["beside"]) for one in rows] == [("72.50 kg", ""), ("160.20 lb", "(72.7 kg)")]
    assert [one["text"] for one in marks] == ["72.50", "72.60", "72.7"]
    assert "Highest 72.7 kg, lowest 72.50 kg." in said


@given(
    st.lists(st.decimals(Decimal(10), Decimal(99), places=1), min_size=1, max_size=9),
    st.sampled_from([("temperature", "[degF]", "Cel"), ("weight", "kg", "[lb_av]"), ("glucose", "mmol/L", "mg/dL")]),
)
def test_nothing_is_rounded_before_it_is_shown(values: list[Decimal], how: tuple[str, str, str]) -> None:
    measure, entered, wanted = how
    known = MEASURES[measure]
    some = [pressure(NOW)._replace(measure=measure, unit=entered, value=value, pair=None) for value in values]
    mean = averaging.plain_mean(
        [in_unit(one._replace(taken_at=NOW + timedelta(days=n)), wanted) for n, one in enumerate(some)]
    )
    exact = sum(converted(one, known.unit(entered), known.unit(wanted)) for one in values) / Fraction(len(values))
    said = saying.average_number(mean, measure, wanted)
    assert said == (str(shown(exact, known.unit(wanted).decimals)) if len(values) >= averaging.DAYS_LEAST else "")


async def test_the_file_has_what_was_entered_and_no_formula(home: AtHome) -> None:
    await home.log("glucose", "5.40", unit="mmol/L", context="fasting", note="=1+1")
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        head, row = (await service.readings_file(tx)).splitlines()
    assert head.split(",")[:4] == ["taken_at", "zone", "measure", "value"]
    said = ["America/New_York", "glucose", "5.40", "", "mmol/L", "", "fasting", "", "", "", "'=1+1"]
    assert row.split(",")[1:] == said


async def test_fhir_keeps_the_decimals_that_were_entered(home: AtHome) -> None:
    await home.log("weight", "72.10", unit="kg")
    async with home.database.act_as(home.patient.credential, "vitals.see") as tx:
        written = await service.fhir_file(tx)
    assert '"value": 72.10,' in written
    assert json.loads(written)["entry"][0]["resource"]["valueQuantity"]["code"] == "kg"


def walked(path: str) -> list[tuple[float, float]]:
    """Go along a path as a browser does, and return where it has been; a dot is a step of nothing."""
    found: list[tuple[float, float]] = []
    for command, told in re.findall(r"([Mmlh])([^Mmlh]*)", path):
        numbers = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", told)]
        for x, y in zip(numbers[::2], numbers[1::2], strict=command != "h"):
            before = (0.0, 0.0) if command == "M" else found[-1]
            found.append((round(before[0] + x, 1), round(before[1] + y, 1)))
    return found


def test_a_picture_of_many_is_light() -> None:
    span = (NOW - timedelta(days=366), NOW)
    moments = [NOW - timedelta(minutes=263 * n) for n in reversed(range(2000))]
    upper = [(moment, Decimal(110 + n * 7 % 23)) for n, moment in enumerate(moments)]
    lower = [(moment, Decimal(70 + n * 5 % 17)) for n, moment in enumerate(moments)]
    drawn = draw(upper, lower, span, (Decimal(90), Decimal(130)))
    assert len(drawn.line + drawn.second_line) < 25_000


def test_a_picture_for_the_first_look_covers_the_same_in_an_eighth() -> None:
    span = (NOW - timedelta(days=366), NOW)
    moments = [NOW - timedelta(minutes=263 * n) for n in reversed(range(2000))]
    points = [(moment, Decimal(110 + n * 7 % 23)) for n, moment in enumerate(moments)]
    (first, second) = drawing.bars(points, [], span, (None, None)) or ("", "")
    assert (second, len(first) * 8 < len(drawing.dots_of(draw(points, [], span, (None, None)).line))) == ("", True)
    bars, x, y = {}, 0, 0
    for across, down, tall in re.findall(r"m(-?\d+) ?(-?\d+)v(\d+)", first):
        x, y = x + int(across), y + int(down)
        bars[x] = (y, y + int(tall))
        y += int(tall)
    drawn = walked(drawing.dots_of(draw(points, [], span, (None, None)).line))
    for at, height in drawn:
        low, high = bars[2 * round(at / 2)]
        assert low <= height <= high
    assert {height for bar in bars.values() for height in bar} <= {height for _, height in drawn}
    assert drawing.bars(points[:500], [], span, (None, None)) is None


@pytest.mark.parametrize("steps", ["1.5 -0.3", "0 0", "-0.1 0.2 12 0.5", "-23 0.2 0.2 -23", "10 10 0.1 0.1 -0.1 -0.1"])
def test_a_short_path_is_read_as_it_was_meant(steps: str) -> None:
    numbers = [float(one) for one in steps.split()]
    span = (NOW, NOW + timedelta(days=1))
    points = [(NOW, 100.0, 100.0)]
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        points.append((NOW, round(points[-1][1] + x, 1), round(points[-1][2] + y, 1)))
    wanted = [(x, y) for _, x, y in points]
    line = drawing.line_of(points, span[1] - span[0])
    assert walked(line) == walked(drawing.dots_of(line)) == wanted


@pytest.mark.parametrize("count", [1, 499, 2000])
def test_a_picture_stays_in_its_box_and_stops_at_gaps(count: int) -> None:
    span = (NOW - timedelta(days=30), NOW)
    points = [(NOW - timedelta(days=30 * n / count), Decimal(120 + n % 40)) for n in reversed(range(count))]
    drawn = draw(points, [], span, (Decimal(90), Decimal(130)))
    places = walked(drawn.line)
    assert len(places) == count
    assert walked(drawing.dots_of(drawn.line)) == places
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in places)
    assert [x for x, _ in places] == [place_of(moment, span) for moment, _ in points]
    assert drawn.line.count("M") == 1
    gap = draw([(span[0], Decimal(1)), (NOW, Decimal(2))], [], span, (None, None))
    assert (gap.line.count("M"), gap.band_height) == (2, 0)


async def test_both_parts_of_a_pressure_have_their_own_code_and_the_pulse_is_its_own(home: AtHome) -> None:
    one = await home.log("blood_pressure", "128", "79", pulse=Decimal(66), arm="left")
    panel, pulse = fhir.observations(one, known(home.patient))
    assert panel["code"]["coding"][0]["code"] == "85354-9"
    assert [
        (part["code"]["coding"][0]["code"], part["valueQuantity"]["value"], part["valueQuantity"]["code"])
        for part in panel["component"]
    ] == [("8480-6", 128, "mm[Hg]"), ("8462-4", 79, "mm[Hg]")]
    assert "valueQuantity" not in panel
    assert (pulse["code"]["coding"][0]["code"], pulse["valueQuantity"]["value"]) == ("8867-4", 66)


@pytest.mark.parametrize(
    ("measure", "value", "unit", "codes"),
    [
        ("glucose", "99", "mg/dL", ["41653-7"]), ("glucose", "5.5", "mmol/L", ["14743-9"]),
        ("oxygen", "97", "%", ["2708-6", "59408-5"]), ("steps", "8000", "/d", ["41950-7"]),
    ],
)  # fmt: skip
async def test_each_unit_has_its_code(home: AtHome, measure: str, value: str, unit: str, codes: list[str]) -> None:
    (body,) = fhir.observations(await home.log(measure, value, unit=unit), known(home.patient))
    assert [one["code"] for one in body["code"]["coding"]] == codes
    assert (str(body["valueQuantity"]["value"]), body["valueQuantity"]["code"]) == (value, unit)
