"""Decisions about hours, without a database."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

GRIDS = (5, 10, 15, 20, 30, 40, 45, 60)
"""Every how many minutes times may begin."""

HORIZON_DAYS = 181
"""How far ahead the effects of a change are worked out: as far as anybody can book."""

HOLIDAY_YEARS = 3
"""For how many years, this one included, public holidays are written down."""


class HoursProblem(StrEnum):
    """Why hours cannot be kept as they were written."""

    order = "order"
    grid = "grid"
    validity = "validity"
    modality = "modality"
    release = "release"


def hours_problem(opens: time, closes: time, grid_min: int, modalities: tuple[str, ...]) -> HoursProblem | None:
    """Return what is wrong with a stretch of hours, if anything."""
    if closes <= opens:
        return HoursProblem.order
    if grid_min not in GRIDS:
        return HoursProblem.grid
    if not modalities or not set(modalities) <= {"in_person", "video"}:
        return HoursProblem.modality
    return None


def validity_problem(valid_from: date, valid_until: date | None) -> HoursProblem | None:
    """Return what is wrong with the days from and until which hours are valid, both included."""
    return HoursProblem.validity if valid_until is not None and valid_until < valid_from else None


def release_problem(days: int | None, at: time | None) -> HoursProblem | None:
    """Return what is wrong with a release: both or neither, and at most sixty days before."""
    if (days is None) != (at is None) or not 0 <= (days or 0) <= 60:
        return HoursProblem.release
    return None


def leave_of(
    first: date, last: date | None, begins: time | None, ends: time | None
) -> tuple[datetime, datetime | None]:
    """Return a leave in wall time: whole days from the first to the last, or from a time to a time.

    Without a last day it has no end.
    """
    starts_at = datetime.combine(first, begins or time())
    if last is None:
        return starts_at, None
    ends_at = datetime.combine(last, ends) if ends else datetime.combine(last + timedelta(days=1), time())
    return starts_at, ends_at
