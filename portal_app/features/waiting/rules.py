"""Decisions about waiting, offering and answering, without a database."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from enum import IntFlag
from typing import Final
from zoneinfo import ZoneInfo

WAITING_LIFE: Final = timedelta(days=90)
"""How long somebody without an appointment stays on the list."""

NOTICE_CHOICES_H: Final = (2, 24, 72)
"""How much notice somebody may ask for, in hours."""

SETTLING: Final = timedelta(seconds=65)
"""How long a freed time is left alone before it is offered: a cancellation can be undone within a minute."""

OFFER_HORIZON: Final = timedelta(days=180)
"""How far ahead times are offered."""

KEEPING: Final = timedelta(minutes=3)
"""How long a freed time is kept for the line, so that it is there to be offered; if no job comes, it lapses."""

SOONEST_OFFER: Final = timedelta(minutes=35)
"""How long before a time begins it can be offered at the latest: half an hour, and five minutes to answer."""

GRACE: Final = timedelta(seconds=30)
"""How much longer a time stays kept than it can be answered, so that it goes to the next in line and not astray."""

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""At night, on the patient's own clock, nobody is written to."""

MORNING_ROOM: Final = timedelta(hours=3)
"""A time that begins sooner than this after the night is offered at once all the same, or nobody could take it."""

_HOLDS: Final = (
    (timedelta(hours=3), timedelta(minutes=15)),
    (timedelta(hours=8), timedelta(minutes=30)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=3)),
    (timedelta(days=7), timedelta(hours=6)),
)
_LONGEST_HOLD: Final = timedelta(hours=12)
_SHORTEST_HOLD: Final = timedelta(minutes=5)

WORDS_MAX: Final = 1000
"""The longest request, in characters."""

ANSWERS_UNTIL, ASKED_BEFORE, NEXT_DAY_BY = time(17), time(12), time(12)
"""The practice's promise: asked before noon on a working day, answered that day by five; else the next one by noon."""

OFFERED_TIMES_MAX: Final = 3
"""How many times staff may offer at once in answer to a request."""

SMALL: Final = 5
"""Groups of fewer people are not shown in reports."""


class Part(IntFlag):
    """Parts of a day as the booking page cuts it: until noon, until five, after."""

    morning = 1
    afternoon = 2
    evening = 4


def weekday_bits(weekdays: Iterable[int]) -> int:
    """Return ISO weekdays (Monday is 1) as a set of bits; none at all means every day."""
    return sum({1 << (day - 1) for day in weekdays if 1 <= day <= 7}) or 127


def part_bits(parts: Iterable[str]) -> int:
    """Return parts of the day as a set of bits; none at all means all."""
    return sum({Part[part].value for part in parts if part in Part.__members__}) or 7


def hold_for(lead: timedelta) -> timedelta:
    """Return how long a time is kept for whoever is asked: the sooner it begins, the shorter."""
    return next((hold for until, hold in _HOLDS if lead < until), _LONGEST_HOLD)


def when_to_write(now: datetime, starts_at: datetime, zone: str) -> datetime:
    """Return when to tell of an offer: now, or in the morning if it is night where the patient is and that will do."""
    local = now.astimezone(ZoneInfo(zone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return now
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    morning = datetime.combine(day, QUIET_UNTIL, ZoneInfo(zone))
    return now if starts_at - morning < MORNING_ROOM else max(now, morning.astimezone(now.tzinfo))


def answer_by(write_at: datetime, starts_at: datetime, lead_min: int) -> datetime | None:
    """Return until when an offer is kept, or None if there is no time left to ask anybody.

    Never later than the time can still be booked, and at least five minutes.
    """
    last = starts_at - timedelta(minutes=max(lead_min, 30))
    until = min(write_at + hold_for(starts_at - write_at), last)
    return until if until - write_at >= _SHORTEST_HOLD else None


def request_answer_by(now: datetime, zone: str, is_closed: Callable[[date], bool]) -> datetime:
    """Return by when the practice promises to answer a request, on the practice's own clock.

    `is_closed` tells public holidays and other closed days; Saturdays and Sundays count as closed.
    """
    local = now.astimezone(ZoneInfo(zone))

    def works(day: date) -> bool:
        return day.isoweekday() <= 5 and not is_closed(day)

    if works(local.date()) and local.time() < ASKED_BEFORE:
        return datetime.combine(local.date(), ANSWERS_UNTIL, ZoneInfo(zone)).astimezone(now.tzinfo)
    later = (local.date() + timedelta(days=n) for n in range(1, 60))
    day = next((one for one in later if works(one)), local.date() + timedelta(days=1))
    return datetime.combine(day, NEXT_DAY_BY, ZoneInfo(zone)).astimezone(now.tzinfo)


def normalised_words(typed: str) -> str | None:
    """Return what somebody wrote without outer spaces and stray control characters, or None if it is too long."""
    words = "".join(sign for sign in typed.replace("\r\n", "\n").strip() if sign >= " " or sign in "\n\t")
    return words if len(words) <= WORDS_MAX else None
