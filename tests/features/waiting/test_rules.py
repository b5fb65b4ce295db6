"""How long, when and by when: the rules that the screens state."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal_app.features.waiting import rules

NEW_YORK = "America/New_York"
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 4, tzinfo=UTC)  # 11 pm in New York
MORNING = datetime(2026, 11, 25, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lead", "hold"),
    [
        (timedelta(hours=2), timedelta(minutes=15)), (timedelta(hours=5), timedelta(minutes=30)),
        (timedelta(hours=20), timedelta(hours=1)), (timedelta(days=2), timedelta(hours=3)),
        (timedelta(days=5), timedelta(hours=6)), (timedelta(days=30), timedelta(hours=12)),
    ],
)  # fmt: skip
def test_the_sooner_a_time_begins_the_shorter_it_is_kept(lead: timedelta, hold: timedelta) -> None:
    assert rules.answer_by(NOON, NOON + lead, 0) == NOON + hold


def test_no_time_is_kept_beyond_the_moment_it_can_be_booked() -> None:
    assert rules.answer_by(NOON, NOON + timedelta(minutes=72), 60) == NOON + timedelta(minutes=12)
    assert rules.answer_by(NOON, NOON + timedelta(minutes=62), 60) is None


@pytest.mark.parametrize(
    ("now", "starts_at", "write_at"),
    [
        (NOON, NOON + timedelta(days=2), NOON),
        (NIGHT, NIGHT + timedelta(days=2), MORNING),
        (NIGHT + timedelta(hours=3), NIGHT + timedelta(days=2), MORNING),
        (NIGHT, MORNING + timedelta(hours=2), NIGHT),
        (MORNING, MORNING + timedelta(hours=4), MORNING),
    ],
)
def test_at_night_nobody_is_written_to_unless_the_morning_were_too_late(
    now: datetime, starts_at: datetime, write_at: datetime
) -> None:
    assert rules.when_to_write(now, starts_at, NEW_YORK) == write_at


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (datetime(2026, 11, 24, 15, tzinfo=UTC), datetime(2026, 11, 24, 22, tzinfo=UTC)),  # Tuesday at 10
        (datetime(2026, 11, 24, 18, tzinfo=UTC), datetime(2026, 11, 25, 17, tzinfo=UTC)),  # Tuesday at 1 pm
        (datetime(2026, 11, 25, 18, tzinfo=UTC), datetime(2026, 11, 27, 17, tzinfo=UTC)),  # before Thanksgiving
        (datetime(2026, 11, 28, 15, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC)),  # Saturday
        (datetime(2026, 3, 6, 20, tzinfo=UTC), datetime(2026, 3, 9, 16, tzinfo=UTC)),  # the clocks go forward
    ],
)
def test_the_promise_counts_working_days(asked: datetime, answered: datetime) -> None:
    thanksgiving = date(2026, 11, 26)
    assert rules.request_answer_by(asked, NEW_YORK, {thanksgiving}.__contains__) == answered


def test_bits() -> None:
    assert (rules.weekday_bits(()), rules.weekday_bits((1, 7, 9))) == (127, 65)
    assert (rules.part_bits(()), rules.part_bits(("morning", "evening", "tea"))) == (7, 5)
