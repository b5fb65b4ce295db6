"""Decisions about visits, without a database."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

JOIN_BEFORE = timedelta(minutes=30)
"""How long before its time a visit can be joined."""

JOIN_AFTER = timedelta(hours=1)
"""How long after it should have ended somebody who comes late is still let wait; then they are asked to call."""

LINK_LIFE = timedelta(hours=24)
"""How long the link of somebody invited can be used, once."""

ROOM_LIFE = timedelta(hours=6)
"""How long whoever came by a link can come back on that browser; the end of the visit ends it before."""

TODAY = timedelta(hours=14)
"""How far back a working day is looked at for its pace."""

USUAL_MIN = 15
"""How long a visit is taken to last where today has not said yet."""

OVERRUN_MIN = 5
"""How much longer a visit is taken to last that already takes longer than today's: nobody knows better."""

NAME_MAX = 60

THINGS_MAX = 8
THING_MAX = 120
_ENDS = 2
_JOINERS = "\u200c\u200d"


def visit_status(status: str, appointment_status: str) -> str:
    """Return how it stands with a visit; what was said of its appointment goes before what its room says."""
    if appointment_status in ("cancelled", "noshow"):
        return "cancelled"
    return "finished" if appointment_status == "fulfilled" else status or "planned"


class Moment(StrEnum):
    """What can be done about a visit by the clock."""

    early = "early"
    open = "open"
    over = "over"


class VisitStatus(StrEnum):
    """The states of a visit."""

    planned = "planned"
    waiting = "waiting"
    in_progress = "in_progress"
    finished = "finished"
    cancelled = "cancelled"


_S = VisitStatus
TRANSITIONS = {
    _S.planned: frozenset({_S.waiting, _S.in_progress, _S.cancelled}),
    _S.waiting: frozenset({_S.planned, _S.in_progress, _S.cancelled}),
    _S.in_progress: frozenset({_S.finished}),
    _S.finished: frozenset[VisitStatus](),
    _S.cancelled: frozenset({_S.planned}),
}
"""What each state may become. Back to planned: the patient gave up waiting, it was moved, a cancellation was undone."""


def can_become(status: VisitStatus, following: VisitStatus) -> bool:
    """Tell whether a visit may go from one state to another."""
    return following in TRANSITIONS[status]


def moment(starts_at: datetime, ends_at: datetime, now: datetime) -> Moment:
    """Tell whether a visit can be joined now, not yet, or not any more."""
    if now < starts_at - JOIN_BEFORE:
        return Moment.early
    return Moment.over if now > ends_at + JOIN_AFTER else Moment.open


def pace_min(minutes: Sequence[int]) -> int:
    """Return how long a visit takes today: the middle of the last five that ended, else what is usual."""
    recent = sorted(minutes[:5])
    return max(1, recent[len(recent) // 2]) if recent else USUAL_MIN


def wait_min(
    ahead: int, busy_for_min: int | None, minutes: Sequence[int], starts_at: datetime, late_min: int, now: datetime
) -> int:
    """Return about how many minutes somebody still waits: those before them, at today's pace, and never before time.

    `busy_for_min` is how long the visit that goes on has taken already, None if nobody is with the clinician.
    """
    pace = pace_min(minutes)
    rest = 0
    if busy_for_min is not None:
        rest = pace - busy_for_min if busy_for_min < pace else OVERRUN_MIN
    planned = starts_at + timedelta(minutes=late_min) - now
    return max(rest + ahead * pace, round(planned / timedelta(minutes=1)), 0)


CAMERA = frozenset({"works", "refused", "missing", "busy", "skipped"})
MICROPHONE = frozenset({"works", "silent", "refused", "missing", "skipped"})
SPEAKER = frozenset({"works", "silent", "not_heard", "skipped"})
_MOST = (60_000, 100, 10_000_000, 10_000_000)

WEAK_ROUND_TRIP_MS = 400
WEAK_LOSS_PERCENT = 5
WEAK_KBIT = 400
"""Worse than this, video falters: the line counts as weak. Video at 640 by 360 takes some 600 kbit/s, speech 40."""


def is_possible_check(camera: str, microphone: str, speaker: str, numbers: Sequence[int | None]) -> bool:
    """Tell whether a device check can have found this; `numbers` are round trip, loss, and rates down and up."""
    is_known = camera in CAMERA and microphone in MICROPHONE and speaker in SPEAKER
    return is_known and all(one is None or 0 <= one <= most for one, most in zip(numbers, _MOST, strict=True))


def line_quality(
    round_trip_ms: int | None, loss_percent: int | None, down_kbit: int | None, up_kbit: int | None
) -> str:
    """Return "good", "weak" or, where nothing was measured, nothing."""
    if round_trip_ms is None:
        return ""
    is_weak = (
        round_trip_ms > WEAK_ROUND_TRIP_MS
        or (loss_percent or 0) > WEAK_LOSS_PERCENT
        or min(one for one in (down_kbit, up_kbit, WEAK_KBIT) if one is not None) < WEAK_KBIT
    )
    return "weak" if is_weak else "good"


@dataclass(frozen=True, slots=True)
class Licence:
    """A state that is written down for a clinician, and whether the licence counts today."""

    region: str
    is_valid: bool


def licence(region: str, known: Sequence[Licence]) -> str:
    """Return "licensed", "not_licensed", or nothing where nobody has said where they are or keeps licences."""
    if not region or not known:
        return ""
    return "licensed" if any(one.region == region and one.is_valid for one in known) else "not_licensed"


def things(typed: str) -> list[str] | None:
    """Return what was typed, a thing on each line, or None where it is too much or holds signs that nobody can see."""
    lines = [unicodedata.normalize("NFC", " ".join(line.split())) for line in typed.splitlines()]
    said = [line.removeprefix("- ").removeprefix("• ") for line in lines if line]
    hidden = any(unicodedata.category(one)[0] == "C" and one not in _JOINERS for line in said for one in line)
    is_much = len(said) > THINGS_MAX or any(len(line) > THING_MAX for line in said)
    return None if hidden or is_much else said


def masked_address(address: str) -> str:
    """Return an address by which only whoever is there knows it again: the ends of its street, such as "12 … Street".

    The street is the first part with a letter, up to the numbers it ends with (a flat, a postal code). Of one of two
    words or fewer, its first letter. Nothing is shown as nothing, and nothing else is.
    """
    parts = address.replace("\N{ARABIC COMMA}", ",").split(",")
    words = next((part for part in parts if any(map(str.isalpha, part))), "").split()
    first = next((one for word in words for one in word if one.isalpha()), "")
    while words and any(map(str.isdigit, words[-1])):
        words.pop()
    if len(words) > _ENDS:
        return f"{words[0]} … {words[-1]}"
    return f"{first}…" if address.strip() else ""
