"""What a device check found, kept for whoever lets somebody in: the patient, or a guest."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.visits import policies, rules
from portal_app.features.visits.joining import ensure_visit
from portal_app.features.visits.views import DeviceCheck

_GUEST: Final = """
select x.visit_id, x.patient_id, x.confidentiality from visit_participant x where x.id = actor_guest()
"""
_CHECKED_AT: Final = """
select x.checked_at from visit_device_check x join visit v on v.id = x.visit_id
where v.appointment_id = :id and x.checked_by = actor_person()
"""
_KEEP: Final = """
insert into visit_device_check (id, visit_id, patient_id, confidentiality, checked_by, checked_at, camera, microphone,
  speaker, round_trip_ms, loss_percent, down_kbit, up_kbit)
values (:id, :visit_id, :patient_id, :confidentiality, :person_id, :now, :camera, :microphone, :speaker,
  :round_trip_ms, :loss_percent, :down_kbit, :up_kbit)
on conflict (visit_id, checked_by) do update set checked_at = excluded.checked_at, camera = excluded.camera,
  microphone = excluded.microphone, speaker = excluded.speaker, round_trip_ms = excluded.round_trip_ms,
  loss_percent = excluded.loss_percent, down_kbit = excluded.down_kbit, up_kbit = excluded.up_kbit
"""


async def keep_check(tx: Transaction, appointment_id: UUID, check: DeviceCheck) -> None:
    """Keep the result of the actor's device check; a newer one replaces it.

    Raises:
        NotFound, VisitCalledOff: as `joining.ensure_visit`.
        InputRefused: if it says what no device check says.
    """
    policy.require(tx.actor, policies.JOIN.name)
    _require_possible(check)
    visit = await ensure_visit(tx, appointment_id)
    await _keep(tx, visit.id, visit, check)
    await audit.record(tx, "visits.check", patient_id=visit.patient_id, entity="Encounter", entity_id=visit.id)


async def checked_devices_at(tx: Transaction, appointment_id: UUID) -> datetime | None:
    """Return when the actor last tried camera and microphone for a visit, None where they have not."""
    policy.require(tx.actor, policies.VIEW.name)
    at: datetime | None = await tx.scalar(_CHECKED_AT, {"id": appointment_id})
    return at


async def keep_guest_check(tx: Transaction, check: DeviceCheck) -> None:
    """Keep the result of a guest's device check, beside their own place in the visit.

    Raises:
        NotFound: if whoever acts is no guest.
        InputRefused: as `keep_check`.
    """
    policy.require(tx.actor, policies.ROOM.name)
    _require_possible(check)
    own: Any = await tx.first(_GUEST)
    if own is None:
        raise NotFound
    await _keep(tx, own.visit_id, own, check)
    await audit.record(tx, "visits.check", patient_id=own.patient_id, entity="Encounter", entity_id=own.visit_id)


def _require_possible(check: DeviceCheck) -> None:
    if not rules.is_possible_check(check.camera, check.microphone, check.speaker, check.numbers()):
        raise InputRefused("check", N_("The check did not finish. Try it again, or skip it."))


async def _keep(tx: Transaction, visit_id: UUID, owner: Any, check: DeviceCheck) -> None:
    params = {
        "id": uuid4(), "visit_id": visit_id, "patient_id": owner.patient_id, "confidentiality": owner.confidentiality,
        "person_id": tx.actor.person_id, "now": clock.now(),
    }  # fmt: skip
    await tx.execute(_KEEP, params | asdict(check))
