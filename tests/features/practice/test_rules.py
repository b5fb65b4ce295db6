"""Hours as people write them, and how long a check counts."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from portal_app.features.practice import rules
from portal_app.features.practice.rules import CheckState

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, ten in the morning in New York."""
ZONE = "America/New_York"
MORNING, AFTERNOON = (time(8), time(12)), (time(13, 30), time(17))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("8-12, 13:30-17:00", [MORNING, AFTERNOON]),
        ("08:00 – 12:00; 13.30 a 17h00", [MORNING, AFTERNOON]),
        ("٨ إلى ١٢، ١٣:٣٠-١٧", [MORNING, AFTERNOON]),
        ("  ", []),
        ("8", None),
        ("12-8", None),
        ("8-12, 11-15", None),
        ("8-25", None),
        ("from eight", None),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, read: list[tuple[time, time]] | None) -> None:
    assert rules.read_hours(typed) == read


def test_hours_are_written_as_they_are_read() -> None:
    assert rules.read_hours(rules.written_hours([MORNING, AFTERNOON])) == [MORNING, AFTERNOON]


def test_hours_that_touch_are_one() -> None:
    rows = [(1, time(12), time(17)), (1, *MORNING), (3, *AFTERNOON)]
    assert rules.merged_hours(rows) == {1: [(time(8), time(17))], 3: [AFTERNOON]}


@pytest.mark.parametrize(
    ("after", "closed", "until"),
    [
        (timedelta(0), frozenset(), time(12)),
        (timedelta(hours=2), frozenset(), None),
        (timedelta(hours=6), frozenset(), time(17)),
        (timedelta(0), frozenset({date(2026, 11, 23)}), None),
        (timedelta(days=1), frozenset(), None),
    ],
)
def test_a_place_is_open_by_its_own_clock(after: timedelta, closed: frozenset[date], until: time | None) -> None:
    assert rules.open_until({1: [MORNING, AFTERNOON]}, closed, ZONE, NOW + after) == until


@pytest.mark.parametrize(
    ("checked_at", "is_answered", "state"),
    [
        (None, None, CheckState.never),
        (NOW, False, CheckState.unanswered),
        (NOW - rules.FRESH_FOR, True, CheckState.old),
        (NOW - rules.FRESH_FOR + timedelta(seconds=1), True, CheckState.good),
    ],
)
def test_a_number_counts_for_a_while_after_somebody_answered(
    checked_at: datetime | None, is_answered: bool | None, state: CheckState
) -> None:
    assert rules.check_state(checked_at, NOW, is_answered=is_answered) is state
