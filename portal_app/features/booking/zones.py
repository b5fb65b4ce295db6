"""A time zone as a calendar file carries it (RFC 5545 section 3.6.5), read from the zone database.

One part for each change of the clocks near the appointment, whose onset is in the wall time before the change, as the
RFC has it. (The calendar library's own parts begin an hour late in spring, and some readers see their first onset
only when it stands among the recurrences too.)
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_AROUND: Final = timedelta(days=366)
_STEP: Final = timedelta(days=1)
_EXACT: Final = timedelta(seconds=1)


def timezone_around(zone: str, first: datetime, last: datetime) -> Timezone:
    """Return the part of a calendar that says what a zone's clocks show from a year before until a year after."""
    info, start = ZoneInfo(zone), (first - _AROUND).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    timezone = Timezone()
    timezone.add("tzid", zone)
    timezone.add_component(_part(info, start, start))
    for before, after in _changes(info, start, last + _AROUND):
        timezone.add_component(_part(info, before, after))
    return timezone


def _changes(info: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the last moment before and the first moment after each change of a zone's offset."""
    at = start
    while at < end:
        following = at + _STEP
        if _offset(info, at) != _offset(info, following):
            low, high = at, following
            while high - low > _EXACT:
                middle = low + (high - low) / 2
                low, high = (middle, high) if _offset(info, middle) == _offset(info, low) else (low, middle)
            after = (high + _EXACT / 2).replace(microsecond=0)
            yield after - _EXACT, after
        at = following


def _part(info: ZoneInfo, before: datetime, after: datetime) -> TimezoneStandard | TimezoneDaylight:
    local = after.astimezone(info)
    part = TimezoneDaylight() if local.dst() else TimezoneStandard()
    onset = (after + _offset(info, before)).replace(tzinfo=None)
    part.add("dtstart", onset)
    part.add("rdate", onset)
    part.add("tzoffsetfrom", _offset(info, before))
    part.add("tzoffsetto", _offset(info, after))
    part.add("tzname", local.tzname() or str(info))
    return part


def _offset(info: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(info).utcoffset()
    assert offset is not None  # noqa: S101 - every zone has one
    return offset
