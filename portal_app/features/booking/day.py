"""The day of a practitioner or a location, and what the practice says about who came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.booking import policies, rules, statements
from portal_app.features.booking.errors import AppointmentMovedOn
from portal_app.features.booking.reading import shows_reasons
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.booking.views import BlockedTime, DayAppointment, DayCount, DayView

DAYS_MAX = 42
"""The most days one look takes in: the six weeks of a month's page."""


async def day(
    tx: Transaction,
    on: date,
    *,
    practitioner_id: UUID | None = None,
    location_id: UUID | None = None,
    room_id: UUID | None = None,
    is_repeated: bool = False,
) -> DayView:
    """Return one day, as `days` does."""
    whose = {"practitioner_id": practitioner_id, "location_id": location_id, "room_id": room_id}
    return await days(tx, on, 1, is_repeated=is_repeated, **whose)


async def days(
    tx: Transaction,
    first: date,
    count: int,
    *,
    practitioner_id: UUID | None = None,
    location_id: UUID | None = None,
    room_id: UUID | None = None,
    is_repeated: bool = False,
) -> DayView:
    """Return the appointments and blocked times of some days, as the locations' own clocks count days.

    Cancelled ones and no-shows are among them. The front desk gets no reasons. That each of these charts was seen is
    recorded, unless `is_repeated` says that the same page, still open, only keeps itself up to date.
    """
    policy.require(tx.actor, policies.VIEW_DAY.name)
    whose = {"practitioner_id": practitioner_id, "location_id": location_id, "room_id": room_id}
    params = {"day": first, "days": min(count, DAYS_MAX), "now": clock.now()} | whose
    rows: Sequence[Any] = await tx.all(statements.DAY, params)
    found = [DayAppointment(*row) for row in rows]
    is_readable = shows_reasons(tx.actor)
    appointments = tuple(replace(one, reason=(one.reason or "") if is_readable else "") for one in found)
    blocks: Sequence[Any] = await tx.all(statements.BLOCKED, params)
    if not is_repeated:
        await _record(tx, first, count, practitioner_id or location_id or room_id, appointments)
    return DayView(first, appointments, tuple(BlockedTime(*row) for row in blocks))


async def counts(
    tx: Transaction,
    first: date,
    count: int,
    *,
    practitioner_id: UUID | None = None,
    location_id: UUID | None = None,
    room_id: UUID | None = None,
) -> dict[date, DayCount]:
    """Return how many are booked on each of some days, where any are; no chart is shown."""
    policy.require(tx.actor, policies.VIEW_DAY.name)
    whose = {"practitioner_id": practitioner_id, "location_id": location_id, "room_id": room_id}
    rows = await tx.all(statements.COUNTS, {"day": first, "days": min(count, DAYS_MAX)} | whose)
    return {row.day: DayCount(row.booked, row.overbooked) for row in rows}


async def _record(
    tx: Transaction, first: date, count: int, whose: UUID | None, found: Sequence[DayAppointment]
) -> None:
    detail = {"day": first.isoformat()} | ({"days": str(count)} if count > 1 else {})
    await audit.record(tx, "booking.view_day", patient_id=None, entity="Schedule", entity_id=whose, detail=detail)
    charts = dict.fromkeys(one.patient_id for one in found)
    await audit.record_each(tx, "booking.view_day", charts, entity="Schedule", entity_id=whose, detail=detail)


async def mark_arrived(tx: Transaction, appointment_id: UUID) -> None:
    """Say that the patient is here. Errors as `_become`."""
    await _become(tx, appointment_id, AppointmentStatus.arrived)


async def arrive_oneself(tx: Transaction, appointment_id: UUID) -> None:
    """Say that one is here oneself, where the practice wants that. Errors as `_become`."""
    await _become(tx, appointment_id, AppointmentStatus.arrived, policies.ARRIVE.name)


async def undo_arrival(tx: Transaction, appointment_id: UUID) -> None:
    """Take back an arrival or a no-show that was marked by mistake. Errors as `_become`."""
    await _become(tx, appointment_id, AppointmentStatus.booked)


async def mark_fulfilled(tx: Transaction, appointment_id: UUID) -> None:
    """Say that the visit is over. Errors as `_become`."""
    await _become(tx, appointment_id, AppointmentStatus.fulfilled)


async def mark_noshow(tx: Transaction, appointment_id: UUID) -> None:
    """Say that the patient did not come; not before the appointment begins. Errors as `_become`."""
    await _become(tx, appointment_id, AppointmentStatus.noshow)


async def _become(
    tx: Transaction, appointment_id: UUID, status: AppointmentStatus, by: str = policies.CHANGE_DAY.name
) -> None:
    """Move an appointment to a state; being there already is fine.

    Raises:
        NotFound: if the actor may not see it.
        AppointmentMovedOn: if its state does not lead there.
    """
    policy.require(tx.actor, by)
    found = await tx.first(statements.LOCK_APPOINTMENT, {"id": appointment_id})
    if found is None:
        raise NotFound
    if found.status == status:
        return
    now = clock.now()
    is_early = status is AppointmentStatus.noshow and now < found.starts_at
    is_late = by == policies.ARRIVE.name and found.status != AppointmentStatus.booked  # the practice has said otherwise
    if is_early or is_late or not rules.can_become(AppointmentStatus(found.status), status):
        raise AppointmentMovedOn
    await tx.execute(statements.CHANGE_STATUS, {"id": appointment_id, "status": status.value, "now": now})
    await audit.record(
        tx, f"booking.{status.value}", patient_id=found.patient_id, entity="Appointment", entity_id=appointment_id
    )
