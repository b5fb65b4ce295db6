"""The link of a reminder: confirm or cancel one appointment without signing in.

A link is a random secret with a signature: the signature tells a made-up address from one of ours before the database
is asked, and the database keeps only the secret's hash. Opening it changes nothing, because programs that check mail
open every link in it; only the buttons of the page do.
"""

import secrets
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from portal_app.core import audit, clock
from portal_app.core.actor import Actor, Role
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import NotFound
from portal_app.features.booking import statements
from portal_app.features.booking.changing import cancel_appointment, undo_cancellation
from portal_app.features.booking.errors import AppointmentMovedOn
from portal_app.features.booking.reading import appointment
from portal_app.features.booking.reminders import signature_of
from portal_app.features.booking.views import AppointmentView

Answer = Literal["confirm", "cancel", "undo"]


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a link shows: one appointment as it stands now, and whether it still is at the time that was written."""

    appointment: AppointmentView
    is_same_time: bool


async def read_link(tx: Transaction, key: str) -> LinkView:
    """Return what a link is about; changes nothing but the trail of who looked.

    Raises:
        NotFound: if the link is not one of ours, has run out, or its reader may not see the appointment any more.
    """
    view, _ = await _open(tx, key)
    await audit.record(
        tx, "booking.read_link", patient_id=view.appointment.patient_id, entity="Appointment",
        entity_id=view.appointment.id,
    )  # fmt: skip
    return view


async def answer_link(tx: Transaction, key: str, answer: Answer) -> LinkView:
    """Confirm the one appointment of a link, cancel it, or take that back within the minute.

    Raises:
        NotFound: as `read_link`.
        AppointmentMovedOn: if it has another time by now, or is not booked any more.
        TooLateToCancel, UndoTooLate, UndoTimeTaken: as the same done on its page.
    """
    view, reminder_id = await _open(tx, key)
    if not view.is_same_time:
        raise AppointmentMovedOn
    now, one = clock.now(), view.appointment.id
    if answer == "cancel":
        changed = await cancel_appointment(tx, one)
        said = "cancelled"
    elif answer == "undo":
        changed = await undo_cancellation(tx, one)
        said = None
    else:
        if not await tx.execute(statements.CONFIRM, {"id": one, "now": now}):
            raise AppointmentMovedOn
        changed = await appointment(tx, one)
        said = "confirmed"
        await audit.record(tx, "booking.confirm", patient_id=changed.patient_id, entity="Appointment", entity_id=one)
    await tx.execute(statements.ANSWERED, {"id": reminder_id, "answer": said, "now": now if said else None})
    return LinkView(changed, is_same_time=True)


async def _open(tx: Transaction, key: str) -> tuple[LinkView, UUID]:
    """Act, until the transaction ends, as the person to whom the link was written, and read what it is about."""
    secret, _, signature = key.partition(".")
    if not secrets.compare_digest(signature_of(secret).encode(), signature.encode()):
        raise NotFound
    row = await tx.first(statements.BEGIN_AS_LINK, {"secret_hash": secret_hash(secret), "now": clock.now()})
    if row is None:
        raise NotFound
    # As whoever signs in: a person acts for one chart, at the weakest assurance there is.
    tx.actor = Actor(row.person_id, frozenset({Role.patient}), row.patient_id, None, 1, tx.actor.locale, "")
    found = await appointment(tx, row.appointment_id)
    return LinkView(found, is_same_time=found.starts_at == row.starts_at), row.reminder_id
