"""Until when somebody is promised a call: two hours in which the phone is answered."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal_app.features.callback import rules

ZONE = "America/New_York"
WEEK = {day: [(time(8), time(12)), (time(13), time(17))] for day in range(1, 6)}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (at(23, 9), at(23, 11)),
        (at(23, 11), at(23, 14)),
        (at(23, 6), at(23, 10)),
        (at(23, 16, 30), at(24, 9, 30)),
        (at(27, 18), at(30, 10)),
        (at(28, 10), at(30, 10)),
    ],
    ids=["morning", "over lunch", "before opening", "before closing", "friday evening", "weekend"],
)
def test_only_time_with_somebody_at_the_phone_counts(asked: datetime, due: datetime) -> None:
    assert rules.due_at(asked, WEEK, ZONE) == due


def test_a_day_on_which_the_place_is_closed_does_not_count() -> None:
    assert rules.due_at(at(26, 9), WEEK, ZONE, frozenset({at(26, 9).date()})) == at(27, 10)


def test_hours_are_wall_times_across_a_change_of_clocks() -> None:
    asked = datetime(2026, 10, 31, 20, tzinfo=UTC)
    every_day = {day: [(time(8), time(17))] for day in range(1, 8)}
    assert rules.due_at(asked, every_day, ZONE) == datetime(2026, 10, 31, 21, tzinfo=UTC) + timedelta(hours=17)


def test_where_no_hours_are_known_a_day_is_promised() -> None:
    assert rules.due_at(at(23, 9), {}, ZONE) == at(24, 9)
