"""When the practice reads, and to whom an alert that nobody takes goes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

OUTCOMES: Final = ("called", "no_change", "plan_changed", "come_in", "emergency", "not_reached", "mistake")
"""How an alert ends: what the patient is told."""
POOLS: Final = (("nurse",), ("nurse", "clinician"), ("nurse", "clinician", "manager"))
"""Who is written to at each level; the last one repeats."""
MAX_LEVEL: Final = 12
"""So often an alert is escalated by the clock; after that it stands on top of the list and nobody is written to."""
LOOK_AHEAD_DAYS: Final = 21

MAX_TURN: Final = timedelta(days=31)
"""The longest turn on call that is no slip of the pen."""
FURTHEST: Final = timedelta(days=400)
"""How far ahead a turn may end."""
GAPS_AHEAD: Final = timedelta(days=7)
"""How far ahead a gap in the roster is told."""

WeekHours = Mapping[int, Sequence[tuple[time, time]]]


def pool(level: int) -> tuple[str, ...]:
    """Return the roles that hear of an alert at a level."""
    return POOLS[min(level, len(POOLS) - 1)]


def is_written(severity: str, level: int) -> bool:
    """Tell whether people are written to: at once for what is critical, later for what is urgent, else never."""
    return severity == "critical" or (severity == "urgent" and level > 0)


def ranks_called(severity: str, level: int) -> tuple[int, ...]:
    """Return who on call is told besides the roles: the first, then the second, then both each time; of routine none.

    What is critical calls at once, what is urgent when it is first escalated.
    """
    step = level if severity == "critical" else level - 1
    if severity == "routine" or step < 0:
        return ()
    return ((1,), (2,))[step] if step < 2 else (1, 2)


@dataclass(frozen=True, slots=True)
class OnCall:
    """That somebody on call hears of an alert: at a moment, None for at once, and by when they should look.

    `is_sure` is off where they are told only if nobody has taken it by then.
    """

    at: datetime | None
    look_by: datetime
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Open:
    """An open alert at its level, and who is there: whether it was called about already, and who could be.

    `is_rung` is on where the call of this time was made, though nobody was there; `has_then` looks at `due_at`.
    """

    severity: str
    level: int
    due_at: datetime
    take_min: int
    called_at: datetime | None
    is_rung: bool
    was_given_back: bool
    has_now: bool
    has_then: bool


def on_call(one: Open) -> OnCall | None:
    """Return how somebody on call hears of an open alert, as `jobs.py` and `calling.py` see to it; None for nobody.

    What is handed back is called about no more before its clock has run out.
    """
    if one.called_at is not None:
        return OnCall(one.called_at, one.due_at, is_sure=True)
    is_called_now = bool(ranks_called(one.severity, one.level)) and not (one.is_rung or one.was_given_back)
    if is_called_now and one.has_now:
        return OnCall(None, one.due_at, is_sure=True)
    if one.has_then and one.level < MAX_LEVEL and ranks_called(one.severity, one.level + 1):
        return OnCall(one.due_at, one.due_at + timedelta(minutes=one.take_min), is_sure=False)
    return None


def gaps(
    turns: Sequence[tuple[datetime, datetime]], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the times between two moments in which no turn runs, the first one first."""
    found, covered = [], since
    for starts_at, ends_at in [*sorted(turns), (until, until)]:
        if covered < min(starts_at, until):
            found.append((covered, min(starts_at, until)))
        covered = max(covered, ends_at)
    return found


def open_now(now: datetime, hours: WeekHours, zone: str, closed: frozenset[date]) -> bool:
    """Tell whether the practice is open, by the wall clock there."""
    local = now.astimezone(ZoneInfo(zone))
    spans = () if local.date() in closed else hours.get(local.isoweekday(), ())
    return any(opens <= local.time() < closes for opens, closes in spans)


def opens_next(now: datetime, hours: WeekHours, zone: str, closed: frozenset[date]) -> datetime | None:
    """Return when the practice opens next, None where no hours are known."""
    local = ZoneInfo(zone)
    first = now.astimezone(local).date()
    for n in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=n)
        for opens, _closes in sorted(() if day in closed else hours.get(day.isoweekday(), ())):
            begins = datetime.combine(day, opens, local).astimezone(now.tzinfo)
            if begins > now:
                return begins
    return None
