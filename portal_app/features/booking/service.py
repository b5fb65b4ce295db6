"""Find a time, hold it while confirming, book it, change it, and keep the day."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue
from portal_app.features.booking import jobs, policies, rules, statements
from portal_app.features.booking.blocking import block_time, give_room, unblock_time
from portal_app.features.booking.calendar import Parties, calendar_file
from portal_app.features.booking.changing import (
    cancel_appointment,
    confirm_appointment,
    hold_for_move,
    move_appointment,
    undo_cancellation,
)
from portal_app.features.booking.day import (
    arrive_oneself,
    counts,
    day,
    days,
    mark_arrived,
    mark_fulfilled,
    mark_noshow,
    undo_arrival,
)
from portal_app.features.booking.delays import current_delays, minutes_late, say_delay
from portal_app.features.booking.desk import book_for, find_times_for, patient_appointments
from portal_app.features.booking.errors import AppointmentMovedOn, HoldLapsed
from portal_app.features.booking.freed import FreedTime, follow, freed
from portal_app.features.booking.links import Answer, LinkView, answer_link, read_link
from portal_app.features.booking.private import can_keep_private, is_private, keep_private, show_again
from portal_app.features.booking.reading import appointment, as_view, past_visits, shows_reasons
from portal_app.features.booking.search import find_days, find_soonest, find_times, nearest_times
from portal_app.features.booking.taking import Noted, take_time
from portal_app.features.booking.views import (
    AppointmentView,
    BookingRequest,
    DayCount,
    FreeTime,
    MoveRequest,
    PastVisit,
)

__all__ = [
    "Answer",
    "AppointmentMovedOn",
    "AppointmentView",
    "BookingRequest",
    "DayCount",
    "FreeTime",
    "FreedTime",
    "LinkView",
    "MoveRequest",
    "Parties",
    "PastVisit",
    "answer_link",
    "appointment",
    "arrive_oneself",
    "block_time",
    "book_appointment",
    "book_for",
    "calendar_file",
    "can_keep_private",
    "cancel_appointment",
    "confirm_appointment",
    "counts",
    "current_delays",
    "day",
    "days",
    "extend_hold",
    "find_days",
    "find_soonest",
    "find_times",
    "find_times_for",
    "follow",
    "freed",
    "give_room",
    "hold_for_move",
    "hold_time",
    "is_private",
    "keep_private",
    "list_if_outside",
    "mark_arrived",
    "mark_fulfilled",
    "mark_noshow",
    "minutes_late",
    "move_appointment",
    "my_appointments",
    "nearest_times",
    "past_visits",
    "patient_appointments",
    "read_link",
    "release_hold",
    "say_delay",
    "show_again",
    "unblock_time",
    "undo_arrival",
    "undo_cancellation",
]  # fmt: skip


async def hold_time(tx: Transaction, request: BookingRequest) -> AppointmentView:
    """Keep a time for the patient while they confirm; the view's `held_until` says how long.

    A patient holds one time: an earlier hold is let go. With a key that was booked before, returns that appointment,
    and with the key of a hold that still lives that hold, as it stands: opening a page again keeps nothing longer.

    Raises:
        SlotAlreadyTaken, TimeNotOffered: with alternatives; nothing was written.
        PatientElsewhere: if the patient has an appointment then.
        InputRefused: if the reason cannot be taken.
    """
    policy.require(tx.actor, policies.HOLD.name)
    standing = await tx.first(
        statements.STANDING_HOLD,
        {"patient_id": tx.actor.patient_id, "request_key": request.request_key, "now": clock.now()},
    )
    if standing is not None and standing.starts_at == request.starts_at:
        return as_view(standing._asdict())
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
    noted = Noted("booking.book", jobs.confirm_booking)
    booked, verdict = await take_time(tx, request, held_until=None, noted=noted)
    if verdict == "kept":
        slot_id = await tx.scalar("select slot_id from appointment where id = :id", {"id": booked.id})
        await list_if_outside(tx, slot_id)
    return booked


async def list_if_outside(tx: Transaction, slot_id: UUID) -> None:
    """Have an appointment put onto the work list if its time is not one its practitioner offers any more."""
    await enqueue(tx, jobs.list_if_outside, slot_id=slot_id)


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


async def my_appointments(tx: Transaction, *, is_repeated: bool = False) -> Sequence[AppointmentView]:
    """Return the patient's appointments, past and future, and a time held now, in order of time.

    That a caregiver looked is recorded, unless `is_repeated` says that it was before, or as a part of something else.
    """
    policy.require(tx.actor, policies.VIEW.name)
    params = {"patient_id": tx.actor.patient_id, "now": clock.now()}
    hidden = {} if shows_reasons(tx.actor) else {"reason": None}
    if not is_repeated:
        await audit.record_view(
            tx, "booking.view_list", patient_id=tx.actor.patient_id, entity="Appointment", entity_id=None
        )
    return [as_view(row._asdict() | hidden) for row in await tx.all(statements.OWN_APPOINTMENTS, params)]
