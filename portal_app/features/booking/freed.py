"""Say that a time has become free, so that whoever waits for one can be asked.

Whatever frees a time (a cancellation, a move away, a block taken off, an offer that was not taken) calls `freed` in
its own transaction. Features that care follow: booking does not know them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal_app.core import clock
from portal_app.core.db import Transaction


@dataclass(frozen=True, slots=True)
class FreedTime:
    """A stretch of a practitioner's time at a location that nobody has any more; aware moments."""

    practitioner_id: UUID
    location_id: UUID
    starts_at: datetime
    ends_at: datetime


Follower = Callable[[Transaction, FreedTime], Awaitable[None]]

_followers: list[Follower] = []


def follow(follower: Follower) -> Follower:
    """Have a function called with each time that becomes free, in the transaction that frees it.

    It must be quick, and enqueue a job for anything that can wait.
    """
    if follower not in _followers:
        _followers.append(follower)
    return follower


async def freed(
    tx: Transaction, practitioner_id: UUID, location_id: UUID, starts_at: datetime, ends_at: datetime
) -> None:
    """Tell all followers that this time is free again; what is over already interests nobody."""
    if ends_at <= clock.now():
        return
    time = FreedTime(practitioner_id, location_id, starts_at, ends_at)
    for follower in _followers:
        await follower(tx, time)
