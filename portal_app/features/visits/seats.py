"""Places in a room: who has one, which tab holds it, and giving it up."""

from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.visits import policies
from portal_app.features.visits.errors import NotInRoom, SeatTakenElsewhere
from portal_app.features.visits.views import Present, Seat

_OWN: Final = """
select v.status, v.patient_id, v.is_alone,
  v.is_through_hub or exists (select from practice p where p.video_path = 'hub') as is_through_hub,
  x.id, x.role, x.name, x.state, x.person_id,
  x.connection_id, x.person_id is not null and x.role = 'clinician' as is_host
from visit v join visit_participant x on x.visit_id = v.id
where v.id = :visit_id and (x.person_id = actor_person() or x.id = actor_guest())
"""
_OWN_ANY: Final = """
select x.id, x.person_id, x.patient_id, x.role, x.connection_id from visit_participant x
where x.visit_id = :visit_id and (x.person_id = actor_person() or x.id = actor_guest())
"""
_OTHERS: Final = """
select x.id as participant_id, x.role, x.name, x.person_id is not null and x.role = 'clinician' as is_host,
  x.state = 'in' as is_connected
from visit_participant x where x.visit_id = :visit_id and x.state in ('admitted', 'in') and x.id <> :id
order by x.admitted_at, x.id
"""
_TAKES_OVER: Final = """
select trim(p.title || ' ' || p.name) from visit v join practitioner p on p.id = v.practitioner_id
where v.id = :visit_id and v.status = 'in_progress'
  and exists (select from visit_participant x where x.visit_id = v.id and x.role = 'clinician'
                and x.person_id <> v.host_id)
  and not exists (select from visit_participant x where x.visit_id = v.id and x.person_id = v.host_id
                    and x.state in ('admitted', 'in'))
"""
_HANDED_TO: Final = """
select trim(p.title || ' ' || p.name) from visit v join practitioner p on p.id = v.practitioner_id
where v.appointment_id = :appointment_id and v.status in ('planned', 'waiting', 'in_progress')
  and v.host_id <> actor_person()
  and exists (select from visit_participant x where x.visit_id = v.id and x.person_id = actor_person()
                and x.role = 'clinician' and x.state = 'left')
"""
_TAKE: Final = """
update visit_participant set state = 'in', connection_id = :connection_id, seen_at = :now
where id = :id and state in ('admitted', 'in')
"""
_ELSEWHERE: Final = """
update visit_participant set state = 'left', left_at = :now
where person_id = actor_person() and visit_id <> :visit_id and state = 'in'
"""
_LEAVE: Final = """
update visit_participant set state = 'left', left_at = :now
where id = :id and state in ('waiting', 'admitted', 'in') returning state
"""
_STOPS_WAITING: Final = """
update visit set status = 'planned', waiting_since = null where id = :visit_id and status = 'waiting'
  and not exists (select from visit_participant x where x.visit_id = visit.id and x.state = 'waiting'
                    and x.role in ('patient', 'caregiver'))
"""
_PRESENT: Final = frozenset({"admitted", "in"})


async def seat(tx: Transaction, visit_id: UUID, connection_id: UUID | None = None) -> Seat:
    """Return the actor's place in a room; whoever has none may neither send, hear nor read anything of it.

    Asked on every message of a room's socket. With a `connection_id`, only the newest tab has the place.

    Raises:
        NotInRoom: unless the actor has been let in and the visit is open, or they host it.
        SeatTakenElsewhere: if a newer tab has taken over.
    """
    policy.require(tx.actor, policies.ROOM.name)
    own = await _own(tx, visit_id)
    if connection_id is not None and own.connection_id != connection_id:
        raise SeatTakenElsewhere
    return await _seat(tx, visit_id, own)


async def takes_over(tx: Transaction, visit_id: UUID) -> str:
    """Return who has been given a visit that goes on and is not in its room yet, for those who are; else "".

    Guests, who know nobody of the practice but who is in the room, always get "".
    """
    policy.require(tx.actor, policies.ROOM.name)
    await _own(tx, visit_id)
    return str(await tx.scalar(_TAKES_OVER, {"visit_id": visit_id}) or "")


async def handed_to(tx: Transaction, appointment_id: UUID) -> str:
    """Return who has a visit that the actor was in as a clinician and has left, once it is a colleague's; else ""."""
    policy.require(tx.actor, policies.HOST.name)
    return str(await tx.scalar(_HANDED_TO, {"appointment_id": appointment_id}) or "")


async def take_seat(tx: Transaction, visit_id: UUID, connection_id: UUID) -> Seat:
    """Sit down with a new tab: from now on it alone has the actor's place, in this room and in no other.

    Raises:
        NotInRoom: as `seat`.
    """
    policy.require(tx.actor, policies.ROOM.name)
    own, now = await _own(tx, visit_id), clock.now()
    if not await tx.execute(_TAKE, {"id": own.id, "connection_id": connection_id, "now": now}):
        raise NotInRoom  # taken out since
    if own.person_id is not None:
        await tx.execute(_ELSEWHERE, {"visit_id": visit_id, "now": now})
    if own.state != "in":
        await _record(tx, "visits.enter", own.patient_id, visit_id, own.role)
    return await seat(tx, visit_id, connection_id)


async def leave(tx: Transaction, visit_id: UUID, connection_id: UUID | None = None) -> None:
    """Go out of a room or stop waiting; the way back stays open. An older tab's leaving changes nothing.

    Raises:
        NotFound: if the actor has nothing to do with this visit.
    """
    policy.require(tx.actor, policies.ROOM.name)
    own = await tx.first(_OWN_ANY, {"visit_id": visit_id})
    if own is None:
        raise NotFound
    if connection_id is not None and own.connection_id != connection_id:
        return
    if await tx.first(_LEAVE, {"id": own.id, "now": clock.now()}) is not None:
        if own.person_id is not None:
            await tx.execute(_STOPS_WAITING, {"visit_id": visit_id})
        await _record(tx, "visits.leave", own.patient_id, visit_id, own.role)


async def _own(tx: Transaction, visit_id: UUID) -> Any:
    own = await tx.first(_OWN, {"visit_id": visit_id})
    if own is None or own.state not in _PRESENT or own.status in ("finished", "cancelled"):
        raise NotInRoom
    if own.status != "in_progress" and not own.is_host:
        raise NotInRoom
    return own


async def _seat(tx: Transaction, visit_id: UUID, own: Any) -> Seat:
    others = await tx.all(_OTHERS, {"visit_id": visit_id, "id": own.id})
    return Seat(
        visit_id, own.id, own.role, own.name, own.is_host, own.status == "in_progress", own.is_through_hub,
        own.is_alone, own.connection_id, own.patient_id, tuple(Present(**row._asdict()) for row in others),
    )  # fmt: skip


async def _record(tx: Transaction, action: str, patient_id: UUID, visit_id: UUID, role: str) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="Encounter", entity_id=visit_id, detail={"role": role})
