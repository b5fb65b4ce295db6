"""The home average of a blood pressure by its rule, and the plain mean of whoever does not measure by it."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal_app.features.vitals import averaging, saying
from portal_app.features.vitals.averaging import Average
from portal_app.features.vitals.views import ReadingView
from tests.features.vitals.conftest import pressure

HERE = "America/New_York"
FULL = ("7:00", "7:02", "20:00", "20:01")


def week(*days: Iterable[str], zone: str = HERE, value: str = "130/80") -> list[ReadingView]:
    """Return readings at these hours of days that follow each other."""
    found = []
    for n, hours in enumerate(days):
        for hour in hours:
            hours_, minutes = (int(part) for part in hour.split(":"))
            local = datetime(2026, 3, 5 + n, hours_, minutes, tzinfo=ZoneInfo(zone))  # the clocks change on March 8
            found.append(pressure(local, value))
    return found


def of(mean: Average) -> str:
    return f"{mean.value}/{mean.pair} of {mean.count} in {mean.of}, {mean.is_by_rule} {mean.so_far}"


def test_three_days_of_two_and_two_make_a_home_average() -> None:
    assert of(averaging.average(week(FULL, FULL, FULL), has_rule=True)) == "130/80 of 12 in 12, True None"


@pytest.mark.parametrize(
    ("days", "so_far"),
    [
        ([FULL], 4), ([FULL, FULL], 8), ([FULL, FULL, FULL[:3]], 11), ([FULL[:2]] * 7, 6), ([("7:00",)] * 7, 3),
        ([("13:00", "13:02", "15:59", "15:00")] * 7, 0), ([("7:00", "7:00", "20:00", "20:01")] * 3, 9),
    ],
)  # fmt: skip
def test_too_few_make_none_and_are_counted_on_the_three_best_days(days: list[Iterable[str]], so_far: int) -> None:
    found = averaging.home_average(week(*days))
    assert (found.value, found.so_far) == (None, so_far)


def test_only_whole_days_count_and_of_each_sitting_the_first_two() -> None:
    calm, high = week(FULL, FULL, FULL), [*week(("7:03", "20:02"), (), (), FULL[:3], value="190/110")]
    assert of(averaging.average(calm + high, has_rule=True)) == "130/80 of 12 in 17, True None"


def test_after_midnight_is_the_evening_of_the_day_before() -> None:
    late = [("7:00", "7:02"), ("0:10", "0:12", "7:00", "7:02"), ("0:10", "0:12", *FULL)]
    assert averaging.home_average(week(*late)).count == 12


def test_morning_is_morning_where_it_was_measured() -> None:
    assert averaging.home_average(week(FULL, FULL, FULL, zone="Asia/Tokyo")).count == 12


def test_once_a_day_makes_a_plain_mean_that_says_what_it_is() -> None:
    found = averaging.average(week(*[("7:00",)] * 4), has_rule=True)
    assert of(found) == "130/80 of 4 in 4, False 3"
    assert saying.average_title(found) == "Plain average of the last 7 days"
    assert saying.average_basis(found).endswith("3 of 12 so far.")


def test_two_days_make_none() -> None:
    found = averaging.average(week(FULL, FULL), has_rule=True)
    assert (found.value, found.so_far) == (None, 8)
    assert "three days" in saying.average_basis(found)


def test_what_has_no_rule_is_averaged_as_it_comes_and_nobody_is_told_of_one() -> None:
    found = averaging.average(week(*[("7:00",)] * 3), has_rule=False)
    assert of(found) == "130/80 of 3 in 3, False None"
    assert "2025" not in saying.average_basis(found)


@pytest.mark.parametrize(
    ("measure", "years", "holds"), [("blood_pressure", 18, 1), ("blood_pressure", 17, 0), ("weight", 60, 0)]
)
def test_the_rule_is_one_for_the_pressure_of_adults(measure: str, years: int, holds: int) -> None:
    assert averaging.is_ruled(measure, years * 12) is bool(holds)


def test_a_home_average_names_its_rule_and_what_counted() -> None:
    found = averaging.average(week(FULL, FULL, FULL, ("7:00",)), has_rule=True)
    said = saying.average_words(found, "blood_pressure", "mm[Hg]")
    assert said.startswith("Home average of the last 7 days: 130/80 mmHg.")
    assert all(part in said for part in ("2025 AHA/ACC", "12 of 13"))
