"""What the board of video visits says of whoever is not here yet."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from portal_app.features.visits import service as visits
from portal_app.state.staff_visits import _missing

NOON = datetime(2027, 1, 13, 17, tzinfo=UTC)


def _row(waiting_since: datetime | None) -> visits.BoardRow:
    return visits.BoardRow(
        uuid4(), None, uuid4(), None, "Sam", date(1964, 5, 1), "en", False, "", "", NOON, "UTC", uuid4(), "Ada Okafor",
        "booked", "planned", "", waiting_since, None, None, False, False, "", "", "", "", "", False, False,
    )  # fmt: skip


@pytest.mark.parametrize(("minutes", "is_asked"), [(-240, False), (-20, True), (20, True), (240, False)])
def test_nothing_is_missing_of_somebody_who_could_not_have_said_it(minutes: int, *, is_asked: bool) -> None:
    assert bool(_missing(_row(None), NOON + timedelta(minutes=minutes))) is is_asked


def test_whoever_waits_long_after_their_time_is_still_asked_where_they_are() -> None:
    assert _missing(_row(NOON), NOON + timedelta(hours=4))
