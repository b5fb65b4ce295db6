"""When somebody who asks to be called is to be called by, without a database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PROMISE = timedelta(hours=2)
"""How much time with somebody at the phone a call-back may take."""

UNKNOWN_HOURS = timedelta(days=1)
"""What is promised where nobody has written down when the phone is answered."""

LOOK_AHEAD_DAYS = 21
WORDS_MAX = 300

WeekHours = Mapping[int, Sequence[tuple[time, time]]]


def due_at(now: datetime, hours: WeekHours, zone: str, closed: frozenset[date] = frozenset()) -> datetime:
    """Return when the promise runs out: after two hours in which somebody is at the phone, by the wall clock there."""
    left, local = PROMISE, ZoneInfo(zone)
    first = now.astimezone(local).date()
    for n in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=n)
        for opens, closes in () if day in closed else hours.get(day.isoweekday(), ()):
            begins = max(now, datetime.combine(day, opens, local).astimezone(now.tzinfo))
            ends = datetime.combine(day, closes, local).astimezone(now.tzinfo)
            if ends - begins >= left:
                return begins + left
            left -= max(ends - begins, timedelta(0))
    return now + UNKNOWN_HOURS
