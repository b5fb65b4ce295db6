"""Decisions about the practice's own facts, without a database."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

FRESH_FOR = timedelta(days=90)
"""How long a check of a number or of hours counts."""


STAFF_IDLE_MIN = (5, 15, 30, 60)
"""After how many minutes without anybody at the screen staff may be locked out; a quarter of an hour unless chosen."""

VIDEO_PATHS = ("direct", "hub")
"""How video travels: between the two browsers where it can, or always through the practice's server."""


class LinePurpose(StrEnum):
    """What a phone line is for."""

    bookings = "bookings"
    billing = "billing"
    nurse = "nurse"


class CheckState(StrEnum):
    """What is known of a number or an hour that people rely on."""

    good = "good"
    never = "never"
    old = "old"
    unanswered = "unanswered"


def check_state(checked_at: datetime | None, now: datetime, *, is_answered: bool | None = True) -> CheckState:
    """Tell whether somebody can rely on it; all but `good` is stale and for the manager to see to."""
    if checked_at is None:
        return CheckState.never
    if is_answered is False:
        return CheckState.unanswered
    return CheckState.old if now - checked_at >= FRESH_FOR else CheckState.good


WeekHours = Mapping[int, Sequence[tuple[time, time]]]
"""Wall times from opening to closing, in order, by ISO weekday."""


def open_until(hours: WeekHours, closed: frozenset[date], zone: str, now: datetime) -> time | None:
    """Return until when a place is open now, in its wall time, or None if it is closed."""
    local = now.astimezone(ZoneInfo(zone))
    if local.date() in closed:
        return None
    for opens, closes in hours.get(local.isoweekday(), ()):
        if opens <= local.time() < closes:
            return closes
    return None


def merged_hours(rows: Sequence[tuple[int, time, time]]) -> dict[int, list[tuple[time, time]]]:
    """Return opening hours by weekday, those that touch or overlap as one."""
    week: dict[int, list[tuple[time, time]]] = {}
    for weekday, opens, closes in sorted(rows):
        day = week.setdefault(weekday, [])
        if day and opens <= day[-1][1]:
            day[-1] = (day[-1][0], max(day[-1][1], closes))
        else:
            day.append((opens, closes))
    return week


_HOURS = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:-|\u2013|\u2014|a|to|\u0625\u0644\u0649)\s*(\d{1,2})(?:[:.h](\d{2}))?"
)


def read_hours(typed: str) -> list[tuple[time, time]] | None:
    """Read "8-12, 13:30-17:00" in whatever digits, on the 24-hour clock; None if it cannot be read or is disordered."""
    found: list[tuple[time, time]] = []
    for part in re.split("[,;\u060c\u061b]", typed):
        if not part.strip():
            continue
        match = _HOURS.fullmatch(part.strip())
        if match is None:
            return None
        hours = [int(text or 0) for text in match.groups()]
        if max(hours[0], hours[2]) > 23 or max(hours[1], hours[3]) > 59:
            return None
        opens, closes = time(hours[0], hours[1]), time(hours[2], hours[3])
        if closes <= opens or (found and opens < found[-1][1]):
            return None
        found.append((opens, closes))
    return found


def written_hours(times: Sequence[tuple[time, time]]) -> str:
    """Write hours as `read_hours` reads them."""
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in times)
