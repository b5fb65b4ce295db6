"""Take a time: the one statement that holds or books, and what its verdict means."""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row

from portal_app.core import clock, crypto, policy
from portal_app.core.actor import Actor, Role
from portal_app.core.db import Transaction
from portal_app.core.direct import fetch
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.jobs import JobTask
from portal_app.features.booking import policies, rules
from portal_app.features.booking.errors import (
    BookingCrowded,
    PatientElsewhere,
    PatientNotTaken,
    SlotAlreadyTaken,
    TimeNotOffered,
    TooManyUpcoming,
)
from portal_app.features.booking.reading import as_view
from portal_app.features.booking.rules import ReasonProblem
from portal_app.features.booking.search import find_nearest, whose
from portal_app.features.booking.views import AppointmentView, BookingRequest
from portal_app.features.practice import service as practice
from portal_app.settings import get_settings

_TAKE_TIME: Final = """
select {columns} from take_time(
  %(id)s, %(slot_id)s, %(patient_id)s, %(person_id)s, %(practitioner_id)s, %(location_id)s, %(visit_type_id)s,
  %(modality)s, %(starts_at)s, %(held_until)s, %(reason)s, %(request_key)s, %(now)s, %(horizon)s, %(beyond)s,
  %(upcoming_max)s) t
"""
"""The function is in migration 0007."""
TAKE_TIME: Final = _TAKE_TIME.format(columns="t.*")
BOOK_TIME: Final = _TAKE_TIME.format(
    columns="t.*, note_booking(t.verdict, %(action)s, t.patient_id, t.id, %(task)s) as noted"
)

Verdict = Literal["taken", "kept", "done"]
"""Taken now; kept as promised although it is no longer offered; or the same key was booked before."""


class Noted(NamedTuple):
    """What a booking leaves behind in the same statement: an audit event of this action, and a job about it."""

    action: str
    job: JobTask


_PATIENT_ONCE: Final = "appointment_patient_once"
_CROWDED: Final = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
)


async def take_time(
    tx: Transaction,
    request: BookingRequest,
    *,
    held_until: datetime | None,
    is_beyond: bool = False,
    noted: Noted | None = None,
) -> tuple[AppointmentView, Verdict]:
    """Hold a time until then, or book it; return the appointment and how it came about.

    What is `noted` is recorded and enqueued with it, unless the same key was booked before.

    A key that was booked before gives the old appointment, whatever else is asked. A time that is held stays promised,
    even if it is no longer offered. With `is_beyond` staff book beside others or outside what is offered.

    Raises:
        SlotAlreadyTaken, TimeNotOffered, PatientNotTaken: with alternatives; nothing was written.
        PatientElsewhere, TooManyUpcoming, BookingCrowded, InputRefused, NotAllowed: nothing was written.
    """
    if is_beyond:
        policy.require(tx.actor, policies.OVERBOOK.name)
    reason = reason_of(request.reason)
    row = await _ask(tx, _parameters(tx, request, reason, held_until) | {"beyond": is_beyond}, noted)
    match row.pop("verdict"):
        case "taken" | "kept" as verdict:
            return as_view(row | {"reason": reason}), verdict
        case "done":
            return as_view(row | {"reason": row["reason"] and crypto.decrypt(row["reason"])}), "done"
        case "elsewhere":
            raise PatientElsewhere
        case "too_many":
            raise TooManyUpcoming(get_settings().upcoming_visits_max, await _phone(tx, request))
        case "not_seen":
            raise PatientNotTaken(await find_nearest(tx, request))
        case "not_offered":
            raise TimeNotOffered(await find_nearest(tx, request))
        case _:
            raise SlotAlreadyTaken(await find_nearest(tx, request))


async def _phone(tx: Transaction, request: BookingRequest) -> str:
    return (await practice.phone_line(tx, "bookings", request.location_id)).number


async def _ask(tx: Transaction, params: dict[str, Any], noted: Noted | None) -> dict[str, Any]:
    statement = TAKE_TIME
    if noted is not None:
        statement, params = BOOK_TIME, params | {"action": noted.action, "task": noted.job.name}
    try:
        (row,) = await fetch(tx, statement, params, dict_row)
    except psycopg.Error as error:
        raise named(error, tx.actor) from error
    row.pop("noted", None)
    tx.has_jobs |= noted is not None and row["verdict"] in ("taken", "kept")
    return row


def named(error: psycopg.Error, actor: Actor) -> Exception:
    """Say what a statement ran into that nobody could know before; its transaction is over.

    To somebody who acts for the patient an appointment they may not see is a time that is taken, whoever has it.
    """
    if isinstance(error, _CROWDED):
        return BookingCrowded()
    if error.diag.constraint_name == _PATIENT_ONCE and Role.caregiver in actor.roles:
        return SlotAlreadyTaken()
    return PatientElsewhere() if error.diag.constraint_name == _PATIENT_ONCE else error


def _parameters(tx: Transaction, request: BookingRequest, reason: str, held_until: datetime | None) -> dict[str, Any]:
    patient_id = whose(tx, request.patient_id)
    if request.starts_at.tzinfo is None:
        raise InputRefused("starts_at", N_("Choose one of the times in the list."))
    now = clock.now()
    return {
        "id": uuid4(), "slot_id": uuid4(), "patient_id": patient_id, "person_id": tx.actor.person_id,
        "practitioner_id": request.practitioner_id, "location_id": request.location_id,
        "visit_type_id": request.visit_type_id, "modality": request.modality, "starts_at": request.starts_at,
        "held_until": held_until, "reason": crypto.encrypt(reason) if reason else None,
        "request_key": request.request_key, "now": now, "horizon": now + rules.BOOKING_HORIZON,
        "upcoming_max": None if tx.actor.is_staff() else get_settings().upcoming_visits_max,
    }  # fmt: skip


def reason_of(typed: str, field: str = "reason") -> str:
    """Return somebody's own words as they are kept; `field` is where they were typed.

    Raises:
        InputRefused: if they are too long or cannot be read.
    """
    reason = rules.normalised_reason(typed)
    if reason is ReasonProblem.too_long:
        raise InputRefused(field, N_("Say it in 500 characters or fewer."))
    if reason is ReasonProblem.unreadable:
        raise InputRefused(
            field, N_("Some characters cannot be shown to your clinician. Type it again, without copying.")
        )
    return reason
