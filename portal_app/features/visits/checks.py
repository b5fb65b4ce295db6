"""What a device check found, kept for whoever lets the patient in."""

from dataclasses import asdict
from typing import Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.visits import policies, rules
from portal_app.features.visits.joining import ensure_visit
from portal_app.features.visits.views import DeviceCheck

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
    if not rules.is_possible_check(check.camera, check.microphone, check.speaker, check.numbers()):
        raise InputRefused("check", N_("The check did not finish. Try it again, or skip it."))
    visit = await ensure_visit(tx, appointment_id)
    params = {
        "id": uuid4(), "visit_id": visit.id, "patient_id": visit.patient_id, "confidentiality": visit.confidentiality,
        "person_id": tx.actor.person_id, "now": clock.now(),
    }  # fmt: skip
    await tx.execute(_KEEP, params | asdict(check))
    await audit.record(tx, "visits.check", patient_id=visit.patient_id, entity="Encounter", entity_id=visit.id)
