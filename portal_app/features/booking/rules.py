"""Decisions about times and appointments, without a database."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

HOLD_LIFE = timedelta(minutes=5)
"""How long a time is kept for somebody who is confirming it, and how much each extension adds."""

HOLD_LIMIT = timedelta(minutes=20)
"""How long one time may be kept in all, from the first moment."""

SERIES_WEEKS = (1, 2, 4)
SERIES_MAX = 12
"""How many weeks apart the visits of a series may be, and how many one may have."""

CONFIRM_FROM = timedelta(days=8)
"""How long before a visit its page begins to ask whether the patient will come: a day before the first reminder."""
EARLIER_UNTIL = timedelta(hours=2)
"""So close to a visit nobody is asked any more whether they would come earlier."""

UNDO_LIFE = timedelta(minutes=1)
"""How long a cancellation can be taken back; nobody is told of it before."""

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""Between these wall times nobody is reminded."""

REMIND_LATEST = timedelta(minutes=30)
"""A reminder that would come later than this before an appointment is not sent."""

BOOKING_HORIZON = timedelta(days=180)
"""How far ahead a time can be booked."""

OUTSIDE_DUE = timedelta(days=1)
"""Within what time somebody should have seen to an appointment that cannot be kept."""

SEARCH_DAYS_MAX = 92
"""How many days one search looks through."""

ALTERNATIVES = 3
ALTERNATIVE_DAYS_BEFORE = 3
ALTERNATIVE_DAYS = 9
ALTERNATIVE_DAYS_FAR = 60
"""How many other times are offered to whoever came too late; from when on and in how many days they are looked for,
first with the same practitioner, then at the location; and in how many when that found too few."""

REASON_MAX = 500
"""The longest reason for a visit, in characters after normalisation."""

_RAW_REASON_MAX = 8 * REASON_MAX
_FORBIDDEN_FORMATS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")


class AppointmentStatus(StrEnum):
    """The states of an appointment (FHIR R4 appointmentstatus); `pending` is a time held while confirming."""

    pending = "pending"
    booked = "booked"
    arrived = "arrived"
    fulfilled = "fulfilled"
    cancelled = "cancelled"
    noshow = "noshow"


class ReasonProblem(StrEnum):
    """Why the words for a reason cannot be taken."""

    too_long = "too_long"
    unreadable = "unreadable"


_S = AppointmentStatus
TRANSITIONS: Mapping[AppointmentStatus, frozenset[AppointmentStatus]] = {
    _S.pending: frozenset({_S.booked}),
    _S.booked: frozenset({_S.arrived, _S.noshow, _S.cancelled}),
    _S.arrived: frozenset({_S.booked, _S.fulfilled}),
    _S.noshow: frozenset({_S.booked, _S.arrived}),
    _S.fulfilled: frozenset(),
    _S.cancelled: frozenset(),
}
"""What each state may become. Back from arrived or noshow to booked is the front desk's undo. A held time that is
let go is deleted, not cancelled: nothing was promised. A cancelled one stays so, because its time may be somebody
else's; only within `UNDO_LIFE` can it be taken back, if the time is still free."""

CANCEL_CODES = ("time", "better", "elsewhere", "travel", "other")
"""Why patients cancel, in the order in which they are asked; the words are on the screen."""


def can_become(status: AppointmentStatus, following: AppointmentStatus) -> bool:
    """Tell whether an appointment may go from one state to another."""
    return following in TRANSITIONS[status]


def sources_of(following: AppointmentStatus) -> tuple[AppointmentStatus, ...]:
    """Return the states from which this one can be reached, in a stable order."""
    return tuple(status for status in AppointmentStatus if following in TRANSITIONS[status])


def held_until(now: datetime) -> datetime:
    """Return when a hold that begins now lapses."""
    return now + HOLD_LIFE


def extended_until(began_at: datetime, now: datetime) -> datetime:
    """Return when a hold lapses after being extended now; never later than the limit for one time."""
    return min(now + HOLD_LIFE, began_at + HOLD_LIMIT)


def cancel_until(starts_at: datetime, notice_h: int) -> datetime:
    """Return the last moment at which a patient may cancel by themselves. Real hours, whatever the clocks do."""
    return starts_at - timedelta(hours=notice_h)


def is_too_late_to_cancel(starts_at: datetime, notice_h: int, now: datetime) -> bool:
    """Tell whether the notice has run out; the very last moment still counts."""
    return now > cancel_until(starts_at, notice_h)


def remind_at(starts_at: datetime, before_min: int, zone: str) -> datetime:
    """Return when a reminder is sent: so many minutes before, but never while people sleep.

    What falls into the quiet hours of the patient's zone waits for their end, and where that leaves less than an hour
    before the appointment it goes out just before they begin. Minutes are real ones, hours those of the wall.
    """
    due = starts_at - timedelta(minutes=before_min)
    local = due.astimezone(ZoneInfo(zone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return due
    wakes = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    ends = datetime.combine(wakes, QUIET_UNTIL, ZoneInfo(zone)).astimezone(UTC)
    if starts_at - ends >= timedelta(hours=1):
        return ends
    begins = datetime.combine(wakes - timedelta(days=1), QUIET_FROM, ZoneInfo(zone)).astimezone(UTC)
    return begins - timedelta(minutes=5)


def series_starts(first: datetime, zone: str, every_weeks: int, count: int) -> tuple[datetime, ...]:
    """Return the beginnings of a series, at the same wall time of a zone every so many weeks.

    A wall time that exists twice or not at all is read as the later of its two moments, as weekly hours are.
    """
    local = first.astimezone(ZoneInfo(zone))
    walls = [local.replace(tzinfo=None) + timedelta(weeks=every_weeks * n) for n in range(1, count)]
    both = [[wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)] for wall in walls]
    return (first.astimezone(UTC), *(max(moments) for moments in both))


def can_confirm(starts_at: datetime, confirmed_at: datetime | None, now: datetime) -> bool:
    """Tell whether it is time to ask a patient whether they will come: they have not said so, and it is near."""
    return confirmed_at is None and starts_at - CONFIRM_FROM <= now < starts_at


def can_be_earlier(starts_at: datetime, now: datetime) -> bool:
    """Tell whether it is worth telling somebody of an earlier time: they still have to read of it and get ready."""
    return now < starts_at - EARLIER_UNTIL


def can_undo(cancelled_at: datetime, now: datetime) -> bool:
    """Tell whether a cancellation can still be taken back; the very last moment counts."""
    return now <= cancelled_at + UNDO_LIFE


def normalised_reason(typed: str) -> str | ReasonProblem:
    r"""Return the reason for a visit as it is kept, or why it cannot be.

    Line ends become \n, tabs spaces, characters NFC. Control characters and characters that turn the direction of
    the text around them (Unicode TR 36, bidirectional text spoofing) are refused: what a nurse reads must be what was
    typed. Marks that Arabic, Persian and Indic words need (U+200C to U+200F) stay.
    """
    if len(typed) > _RAW_REASON_MAX:
        return ReasonProblem.too_long
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", typed).replace("\t", " ")).strip()
    if any(_is_forbidden(character) for character in text):
        return ReasonProblem.unreadable
    text = re.sub(r"\n{3,}", "\n\n", text)
    return text if len(text) <= REASON_MAX else ReasonProblem.too_long


def _is_forbidden(character: str) -> bool:
    if character in _FORBIDDEN_FORMATS:
        return True
    return unicodedata.category(character) in {"Cc", "Cs"} and character != "\n"


def search_days(days: int) -> int:
    """Return how many days to search: at least one, and not more than one search may."""
    return max(1, min(days, SEARCH_DAYS_MAX))


def is_same_day(moment: datetime, other: datetime, zone: str) -> bool:
    """Tell whether two moments are on one day by the clock of an IANA zone."""
    there = ZoneInfo(zone)
    return moment.astimezone(there).date() == other.astimezone(there).date()
