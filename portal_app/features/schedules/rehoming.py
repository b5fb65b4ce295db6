"""Find another time for an appointment that cannot be kept: move it, ask by mail, or call."""

from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.jobs import enqueue
from portal_app.features.booking import service as booking
from portal_app.features.schedules import jobs, policies
from portal_app.features.schedules.impact import is_outside
from portal_app.features.schedules.views import DisplacedVisit
from portal_app.features.tasks import service as tasks

_ONE: Final = """
select a.id, a.patient_id, said_name(c.given_name, c.called) || ' ' || c.family_name as patient, c.language,
  a.starts_at, l.zone, a.modality,
  p.name as practitioner_name, l.name as location_name, v.names, a.sequence, a.status, a.slot_id, o.offered_at,
  a.practitioner_id, a.location_id, a.visit_type_id,
  exists (select from slot s where s.id = a.slot_id and s.is_overbooked) as is_overbooked
from appointment a join patient c on c.id = a.patient_id join practitioner p on p.id = a.practitioner_id
  join location l on l.id = a.location_id join visit_type v on v.id = a.visit_type_id
  left join displaced_offer o on o.appointment_id = a.id and o.starts_at = a.starts_at
where a.id = :id and a.status <> 'pending'
"""
_OFFER: Final = """
insert into displaced_offer (appointment_id, patient_id, confidentiality, starts_at, offered_by, offered_at)
select a.id, a.patient_id, a.confidentiality, a.starts_at, :person_id, :now from appointment a where a.id = :id
on conflict (appointment_id) do update
  set starts_at = excluded.starts_at, offered_by = excluded.offered_by, offered_at = excluded.offered_at
"""


async def displaced_visit(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> DisplacedVisit:
    """Return an appointment of the work list and the nearest times it could have; that it was looked at is recorded.

    Raises:
        NotFound: if the actor may not see it.
    """
    policy.require(tx.actor, policies.REHOME.name)
    row = await _one(tx, appointment_id)
    outside = bool(row.slot_id) and await is_outside(tx, row.slot_id)
    alternatives = await booking.nearest_times(tx, _wish(row)) if row.status == "booked" else ()
    if not is_repeated:
        await audit.record(tx, "schedules.view_hit", patient_id=row.patient_id, entity="Appointment", entity_id=row.id)
    return DisplacedVisit(
        row.id, row.patient_id, row.patient, row.language, row.starts_at, row.zone, row.modality,
        row.practitioner_name, row.location_name, row.names, row.sequence, row.status, outside, row.offered_at,
        alternatives, row.is_overbooked,
    )  # fmt: skip


async def offer_other_times(tx: Transaction, appointment_id: UUID) -> None:
    """Ask the patient by mail to choose another time; asking again for the same time sends nothing more.

    Raises:
        NotFound: if the actor may not see it.
        AppointmentMovedOn: if it is no longer booked.
    """
    policy.require(tx.actor, policies.REHOME.name)
    row = await _one(tx, appointment_id)
    if row.status != "booked":
        raise booking.AppointmentMovedOn
    await tx.execute(_OFFER, {"id": appointment_id, "person_id": tx.actor.person_id, "now": clock.now()})
    await audit.record(tx, "schedules.offer", patient_id=row.patient_id, entity="Appointment", entity_id=row.id)
    await enqueue(tx, jobs.offer_other_times, appointment_id=appointment_id)


async def mark_called(tx: Transaction, appointment_id: UUID) -> None:
    """Say that the patient was called and it is settled; the appointment leaves the work list.

    Raises:
        NotFound: if the actor may not see it.
    """
    policy.require(tx.actor, policies.REHOME.name)
    await _one(tx, appointment_id)
    await tasks.close_task(tx, jobs.LEAVE, appointment_id, "called")


async def _one(tx: Transaction, appointment_id: UUID) -> Any:
    row = await tx.first(_ONE, {"id": appointment_id})
    if row is None:
        raise NotFound
    return row


def _wish(row: Any) -> booking.BookingRequest:
    return booking.BookingRequest(
        row.visit_type_id, row.practitioner_id, row.location_id, row.modality, row.starts_at, uuid4()
    )
