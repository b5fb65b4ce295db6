"""Change what was promised: move it, cancel it, take a cancellation back."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Row

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.booking import jobs, policies, rules, statements
from portal_app.features.booking.errors import (
    AppointmentMovedOn,
    PatientElsewhere,
    PatientNotTaken,
    SlotAlreadyTaken,
    TimeNotOffered,
    TooLateToCancel,
    TooLateToMove,
    TooManyUpcoming,
    UndoTimeTaken,
    UndoTooLate,
)
from portal_app.features.booking.freed import freed
from portal_app.features.booking.keeping import give_way
from portal_app.features.booking.reading import appointment
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.booking.search import find_nearest
from portal_app.features.booking.taking import named, reason_of, take_time
from portal_app.features.booking.views import AppointmentView, BookingRequest, FreeTime, MoveRequest

MOVE_TIME: Final = """
select t.* from move_time(
  %(id)s, %(person_id)s, %(practitioner_id)s, %(location_id)s, %(modality)s, %(starts_at)s, %(move_key)s,
  %(sequence)s, %(is_staff)s, %(is_beyond)s, %(now)s, %(horizon)s) t
where %(is_staff)s or public.takes_patient(%(practitioner_id)s,
  (select a.patient_id from appointment a where a.id = %(id)s), %(starts_at)s::date)
"""
"""The function is in migration 0008. What it is called under names none of its columns, so PostgreSQL asks that first
and, if the practitioner does not see the patient, calls nothing: no row comes, and nothing was written."""


async def move_appointment(
    tx: Transaction, request: MoveRequest, *, is_beyond: bool = False, needs_notice: bool = True
) -> AppointmentView:
    """Move an appointment to another time; it keeps its id, its page and its kind of visit.

    The old time is given up when, and only when, the new one holds. The same key moves once, however often it is sent.
    A patient may until the notice runs out, staff until it begins. With `is_beyond` staff move beside others or outside
    what is offered. Without `needs_notice` a patient may until it begins too: the practice has offered them the change.

    Raises:
        NotFound: if the actor has no such appointment.
        TooLateToMove: with the location's phone number.
        AppointmentMovedOn: if it is not booked any more, or has changed since the wish was made.
        SlotAlreadyTaken, TimeNotOffered, PatientNotTaken: with alternatives; it stays where it was.
        PatientElsewhere, BookingCrowded: it stays where it was.
    """
    is_staff = tx.actor.is_staff()
    policy.require(tx.actor, (policies.CHANGE_DAY if is_staff else policies.MOVE).name)
    if is_beyond and is_staff:
        policy.require(tx.actor, policies.OVERBOOK.name)
    if request.starts_at.tzinfo is None:
        raise InputRefused("starts_at", N_("Choose one of the times in the list."))
    async with AsyncExitStack() as stack:
        if is_staff:
            await stack.enter_async_context(await _give_way(tx, request))
        was = await _ask(tx, request, is_staff=is_staff or not needs_notice, is_beyond=is_beyond and is_staff)
    if was is None:
        raise PatientNotTaken(await _near(tx, request))
    if was["verdict"] not in ("moved", "done"):
        raise await _refusal(tx, request, was)
    if was["verdict"] == "moved":
        await audit.record(
            tx, "booking.move", patient_id=was["patient_id"], entity="Appointment", entity_id=request.appointment_id,
            detail={"from": was["was_at"].isoformat(), "to": request.starts_at.isoformat()},
        )  # fmt: skip
        await enqueue(tx, jobs.confirm_move, appointment_id=request.appointment_id)
        await freed(tx, was["was_practitioner_id"], was["was_location_id"], was["was_at"], was["was_until"])
    return await appointment(tx, request.appointment_id, is_repeated=True)


async def _give_way(tx: Transaction, request: MoveRequest) -> AbstractAsyncContextManager[None]:
    moved = await appointment(tx, request.appointment_id)
    return give_way(tx, moved.visit_type_id, request.practitioner_id, request.starts_at)


async def _ask(tx: Transaction, request: MoveRequest, *, is_staff: bool, is_beyond: bool) -> dict[str, Any] | None:
    now = clock.now()
    params = {
        "id": request.appointment_id, "person_id": tx.actor.person_id, "practitioner_id": request.practitioner_id,
        "location_id": request.location_id, "modality": request.modality, "starts_at": request.starts_at,
        "move_key": request.move_key, "sequence": request.sequence, "is_staff": is_staff, "is_beyond": is_beyond,
        "now": now, "horizon": now + rules.BOOKING_HORIZON,
    }  # fmt: skip
    try:
        rows = await fetch(tx, MOVE_TIME, params, dict_row)
    except psycopg.Error as error:
        raise named(error, tx.actor) from error
    return rows[0] if rows else None


async def _refusal(tx: Transaction, request: MoveRequest, was: dict[str, Any]) -> Exception:
    match was["verdict"]:
        case "missing":
            return NotFound()
        case "moved_on":
            return AppointmentMovedOn()
        case "too_late":
            return TooLateToMove(was["phone"])
        case "elsewhere":
            return PatientElsewhere()
    found = () if tx.actor.is_staff() else await _near(tx, request)
    return TimeNotOffered(found) if was["verdict"] == "not_offered" else SlotAlreadyTaken(found)


async def _near(tx: Transaction, request: MoveRequest) -> tuple[FreeTime, ...]:
    moved = await appointment(tx, request.appointment_id)
    return await find_nearest(tx, _wish(moved, request))


def _wish(moved: AppointmentView, request: MoveRequest) -> BookingRequest:
    return BookingRequest(
        moved.visit_type_id, request.practitioner_id, request.location_id, request.modality, request.starts_at,
        request.move_key,
    )  # fmt: skip


async def hold_for_move(tx: Transaction, request: MoveRequest) -> AppointmentView:
    """Keep the new time while the patient confirms the move, and return it as it would be.

    `held_until` is unset where nothing is kept: the new time overlaps the one it replaces, or the patient has as many
    appointments as they may have.

    Raises:
        NotFound, TooLateToMove, AppointmentMovedOn: as `move_appointment` does.
        SlotAlreadyTaken, TimeNotOffered: with alternatives.
        PatientElsewhere: if the patient has another appointment then.
    """
    policy.require(tx.actor, policies.MOVE.name)
    moved = await appointment(tx, request.appointment_id)
    _check_move(moved, request)
    try:
        held, _ = await take_time(tx, _wish(moved, request), held_until=rules.held_until(clock.now()))
    except (PatientElsewhere, TooManyUpcoming):
        proposed = await _proposed(tx, moved, request)
        params = {"patient_id": moved.patient_id, "id": moved.id, "starts_at": proposed.starts_at}
        if await tx.scalar(statements.MEANWHILE, params | {"ends_at": proposed.ends_at}):
            raise PatientElsewhere from None
        return proposed
    return held


def _check_move(moved: AppointmentView, request: MoveRequest) -> None:
    if moved.status != AppointmentStatus.booked or request.sequence not in (None, moved.sequence):
        raise AppointmentMovedOn
    if clock.now() > moved.cancel_until:
        raise TooLateToMove(moved.phone)


async def _proposed(tx: Transaction, moved: AppointmentView, request: MoveRequest) -> AppointmentView:
    params = {"practitioner_id": request.practitioner_id, "location_id": request.location_id}
    row = await tx.first(statements.PROPOSED, params | {"visit_type_id": moved.visit_type_id})
    if row is None:
        raise NotFound
    columns = row._asdict()
    notice_h, duration = columns.pop("notice_h"), timedelta(minutes=columns.pop("duration_min"))
    return replace(
        moved, **columns, modality=request.modality, starts_at=request.starts_at, ends_at=request.starts_at + duration,
        cancel_until=rules.cancel_until(request.starts_at, notice_h), status=AppointmentStatus.pending, held_until=None,
    )  # fmt: skip


async def cancel_appointment(
    tx: Transaction, appointment_id: UUID, *, code: str = "", words: str = "", together_at: datetime | None = None
) -> AppointmentView:
    """Cancel an appointment: a patient until its notice runs out, the practice while it is booked.

    `code` is one of `rules.CANCEL_CODES` or nothing, `words` are the patient's own. Nobody is told before
    `rules.UNDO_LIFE` is over. Cancelling what is cancelled changes nothing and returns it. Those cancelled together say
    at which moment; the caller has them told of once.

    Raises:
        NotFound: if the actor has no such appointment.
        TooLateToCancel: with the location's phone number.
        AppointmentMovedOn: if it has begun or is over.
        InputRefused: if the reason cannot be taken.
    """
    is_staff = tx.actor.is_staff()
    policy.require(tx.actor, (policies.CHANGE_DAY if is_staff else policies.CANCEL).name)
    if code and code not in rules.CANCEL_CODES:
        raise InputRefused("why", N_("Choose one from the list."))
    said = reason_of(words, field="words")
    found = await tx.first(statements.LOCK_APPOINTMENT, {"id": appointment_id})
    if found is None:
        raise NotFound
    # Read before: with the only appointment of a patient, a clinician loses sight of it too.
    before = await appointment(tx, appointment_id)
    if found.status == AppointmentStatus.cancelled:
        return before
    _check_cancel(found, is_staff=is_staff)
    cancelled = await _cancel(tx, before, code, said, together_at or clock.now(), is_staff=is_staff)
    if together_at is None:
        await enqueue(
            tx, jobs.confirm_cancellation, run_at=clock.now() + rules.UNDO_LIFE, appointment_id=appointment_id
        )
    return cancelled


async def _cancel(
    tx: Transaction, before: AppointmentView, code: str, words: str, now: datetime, *, is_staff: bool
) -> AppointmentView:
    reason = "practice" if is_staff else "patient"
    params = {"id": before.id, "now": now, "person_id": tx.actor.person_id, "reason": reason, "code": code or None}
    await tx.execute(statements.CANCEL, params | {"words": crypto.encrypt(words) if words else None})
    await audit.record(tx, "booking.cancel", patient_id=before.patient_id, entity="Appointment", entity_id=before.id)
    await freed(tx, before.practitioner_id, before.location_id, before.starts_at, before.ends_at)
    return replace(
        before,
        status=AppointmentStatus.cancelled,
        cancelled_at=now,
        cancelled_by=tx.actor.person_id,
        cancel_reason=reason,
        cancel_code=code or None,
        changed_at=now,
        sequence=before.sequence + 1,
    )


def _check_cancel(found: Row[Any], *, is_staff: bool) -> None:
    if not rules.can_become(AppointmentStatus(found.status), AppointmentStatus.cancelled):
        raise AppointmentMovedOn
    if not is_staff and rules.is_too_late_to_cancel(found.starts_at, found.notice_h, clock.now()):
        raise TooLateToCancel(found.phone)


async def confirm_appointment(tx: Transaction, appointment_id: UUID) -> AppointmentView:
    """Note that the patient will come. Said once or many times, it is the same; a later move unsays it.

    Raises:
        NotFound: if the actor has no such appointment.
        AppointmentMovedOn: if it is not booked any more, or has begun.
    """
    policy.require(tx.actor, policies.CONFIRM.name)
    before = await appointment(tx, appointment_id)
    if before.confirmed_at is not None and before.status == AppointmentStatus.booked:
        return before
    if not await tx.execute(statements.CONFIRM, {"id": appointment_id, "now": clock.now()}):
        raise AppointmentMovedOn
    await audit.record(
        tx, "booking.confirm", patient_id=before.patient_id, entity="Appointment", entity_id=appointment_id
    )
    return await appointment(tx, appointment_id, is_repeated=True)


async def undo_cancellation(tx: Transaction, appointment_id: UUID) -> AppointmentView:
    """Take one's own cancellation back within a minute, if the time is still free. Once back, it stays back.

    Raises:
        NotFound: if the actor has no such appointment.
        AppointmentMovedOn: if somebody else cancelled it.
        UndoTooLate: after the minute, or once it would have begun.
        UndoTimeTaken: if the time is somebody else's by now, or the patient has another appointment then.
    """
    is_staff = tx.actor.is_staff()
    policy.require(tx.actor, (policies.CHANGE_DAY if is_staff else policies.CANCEL).name)
    now = clock.now()
    found = await tx.first(statements.CANCELLED, {"id": appointment_id})
    if found is None:
        raise NotFound
    if found.status != AppointmentStatus.cancelled:
        return await appointment(tx, appointment_id)
    if found.cancelled_by != tx.actor.person_id:
        raise AppointmentMovedOn
    if not rules.can_undo(found.cancelled_at, now) or found.starts_at <= now:
        raise UndoTooLate
    await tx.execute(statements.DROP_KEPT_AGAIN, {"id": appointment_id})
    verdict = await tx.scalar(statements.RESTORE, {"id": appointment_id, "slot_id": uuid4(), "now": now})
    if verdict == "moved_on":
        again = await appointment(tx, appointment_id)
        if again.status == AppointmentStatus.booked:
            return again
        raise AppointmentMovedOn
    if verdict != "restored":
        raise UndoTimeTaken
    await audit.record(
        tx, "booking.undo_cancel", patient_id=found.patient_id, entity="Appointment", entity_id=appointment_id
    )
    return await appointment(tx, appointment_id)
