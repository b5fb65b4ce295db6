"""Times in which a practitioner sees nobody, and the rooms of visits."""

from datetime import datetime
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import scalar_row

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.booking import policies, statements
from portal_app.features.booking.errors import RoomTaken, TimeOccupied
from portal_app.features.booking.freed import freed

BLOCK_REASON_MAX = 200

_BLOCK = """
insert into slot (id, practitioner_id, location_id, starts_at, ends_at, status)
select %(slot_id)s, %(practitioner_id)s, w.location_id, %(starts_at)s, %(ends_at)s, 'busy-unavailable'
from practitioner_location w where w.practitioner_id = %(practitioner_id)s
order by w.location_id limit 1 on conflict do nothing returning id
"""


async def block_time(
    tx: Transaction, practitioner_id: UUID, starts_at: datetime, ends_at: datetime, reason: str = ""
) -> UUID:
    """Keep a time of a practitioner free of visits, and return its id. The reason is seen by staff alone.

    Raises:
        TimeOccupied: if somebody is booked or just booking then; nothing was blocked.
        InputRefused: if the time is past or longer than a day, or the reason too long.
    """
    policy.require(tx.actor, policies.BLOCK.name)
    if len(reason) > BLOCK_REASON_MAX:
        raise InputRefused("reason", N_("Say it in 200 characters or fewer."))
    if ends_at <= clock.now() or (ends_at - starts_at).days >= 1:
        raise InputRefused("until", N_("Choose a time still to come, of a day at most."))
    block_id, slot_id = uuid4(), uuid4()
    params = {"slot_id": slot_id, "practitioner_id": practitioner_id, "starts_at": starts_at, "ends_at": ends_at}
    await tx.execute(statements.CLEAR_LAPSED, params | {"now": clock.now()})
    if not await fetch(tx, _BLOCK, params, scalar_row):
        raise TimeOccupied
    await tx.execute(
        "insert into blocked_time (id, slot_id, reason, created_by, created_at)"
        " values (:id, :slot_id, :reason, :person_id, :now)",
        {"id": block_id, "slot_id": slot_id, "reason": reason.strip(), "person_id": tx.actor.person_id,
         "now": clock.now()},
    )  # fmt: skip
    await audit.record(tx, "booking.block", patient_id=None, entity="Slot", entity_id=slot_id)
    return slot_id


async def unblock_time(tx: Transaction, slot_id: UUID) -> None:
    """Free a blocked time; whoever waits for one is asked. Freeing what is free changes nothing."""
    policy.require(tx.actor, policies.BLOCK.name)
    was = await tx.first(
        "delete from slot where id = :id and status = 'busy-unavailable'"
        " returning practitioner_id, location_id, starts_at, ends_at",
        {"id": slot_id},
    )
    if was is not None:
        await freed(tx, was.practitioner_id, was.location_id, was.starts_at, was.ends_at)
        await audit.record(tx, "booking.unblock", patient_id=None, entity="Slot", entity_id=slot_id)


async def give_room(tx: Transaction, appointment_id: UUID, room_id: UUID | None) -> None:
    """Give a visit a room of its place, or none.

    Raises:
        NotFound: if the actor may not see the appointment, or its place has no such room.
        RoomTaken: if another visit has the room then.
    """
    policy.require(tx.actor, policies.CHANGE_DAY.name)
    found = await tx.first(statements.LOCK_APPOINTMENT, {"id": appointment_id})
    if found is None:
        raise NotFound
    update = (
        "update appointment a set room_id = %(room_id)s where a.id = %(id)s and (%(room_id)s::uuid is null or exists"
        " (select from room r where r.id = %(room_id)s and r.location_id = a.location_id)) returning a.id"
    )
    try:
        changed = await fetch(tx, update, {"id": appointment_id, "room_id": room_id}, scalar_row)
    except psycopg.errors.ExclusionViolation as error:
        raise RoomTaken from error
    if not changed:
        raise NotFound
    await audit.record(
        tx, "booking.give_room", patient_id=found.patient_id, entity="Appointment", entity_id=appointment_id
    )
