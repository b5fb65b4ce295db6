"""Days and times as files write them. Nothing is guessed: 03/04/2026 may be two days. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from portal_app.features.vitals.typed import plain_digits

ORDERS: Final = ("dmy", "mdy")
_BOTH_WAYS: Final = "both"
_YEAR_FIRST: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\.?")
_SLASHED: Final = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4})")
_NAMED: Final = re.compile(r"([a-z]{3,9})\.?[ -](\d{1,2}),?[ -](\d{4})|(\d{1,2})\.?[ -]([a-z]{3,9})\.?,?[ -](\d{4})")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_CLOCK: Final = r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[ap]\.?\s?m?\.?)?"
_BOTH: Final = re.compile(rf"(.+?)(?:t|,?\s+)({_CLOCK})\s*(z|[+-]\d{{2}}:?\d{{2}})?", re.IGNORECASE)
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([ap])?\.?\s?m?\.?", re.IGNORECASE)
NOON: Final = time(12)
"""When somebody measured whose file says no times at all: it is neither a morning nor an evening."""

Fault = Literal["date", "time", "order"]


class UnreadMoment(Exception):
    """A day or a time cannot be read."""

    def __init__(self, fault: Fault) -> None:
        """Say which: "order" for a day that may be two."""
        super().__init__(fault)
        self.fault: Fault = fault


def order_of(days: Sequence[str], asked: str = "") -> str:
    """Return "dmy" or "mdy", as the file itself shows, else as it was asked for; "" where nothing tells.

    A file that has days of both kinds is not asked about: of what may be two in it nobody knows which it is.
    """
    found = [found for one in days if (found := _SLASHED.fullmatch(_split(one)[0]))]
    is_day_first = any(int(one[1]) > 12 for one in found)
    is_month_first = any(int(one[3]) > 12 for one in found)
    if is_day_first and is_month_first:
        return _BOTH_WAYS
    if not is_day_first and not is_month_first:
        return asked if asked in ORDERS else ""
    return "dmy" if is_day_first else "mdy"


def moment_of(day: str, clock: str, *, has_time: bool, zone: str, order: str) -> tuple[datetime, bool]:
    """Return when a line was measured, in UTC, and whether it says a time; without one it is noon.

    Args:
        day: what the column of days says; it may say the time and an offset too.
        clock: what the column of times says, where there is one.
        has_time: whether the file has such a column: then every line needs a time.
        zone: in which both are meant.
        order: whether the day or the month comes first, "dmy" or "mdy", "" where it is not known.

    Raises:
        UnreadMoment: if there is no such day or time, or the day may be two.
    """
    said, inside, offset = _split(day)
    when = _day(said, order)
    at = time_of(inside or clock) if inside or has_time else NOON
    try:
        local = datetime.combine(when, at, ZoneInfo(zone))
        if offset:
            local = datetime.fromisoformat(f"{when}T{at}{offset.upper().replace('Z', '+00:00')}")
        return local.astimezone(UTC), bool(inside or has_time)
    except (OverflowError, ValueError):  # the first or the last day there is, which is another one in UTC
        raise UnreadMoment("date") from None


def both_days(day: str) -> tuple[str, date, date] | None:
    """Return a day that may be two, as it is written, with the day first and with the month first."""
    said = _split(day)[0]
    try:
        return said, _day(said, "dmy"), _day(said, "mdy")
    except UnreadMoment:
        return None


def time_of(words: str) -> time:
    """Return a time of day. Raises UnreadMoment."""
    found = _TIME.fullmatch(plain_digits(words).strip())
    if found is None:
        raise UnreadMoment("time")
    hour, half = int(found[1]), (found[4] or "").casefold()
    if half and (not hour or (hour > 12 and half == "a")):
        raise UnreadMoment("time")
    if half:
        hour = hour % 12 + 12 * (half == "p")
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        raise UnreadMoment("time") from None


def _split(words: str) -> tuple[str, str, str]:
    """Return the day, the time and the offset of what stands in one column."""
    said = " ".join(plain_digits(words).casefold().split())
    found = _BOTH.fullmatch(said)
    return (found[1], found[2], found[3] or "") if found else (said, "", "")


def _day(said: str, order: str) -> date:
    try:
        if found := _YEAR_FIRST.fullmatch(said):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := _DOTTED.fullmatch(said):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _NAMED.fullmatch(said):
            month, day, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
            return date(int(year), _month(month), int(day))
        if found := _SLASHED.fullmatch(said):
            return _slashed(int(found[1]), int(found[3]), int(found[4]), order)
    except ValueError:
        pass
    raise UnreadMoment("date")


def _slashed(first: int, second: int, year: int, order: str) -> date:
    if order not in ORDERS and first != second and max(first, second) <= 12:
        raise UnreadMoment("date" if order else "order")
    if order not in ORDERS:
        order = "dmy" if first > 12 else "mdy"
    return date(year, second, first) if order == "dmy" else date(year, first, second)


def _month(name: str) -> int:
    for number, one in enumerate(_MONTHS, 1):
        if name == one or name == one[:3] or (name == "sept" and number == 9):
            return number
    raise ValueError(name)
