"""Keep an appointment private from whoever acts for the patient: a caregiver, a parent.

It is then confidential, which no caregiver's grant reaches: row-level security hides it from every list, page, file and
line of theirs. Only the patient can do it, and take it back.
"""

from typing import Final
from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.booking import policies

_STATE: Final = """
select public.decides_on_proxies(c.id, 'R') and c.confidentiality = 'N' as may_decide,
  exists (select from related_person r where r.patient_id = c.id and r.status in ('invited', 'active')) as is_shared,
  (select a.confidentiality <> 'N' from appointment a
   where a.id = cast(:id as uuid) and a.patient_id = c.id and a.status in ('booked', 'arrived')) as is_private
from patient c where c.id = :patient_id
"""
_SET: Final = """
update appointment a set confidentiality = :level
where a.id = :id and a.status in ('booked', 'arrived') and a.confidentiality <> 'V'
  and public.decides_on_proxies(a.patient_id, 'R')
"""


async def can_keep_private(tx: Transaction) -> bool:
    """Tell whether the actor's new appointments can be kept private from somebody."""
    row = await tx.first(_STATE, {"id": None, "patient_id": tx.actor.patient_id})
    return row is not None and row.may_decide and row.is_shared


async def is_private(tx: Transaction, appointment_id: UUID) -> bool | None:
    """Tell whether an appointment is kept private, or None where there is nobody to keep it from."""
    row = await tx.first(_STATE, {"id": appointment_id, "patient_id": tx.actor.patient_id})
    if row is None or not row.may_decide or row.is_private is None or not (row.is_shared or row.is_private):
        return None
    return bool(row.is_private)


async def keep_private(tx: Transaction, appointment_id: UUID) -> None:
    """Hide an appointment from whoever acts for the patient, on their open pages too.

    Raises:
        NotFound: if the actor has no such appointment ahead, or is not the patient.
    """
    await _set(tx, appointment_id, "R")
    await audit.record(
        tx, "booking.keep_private", patient_id=tx.actor.patient_id, entity="Appointment", entity_id=appointment_id
    )


async def show_again(tx: Transaction, appointment_id: UUID) -> None:
    """Show an appointment again to whoever acts for the patient. Raises NotFound as `keep_private`."""
    await _set(tx, appointment_id, "N")
    await audit.record(
        tx, "booking.show_again", patient_id=tx.actor.patient_id, entity="Appointment", entity_id=appointment_id
    )


async def _set(tx: Transaction, appointment_id: UUID, level: str) -> None:
    policy.require(tx.actor, policies.KEEP_PRIVATE.name)
    if await tx.execute(_SET, {"id": appointment_id, "level": level}) != 1:
        raise NotFound
