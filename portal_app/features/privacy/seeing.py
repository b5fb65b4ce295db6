"""See what a patient sees, to help them on the telephone: a look that changes nothing, recorded and in their trail."""

from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.features.privacy import policies


async def see_as_patient(tx: Transaction, patient_id: UUID) -> None:
    """Note that the actor sees the portal as this patient does; what they see is asked of its own services."""
    policy.require(tx.actor, policies.SEE.name)
    await audit.record(tx, "privacy.see_as_patient", patient_id=patient_id, entity="Patient", entity_id=patient_id)
