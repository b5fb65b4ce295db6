"""What the host of a visit does: open the room, let in, take out, lock, begin, end."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.booking import service as booking
from portal_app.features.visits import policies, rules
from portal_app.features.visits.errors import (
    AloneWithPatient,
    PatientHasNotAgreed,
    VisitCalledOff,
    VisitNotBegun,
    VisitOver,
)
from portal_app.features.visits.joining import BY_ID, ensure_visit
from portal_app.features.visits.rules import VisitStatus
from portal_app.features.visits.views import EndedVisit

_NAME: Final = """
select coalesce((select trim(p.title || ' ' || p.name) from practitioner p where p.person_id = actor_person()), :name)
"""
_SIT: Final = """
insert into visit_participant (id, visit_id, patient_id, confidentiality, person_id, role, name, state, admitted_at)
values (:id, :visit_id, :patient_id, :confidentiality, :person_id, 'clinician', :name, 'admitted', :now)
on conflict (visit_id, person_id) do update set state = 'admitted', admitted_at = excluded.admitted_at
  where visit_participant.state not in ('admitted', 'in')
"""
_PARTICIPANT: Final = """
select x.id, x.visit_id, x.role, x.state, x.person_id, x.redeemed_at, x.agreed_by_patient_at
from visit_participant x where x.id = :id and x.visit_id = :visit_id for update
"""
_ADMIT: Final = """
update visit_participant set state = 'admitted', admitted_at = :now where id = :id
"""
_REMOVE: Final = """
update visit_participant set state = 'removed', left_at = :now, admitted_at = null,
  link_expires_at = least(link_expires_at, :now), secret_expires_at = least(secret_expires_at, :now)
where id = :id and visit_id = :visit_id and role <> 'clinician' and state <> 'removed'
"""
_BEGIN: Final = """
update visit set status = 'in_progress', started_at = coalesce(started_at, :now), modality = :modality
where id = :id and status in ('planned', 'waiting')
"""
_END: Final = """
update visit set status = 'finished', ended_at = :now, ended_by = actor_person(), modality = :modality where id = :id
"""
_ALL_LEAVE: Final = """
update visit_participant set state = case when state in ('removed', 'invited') then state else 'left' end,
  left_at = coalesce(left_at, :now), link_expires_at = least(link_expires_at, :now),
  secret_expires_at = least(secret_expires_at, :now)
where visit_id = :id
"""

Follower = Callable[[Transaction, EndedVisit], Awaitable[None]]

_followers: list[Follower] = []


def when_ended(follower: Follower) -> Follower:
    """Have a function called with each visit that ends, in the transaction that ends it."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


async def open_room(tx: Transaction, appointment_id: UUID) -> UUID:
    """Open an appointment's room as its host and return the visit's id; doing it again changes nothing.

    Raises:
        NotFound: if the actor has no such appointment.
        VisitCalledOff: if it was cancelled.
    """
    policy.require(tx.actor, policies.HOST.name)
    visit = await ensure_visit(tx, appointment_id)
    if visit.status not in (VisitStatus.finished, VisitStatus.cancelled):
        await _host(tx, visit)
    await audit.record(tx, "visits.open", patient_id=visit.patient_id, entity="Encounter", entity_id=visit.id)
    opened: UUID = visit.id
    return opened


async def admit(tx: Transaction, visit_id: UUID, participant_id: UUID) -> None:
    """Let somebody who waits into the room; with the patient, or who acts for them, the visit begins.

    Letting in whoever is in already changes nothing.

    Raises:
        NotFound: if the actor sees no such visit or participant.
        PatientHasNotAgreed: if somebody invited was not agreed to.
        AloneWithPatient: if they came along, and the host is alone with the patient.
        VisitNotBegun: if they do not wait any more.
        VisitOver, VisitCalledOff: if it has ended, or was cancelled or moved, perhaps a moment ago.
    """
    policy.require(tx.actor, policies.HOST.name)
    visit, now = await _open(tx, visit_id), clock.now()
    found: Any = await tx.first(_PARTICIPANT, {"id": participant_id, "visit_id": visit_id})
    if found is None:
        raise NotFound
    if found.state in ("admitted", "in"):
        return
    if found.state != "waiting":
        raise VisitNotBegun
    if found.person_id is None and found.agreed_by_patient_at is None:
        raise PatientHasNotAgreed
    if visit.is_alone and found.role in ("caregiver", "family"):
        raise AloneWithPatient
    await _host(tx, visit)
    await tx.execute(_ADMIT, {"id": participant_id, "now": now})
    if found.role in ("patient", "caregiver"):
        await _begin(tx, visit, visit.modality, now)
    await _record(tx, "visits.admit", visit, role=found.role)


async def begin(tx: Transaction, visit_id: UUID, modality: str | None = None) -> None:
    """Begin a visit without a room: in person, or by telephone; once begun, only its modality changes.

    Raises:
        NotFound, VisitOver, VisitCalledOff: as `admit`.
        VisitNotBegun: for a modality there is none of.
    """
    policy.require(tx.actor, policies.HOST.name)
    if modality not in (None, "video", "audio", "phone", "in_person"):
        raise VisitNotBegun
    visit = await _open(tx, visit_id)
    await _host(tx, visit)
    if visit.status == VisitStatus.in_progress:
        await tx.execute(
            "update visit set modality = :modality where id = :id",
            {"id": visit.id, "modality": modality or visit.modality},
        )
    else:
        await _begin(tx, visit, modality or visit.modality, clock.now())
    await _record(tx, "visits.begin", visit)


async def remove(tx: Transaction, visit_id: UUID, participant_id: UUID) -> None:
    """Take somebody out of the room; a guest's link and room are void, a person may ask again by joining.

    Raises:
        NotFound: if the actor sees no such visit, or nobody there who can be taken out.
    """
    policy.require(tx.actor, policies.HOST.name)
    visit = await _lock(tx, visit_id)
    if not await tx.execute(_REMOVE, {"id": participant_id, "visit_id": visit_id, "now": clock.now()}):
        raise NotFound
    await _record(tx, "visits.remove", visit)


async def lock(tx: Transaction, visit_id: UUID, *, is_locked: bool) -> None:
    """Let nobody new into the room but the patient, or open it again. Raises as `admit`."""
    policy.require(tx.actor, policies.HOST.name)
    visit = await _open(tx, visit_id)
    await tx.execute("update visit set is_locked = :is_locked where id = :id", {"id": visit.id, "is_locked": is_locked})
    await _record(tx, "visits.lock" if is_locked else "visits.unlock", visit)


async def end_for_all(tx: Transaction, visit_id: UUID, modality: str | None = None) -> EndedVisit:
    """End a visit: everybody is out, every link and room key is void, the appointment is kept as fulfilled.

    `modality` says how it ended up being, where that differs: "audio" when the picture never came. Ending what has
    ended changes nothing.

    Raises:
        NotFound, VisitCalledOff: as `admit`.
        VisitNotBegun: if it has not begun.
    """
    policy.require(tx.actor, policies.HOST.name)
    visit, now = await _lock(tx, visit_id), clock.now()
    if visit.status == VisitStatus.finished:
        return await _ended(tx, visit_id)
    if not rules.can_become(VisitStatus(visit.status), VisitStatus.finished):
        raise VisitNotBegun
    await tx.execute(_END, {"id": visit_id, "now": now, "modality": modality or visit.modality})
    await tx.execute(_ALL_LEAVE, {"id": visit_id, "now": now})
    await _keep_appointment(tx, visit.appointment_id)
    await _record(tx, "visits.end", visit)
    ended = await _ended(tx, visit_id)
    for follower in _followers:
        await follower(tx, ended)
    return ended


async def _keep_appointment(tx: Transaction, appointment_id: UUID) -> None:
    was = await tx.scalar("select status from appointment where id = :id", {"id": appointment_id})
    if was == "booked":
        await booking.mark_arrived(tx, appointment_id)
    if was in ("booked", "arrived"):
        await booking.mark_fulfilled(tx, appointment_id)


async def _ended(tx: Transaction, visit_id: UUID) -> EndedVisit:
    row = await tx.one(
        "select id, appointment_id, patient_id, practitioner_id, modality, started_at, ended_at from visit"
        " where id = :id",
        {"id": visit_id},
    )
    return EndedVisit(**row._asdict())


async def _lock(tx: Transaction, visit_id: UUID) -> Any:
    visit = await tx.first(BY_ID, {"id": visit_id})
    if visit is None:
        raise NotFound
    return visit


async def _open(tx: Transaction, visit_id: UUID) -> Any:
    visit = await _lock(tx, visit_id)
    if visit.status == VisitStatus.finished:
        raise VisitOver
    if visit.status == VisitStatus.cancelled:
        raise VisitCalledOff
    return visit


async def _host(tx: Transaction, visit: Any) -> None:
    name = await tx.scalar(_NAME, {"name": tx.actor.display_name})
    params = {
        "id": uuid4(), "visit_id": visit.id, "patient_id": visit.patient_id, "confidentiality": visit.confidentiality,
        "person_id": tx.actor.person_id, "name": name, "now": clock.now(),
    }  # fmt: skip
    await tx.execute(_SIT, params)


async def _begin(tx: Transaction, visit: Any, modality: str, now: datetime) -> None:
    await tx.execute(_BEGIN, {"id": visit.id, "now": now, "modality": modality})


async def _record(tx: Transaction, action: str, visit: Any, **detail: str) -> None:
    await audit.record(tx, action, patient_id=visit.patient_id, entity="Encounter", entity_id=visit.id, detail=detail)
