"""Background work after a visit is signed."""

from uuid import UUID

from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.notes import messages, statements
from portal_app.features.notify import service as notify
from portal_app.features.practice import service as practice


@job("notes.tell_summary", policy="notes.tell_summary")
async def tell_summary(tx: Transaction, appointment_id: str) -> None:
    """Leave a message with a link for everybody who may read the summary; it names nobody and no subject."""
    us = await practice.practice(tx)
    for person in await tx.all(statements.RECIPIENTS, {"id": UUID(appointment_id)}):
        line = await practice.phone_line(tx, "bookings", person.location_id)
        await notify.enqueue_message(
            tx, person.id, messages.SUMMARY_READY.name, f"summary:{appointment_id}:{person.id}",
            {"practice": us.name, "phone": line.number, "link": f"/appointments/{appointment_id}"},
            patient_id=person.patient_id,
        )  # fmt: skip
