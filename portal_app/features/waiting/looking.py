"""Write down that somebody else looked at what a patient waits for."""

from uuid import UUID

from portal_app.core import audit
from portal_app.core.db import Transaction


async def record_look(tx: Transaction, patient_id: UUID | None = None) -> None:
    """Record a look at wishes, offers and requests of a chart: of the one acted for, if none is named."""
    chart = patient_id or tx.actor.patient_id
    await audit.record_view(tx, "waiting.view", patient_id=chart, entity="WaitlistEntry", entity_id=None)
