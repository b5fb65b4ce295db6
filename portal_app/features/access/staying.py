"""How long somebody of the staff stays signed in: as long as somebody is at the screen.

The database takes the hats of the staff off a session after its `idle_until` (`begin_as`); only what a person does on
a page moves that on, never a page that refreshes itself. The session goes on in place of a locked one once a second
factor was given, as after a sign-in by a code.
"""

from dataclasses import dataclass, field
from datetime import datetime

from portal_app.core import clock
from portal_app.core.actor import Role
from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction

_LIMIT = "make_interval(mins => coalesce((select staff_idle_min from practice), 15))"
# Written once in ten seconds at most, whatever a browser sends.
_MOVED_ON = (
    f"update session set idle_until = now() + {_LIMIT} where id = :id"  # noqa: S608 - named above
    f" and (idle_until is null or idle_until < now() + {_LIMIT} - interval '10 seconds')"
)
_LEFT = "select extract(epoch from idle_until - now())::float from session where id = :id"
_LOCKED = "update session set locked_at = :now where {which} and locked_at is null and idle_until <= now()"


@dataclass(frozen=True, slots=True)
class StillHere:
    """How many seconds are left without anybody at the screen (None for no limit), 0 once the session is locked.

    `name` and `key` are the person's own: what they type is kept in their browser under that name, closed with that
    key, so that nobody who signs in after them can open it.
    """

    left_s: float | None
    name: str = ""
    key: str = field(default="", repr=False)


async def idle_until(tx: Transaction) -> datetime:
    """Return until when a session of the staff's that begins now counts without anybody at the screen."""
    until: datetime = await tx.scalar(f"select now() + {_LIMIT}")
    return until


async def still_here(tx: Transaction, *, is_somebody_here: bool) -> StillHere:
    """Tell how long the session counts, and let it count on if somebody is at the screen.

    A session whose time is over does not come back to life: all its pages are told that it is locked.
    """
    session = {"id": tx.actor.session_id}
    if Role.unproven in tx.actor.roles:
        await tx.execute(_LOCKED.format(which="id = :id and ended_at is null"), session | {"now": clock.now()})
        return StillHere(0)
    if is_somebody_here:
        await tx.execute(_MOVED_ON, session)
    left: float | None = await tx.scalar(_LEFT, session)
    return StillHere(left, *typed_key(tx))


def typed_key(tx: Transaction) -> tuple[str, str]:
    """Return the name and the key under which a browser keeps what this person has typed and not sent."""
    person = str(tx.actor.person_id)
    name = blind_index(person, purpose="name of typed text")[:32]
    return name, blind_index(person, purpose="key of typed text")


async def lock_idle(tx: Transaction) -> int:
    """Tell the pages of every session whose time is over that it is locked; for jobs. Return how many there were."""
    return await tx.execute(_LOCKED.format(which="ended_at is null and patient_id is null"), {"now": clock.now()})
