"""Find a time, hold it while confirming, book it, cancel it, and keep the day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.jobs import enqueue
from portal_app.features.booking import jobs, policies, rules, statements
from portal_app.features.booking.calendar import calendar_file
from portal_app.features.booking.day import day, mark_arrived, mark_fulfilled, mark_noshow, undo_arrival
from portal_app.features.booking.errors import AppointmentMovedOn, HoldLapsed, TooLateToCancel
from portal_app.features.booking.freed import FreedTime, follow, freed
from portal_app.features.booking.reading import appointment, as_view
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.booking.search import find_days, find_soonest, find_times
from portal_app.features.booking.taking import take_time
from portal_app.features.booking.views import AppointmentView, BookingRequest

__all__ = [
    "FreedTime", "appointment", "book_appointment", "calendar_file", "cancel_appointment", "day", "extend_hold",
    "find_days", "find_soonest", "find_times", "follow", "freed", "hold_time", "mark_arrived", "mark_fulfilled",
    "mark_noshow", "my_appointments", "release_hold", "undo_arrival",
]  # fmt: skip


async def hold_time(tx: Transaction, request: BookingRequest) -> AppointmentView:
    """Keep a time for the patient while they confirm; the view's `held_until` says how long.

    A patient holds one time: an earlier hold is let go. With a key that was booked before, returns that appointment.

    Raises:
        SlotAlreadyTaken, TimeNotOffered: with alternatives; nothing was written.
        PatientElsewhere: if the patient has an appointment then.
        InputRefused: if the reason cannot be taken.
    """
    policy.require(tx.actor, policies.HOLD.name)
    taken, _ = await take_time(tx, request, held_until=rules.held_until(clock.now()))
    return taken


async def book_appointment(tx: Transaction, request: BookingRequest) -> AppointmentView:
    """Book a time, held before or not. The same key returns the same appointment, however often it is sent.

    Nothing from the page is trusted: that the time is open, free, not past and the patient's to take is decided
    here again. Records the booking and has the confirmation sent, in the caller's transaction.

    Raises:
        SlotAlreadyTaken, TimeNotOffered: with alternatives; nothing was written.
        PatientElsewhere: if the patient has an appointment then.
        InputRefused: if the reason cannot be taken.
    """
    policy.require(tx.actor, policies.BOOK.name)
    booked, verdict = await take_time(tx, request, held_until=None)
    if verdict != "done":
        await audit.record(tx, "booking.book", patient_id=booked.patient_id, entity="Appointment", entity_id=booked.id)
        await enqueue(tx, jobs.confirm_booking, appointment_id=booked.id)
    return booked


async def extend_hold(tx: Transaction, appointment_id: UUID) -> datetime:
    """Keep a held time five minutes from now, twenty in all; return until when.

    Works after the hold has lapsed too, as long as nobody else took the time.

    Raises:
        HoldLapsed: if the time is no longer the patient's, or the twenty minutes are over.
    """
    policy.require(tx.actor, policies.HOLD.name)
    now = clock.now()
    hold = await tx.first(statements.LOCK_HOLD, {"id": appointment_id, "patient_id": tx.actor.patient_id})
    until = rules.extended_until(hold.created_at, now) if hold else now
    if hold is None or until <= now:
        raise HoldLapsed
    await tx.execute(statements.EXTEND_HOLD, {"slot_id": hold.slot_id, "held_until": until})
    return until


async def release_hold(tx: Transaction, appointment_id: UUID) -> None:
    """Let a held time go; nothing happens if it was not held any more."""
    policy.require(tx.actor, policies.HOLD.name)
    await tx.execute(statements.RELEASE_HOLD, {"id": appointment_id, "patient_id": tx.actor.patient_id})


async def cancel_appointment(tx: Transaction, appointment_id: UUID) -> AppointmentView:
    """Cancel an appointment: a patient until its notice runs out, the practice while it is booked.

    Cancelling what is cancelled changes nothing and returns it.

    Raises:
        NotFound: if the actor has no such appointment.
        TooLateToCancel: with the location's phone number.
        AppointmentMovedOn: if it has begun or is over.
    """
    is_staff = tx.actor.is_staff()
    policy.require(tx.actor, (policies.CHANGE_DAY if is_staff else policies.CANCEL).name)
    found = await tx.first(statements.LOCK_APPOINTMENT, {"id": appointment_id})
    if found is None:
        raise NotFound
    # Read before: with the only appointment of a patient, a clinician loses sight of it too.
    before = await appointment(tx, appointment_id)
    if found.status == AppointmentStatus.cancelled:
        return before
    _check_cancel(found, is_staff=is_staff)
    now, reason = clock.now(), "practice" if is_staff else "patient"
    params = {"id": appointment_id, "now": now, "person_id": tx.actor.person_id, "reason": reason}
    await tx.execute(statements.CANCEL, params)
    await audit.record(
        tx, "booking.cancel", patient_id=found.patient_id, entity="Appointment", entity_id=appointment_id
    )
    await enqueue(tx, jobs.confirm_cancellation, appointment_id=appointment_id)
    await freed(tx, before.practitioner_id, before.location_id, before.starts_at, before.ends_at)
    return replace(
        before,
        status=AppointmentStatus.cancelled,
        cancelled_at=now,
        cancel_reason=reason,
        changed_at=now,
        sequence=before.sequence + 1,
    )


def _check_cancel(found: Row[Any], *, is_staff: bool) -> None:
    if not rules.can_become(AppointmentStatus(found.status), AppointmentStatus.cancelled):
        raise AppointmentMovedOn
    if not is_staff and rules.is_too_late_to_cancel(found.starts_at, found.notice_h, clock.now()):
        raise TooLateToCancel(found.phone)


async def my_appointments(tx: Transaction) -> Sequence[AppointmentView]:
    """Return the patient's appointments, past and future, and a time held now, in order of time."""
    policy.require(tx.actor, policies.VIEW.name)
    params = {"patient_id": tx.actor.patient_id, "now": clock.now()}
    return [as_view(row._asdict()) for row in await tx.all(statements.OWN_APPOINTMENTS, params)]
