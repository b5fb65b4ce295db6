"""Which lines of a trail are one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from portal_app.features.privacy.rules import Line, Side, together

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA = uuid4()


def line(minute: int, *, until: int | None = None, who: UUID = ADA, action: str = "a.view", times: int = 1) -> Line:
    newest, oldest = (NOON + timedelta(minutes=one) for one in (minute if until is None else until, minute))
    return Line(minute, newest, oldest, times, who, "Ada", ("nurse",), action, Side.staff)


def counts(*lines: Line) -> list[int]:
    return [one.times for one in together(lines, {"a.view"})]


def test_views_within_an_hour_are_one_line_over_the_turn_of_the_clock() -> None:
    assert counts(line(10, until=20, times=3), line(-20, times=2)) == [5]
    assert counts(line(10), line(-50)) == [2]


def test_views_more_than_an_hour_apart_stay_apart() -> None:
    assert counts(line(11), line(-50)) == [1, 1]
    assert counts(line(30), line(-10), line(-40)) == [2, 1]


def test_another_person_or_act_in_between_changes_nothing() -> None:
    assert counts(line(30), line(20, who=uuid4()), line(10)) == [2, 1]


def test_changes_are_each_a_line() -> None:
    assert counts(line(30, action="a.book"), line(20, action="a.book")) == [1, 1]
