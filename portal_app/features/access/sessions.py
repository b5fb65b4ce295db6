"""The browsers somebody is signed in on, and ending what they do not use or do not know.

No second sign-in is asked for: whoever lost a phone must be able to shut it out with whatever they have at hand, and
ending a session gives nobody anything.
"""

from collections.abc import Sequence
from uuid import UUID

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.core.errors import StepUpNeeded
from portal_app.features.access import rules
from portal_app.features.access.views import SessionView

_SEEN = (
    "update session set seen_at = now(), zone = coalesce(nullif(:zone, ''), zone)"
    " where id = :id and (seen_at is null or seen_at < now() - interval '5 minutes')"
)
_END = (
    "update session set ended_at = :now where person_id = :person_id and id <> :own and ended_at is null"
    " and (cast(:id as uuid) is null or id = :id) returning id"
)


def note_use(tx: Transaction, zone: str = "") -> None:
    """Note at the commit, in that same round trip, that the session is in use; written once in five minutes.

    `zone` is where the clock of the device stands, "" if it does not say.
    """
    if tx.actor.session_id is not None and not tx.actor.is_onlooker():
        tx.write_at_commit(_SEEN, {"id": tx.actor.session_id, "zone": zone})


async def list_sessions(tx: Transaction) -> Sequence[SessionView]:
    """Return where the actor is signed in, this browser first, then the newest."""
    rows = await tx.all(
        "select id, user_agent, created_at, coalesce(seen_at, created_at) as seen_at, address, zone,"
        " id = :own as is_this from session"
        " where person_id = :person_id and ended_at is null and expires_at > :now"
        " order by id = :own desc, created_at desc, id",
        {"person_id": tx.actor.person_id, "own": tx.actor.session_id, "now": clock.now()},
    )
    return [
        SessionView(row.id, rules.device_name(row.user_agent), row.created_at, row.seen_at,
                    rules.shortened_network(row.address), row.zone, row.is_this)
        for row in rows
    ]  # fmt: skip


async def end_session(tx: Transaction, session_id: UUID) -> None:
    """Sign another browser of the actor's out at once, on every open page of it; one that has ended is as wished."""
    await _end(tx, session_id)


async def end_other_sessions(tx: Transaction) -> int:
    """Sign every other browser of the actor's out at once; return how many there were."""
    return await _end(tx, None)


async def end_sessions_of_passkey(tx: Transaction, passkey_id: UUID) -> None:
    """Sign out every other browser that a passkey signed in: who holds it may not be its owner any more."""
    given = {"id": passkey_id, "own": tx.actor.session_id, "now": clock.now()}
    for row in await tx.all(
        "update session set ended_at = :now where passkey_id = :id and id <> :own and ended_at is null returning id",
        given,
    ):
        await audit.record(tx, "access.end_session", patient_id=None, entity="Session", entity_id=row.id)


async def _end(tx: Transaction, session_id: UUID | None) -> int:
    given = {"id": session_id, "person_id": tx.actor.person_id, "own": tx.actor.session_id, "now": clock.now()}
    ended = await tx.all(_END, given)
    for row in ended:
        await audit.record(tx, "access.end_session", patient_id=None, entity="Session", entity_id=row.id)
    return len(ended)


async def require_fresh(tx: Transaction) -> None:
    """Go on only if the person signed in, or proved themself once more, minutes ago, by a passkey if they have one.

    A code by text message lets whoever owns a passkey in, and changes nothing about who else gets in.

    Raises:
        StepUpNeeded: if they must sign in once more.
    """
    row = await tx.first(
        "select greatest(case when not (s.is_by_text and exists (select from passkey p where p.person_id = s.person_id"
        " and p.flagged_at is null and p.vouched_at < s.created_at)) then s.created_at end, s.proved_at) > :since"
        " as is_recent, exists (select from passkey p"
        " where p.person_id = s.person_id and p.flagged_at is null and p.vouched_at is not null) as has_passkey"
        " from session s where s.id = :id",
        {"id": tx.actor.session_id, "since": clock.now() - rules.FRESH_LIFE},
    )
    if row is None or not row.is_recent or (row.has_passkey and tx.actor.assurance < 2) or await _came_unasked(tx):
        raise StepUpNeeded


async def _came_unasked(tx: Transaction) -> bool:
    """Tell whether single sign-on opened the session, and its owner has proved themself nowhere in the last minutes.

    Who walks past an unlocked screen comes in by a tap as long as the session at the provider lasts.
    """
    unasked: bool = await tx.scalar(
        "select exists (select from sign_on_session o join session s on s.id = o.session_id where s.id = :id"
        " and not coalesce(greatest(o.proved_there_at, s.proved_at) > :since, false))",
        {"id": tx.actor.session_id, "since": clock.now() - rules.FRESH_LIFE},
    )
    return unasked


async def end_sessions_of(tx: Transaction, person_id: UUID) -> None:
    """Sign somebody out everywhere, whoever holds the browsers; for jobs."""
    given = {"id": person_id, "now": clock.now()}
    for row in await tx.all(
        "update session set ended_at = :now where person_id = :id and ended_at is null returning id", given
    ):
        await audit.record(tx, "access.end_session", patient_id=None, entity="Session", entity_id=row.id)
