"""When somebody can check in, and what is left to do; without a database."""

from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

DAYS: Final = 3
"""How many days before a visit check-in opens where the practice has not said."""
DAYS_MOST: Final = 14
"""Forms open then, so nothing could be done before."""

HERE_BEFORE: Final = timedelta(minutes=90)
"""How long before a visit somebody in the waiting room counts as here for it."""

Stage = Literal["early", "open", "late", "over", "cancelled"]
TaskState = Literal["todo", "doing", "done", "at_desk", "optional"]


def opens_at(starts_at: datetime, days: int, zone: str) -> datetime:
    """Return when check-in opens: as that day begins at the visit's place."""
    day = starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=days)
    return datetime.combine(day, time(), ZoneInfo(zone))


def stage_of(status: str, starts_at: datetime, ends_at: datetime, opens: datetime, now: datetime) -> Stage:
    """Return where check-in stands; whoever is late can still do it until the visit is over."""
    if status == "cancelled":
        return "cancelled"
    if status not in ("booked", "arrived") or now >= ends_at:
        return "over"
    if now < opens:
        return "early"
    return "late" if now >= starts_at and status == "booked" else "open"


def is_open(stage: Stage) -> bool:
    """Tell whether anything can be done now."""
    return stage in ("open", "late")


def can_arrive(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Tell whether opening the waiting room's square says that somebody is here: near the visit, not in the morning."""
    return starts_at - HERE_BEFORE <= now < ends_at
