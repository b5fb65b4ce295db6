"""The patient's way in: join, wait, come back to the same place."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.visits import policies, rules
from portal_app.features.visits.errors import NotByVideo, NotYetOpen, RoomLocked, VisitCalledOff, VisitOver
from portal_app.features.visits.rules import Moment, VisitStatus
from portal_app.features.visits.views import Place

_APPOINTMENT: Final = """
select a.id, a.patient_id, a.status, a.modality, a.starts_at, a.ends_at, l.phone
from appointment a join location l on l.id = a.location_id where a.id = :id and a.status <> 'pending'
"""
_ADD: Final = """
insert into visit (id, appointment_id, patient_id, confidentiality, practitioner_id, host_id, modality, status,
  opened_at)
select :visit_id, a.id, a.patient_id, a.confidentiality, a.practitioner_id, p.person_id, a.modality, 'planned', :now
from appointment a join practitioner p on p.id = a.practitioner_id where a.id = :id
on conflict (appointment_id) do nothing
"""
LOCK_VISIT: Final = """
select v.id, v.appointment_id, v.patient_id, v.confidentiality, v.practitioner_id, v.host_id, v.status, v.modality,
  v.is_locked, v.is_alone, v.started_at, v.waiting_since
from visit v where {by} = :id for update
"""
BY_APPOINTMENT: Final = LOCK_VISIT.format(by="v.appointment_id")
BY_ID: Final = LOCK_VISIT.format(by="v.id")
_ROLE: Final = """
select exists (select from access_grant g where g.grantee = actor_person() and g.patient_id = actor_patient()
                 and g.basis = 'self' and (g.valid_until is null or g.valid_until > now()))
"""
# Whoever had been let in comes straight back, wherever they went in between, unless the clinician is alone with the
# patient just now; everybody else waits.
_SIT: Final = """
insert into visit_participant (id, visit_id, patient_id, confidentiality, person_id, role, name, state, waiting_since)
values (:id, :visit_id, :patient_id, :confidentiality, :person_id, :role, :name, 'waiting', :now)
on conflict (visit_id, person_id) do update set
  state = case when visit_participant.state in ('admitted', 'in', 'waiting') then visit_participant.state
    when visit_participant.state = 'left' and visit_participant.admitted_at is not null and :is_open
      and not (:is_alone and excluded.role = 'caregiver') then 'admitted'
    else 'waiting' end,
  waiting_since = coalesce(visit_participant.waiting_since, excluded.waiting_since), name = excluded.name
returning id, state
"""
_HAS_PLACE: Final = """
select exists (select from visit_participant x where x.visit_id = :visit_id and x.person_id = actor_person()
                 and x.admitted_at is not null and x.state <> 'removed')
"""
_WAITS: Final = """
update visit set status = 'waiting', waiting_since = coalesce(waiting_since, :now), wants_call_at = null
where id = :id and status = 'planned'
"""


async def ensure_visit(tx: Transaction, appointment_id: UUID) -> Any:
    """Return the locked row of an appointment's visit, made now if this is the first that needs it.

    Raises:
        NotFound: if the actor has no such appointment.
        VisitCalledOff: if the appointment was cancelled, or nobody came to it.
    """
    found = await tx.first(_APPOINTMENT, {"id": appointment_id})
    if found is None:
        raise NotFound
    if found.status in ("cancelled", "noshow"):
        raise VisitCalledOff(found.phone)
    visit = await tx.first(BY_APPOINTMENT, {"id": appointment_id})
    if visit is None:
        await tx.execute(_ADD, {"id": appointment_id, "visit_id": uuid4(), "now": clock.now()})
        visit = await tx.first(BY_APPOINTMENT, {"id": appointment_id})
    if visit is None:
        raise NotFound
    return visit


async def join(tx: Transaction, appointment_id: UUID) -> Place:
    """Come into the waiting room of a video visit, or back to the place one had; doing it again changes nothing.

    Raises:
        NotFound: if the actor has no such appointment.
        NotByVideo: if there is nothing to join.
        NotYetOpen: with the moment from which on it can be joined.
        VisitOver, VisitCalledOff: with the location's phone number.
        RoomLocked: if somebody who acts for the patient comes late into a locked room.
    """
    policy.require(tx.actor, policies.JOIN.name)
    found: Any = await tx.first(_APPOINTMENT, {"id": appointment_id})
    if found is None:
        raise NotFound
    now = clock.now()
    _check(found, now, has_begun=True)
    visit = await ensure_visit(tx, appointment_id)
    if visit.status == VisitStatus.cancelled:
        raise VisitCalledOff(found.phone)
    _check(found, now, has_begun=visit.status == VisitStatus.in_progress)
    if visit.status == VisitStatus.finished:
        raise VisitOver(found.phone)
    place = await _sit(tx, visit, now)
    if visit.status == VisitStatus.planned:
        await tx.execute(_WAITS, {"id": visit.id, "now": now})
        await audit.record(tx, "visits.join", patient_id=visit.patient_id, entity="Encounter", entity_id=visit.id)
    status = VisitStatus.waiting if visit.status == VisitStatus.planned else visit.status
    return Place(visit.id, place.id, place.state, status)


def _check(found: Any, now: datetime, *, has_begun: bool) -> None:
    if found.status in ("cancelled", "noshow"):
        raise VisitCalledOff(found.phone)
    if found.modality != "video":
        raise NotByVideo
    when = rules.moment(found.starts_at, found.ends_at, now)
    if when is Moment.early:
        raise NotYetOpen(found.starts_at - rules.JOIN_BEFORE)
    if found.status == "fulfilled" or (when is Moment.over and not has_begun):
        raise VisitOver(found.phone)


async def _sit(tx: Transaction, visit: Any, now: datetime) -> Any:
    is_patient = bool(await tx.scalar(_ROLE))
    if visit.is_locked and not is_patient and not await tx.scalar(_HAS_PLACE, {"visit_id": visit.id}):
        raise RoomLocked
    params = {
        "id": uuid4(), "visit_id": visit.id, "patient_id": visit.patient_id, "confidentiality": visit.confidentiality,
        "person_id": tx.actor.person_id, "role": "patient" if is_patient else "caregiver",
        "name": tx.actor.display_name, "now": now, "is_open": not visit.is_locked,
        "is_alone": visit.is_alone,
    }  # fmt: skip
    return await tx.one(_SIT, params)
