"""The same visit again and again: every so many weeks at one wall time, booked all together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.booking import jobs, policies, rules, statements
from portal_app.features.booking.changing import cancel_appointment, undo_cancellation
from portal_app.features.booking.errors import (
    PatientElsewhere,
    SeriesNotWhole,
    TimeUnavailable,
    TooLateToCancel,
    UndoTimeTaken,
    UndoTooLate,
)
from portal_app.features.booking.reading import appointment
from portal_app.features.booking.rules import AppointmentStatus
from portal_app.features.booking.search import find_nearest, find_times
from portal_app.features.booking.taking import take_time
from portal_app.features.booking.views import AppointmentView, BookingRequest, FreeTime, TimeQuery


@dataclass(frozen=True, slots=True)
class PlannedTime:
    """One time of a series: whether it can be had, and others near it where it cannot."""

    starts_at: datetime
    is_free: bool
    alternatives: tuple[FreeTime, ...] = ()


async def plan_series(
    tx: Transaction, first: BookingRequest, zone: str, every_weeks: int, count: int
) -> Sequence[PlannedTime]:
    """Return the times of a series that begins with `first`, at the same wall time of `zone`, the location's.

    Raises:
        InputRefused: if the practice offers no such series.
    """
    if every_weeks not in rules.SERIES_WEEKS or count not in range(2, rules.SERIES_MAX + 1):
        raise InputRefused("series", N_("Choose one from the list."))
    planned = []
    for starts_at in rules.series_starts(first.starts_at, zone, every_weeks, count):
        day = starts_at.astimezone(ZoneInfo(zone)).date()
        query = TimeQuery(first.visit_type_id, first.modality, day, 1, (first.practitioner_id,), (first.location_id,))
        if any(free.starts_at == starts_at for free in await find_times(tx, query)):
            planned.append(PlannedTime(starts_at, is_free=True))
        else:
            near = await find_nearest(tx, replace(first, starts_at=starts_at))
            planned.append(PlannedTime(starts_at, is_free=False, alternatives=near))
    return planned


async def book_series(tx: Transaction, wishes: Sequence[BookingRequest]) -> Sequence[AppointmentView]:
    """Book several times together; one key, that of the first, books them once.

    Raises:
        SeriesNotWhole: with each time that cannot be had and others near it; nothing was written.
        TooManyUpcoming, BookingCrowded, InputRefused: nothing was written.
    """
    policy.require(tx.actor, policies.BOOK.name)
    if len(wishes) not in range(2, rules.SERIES_MAX + 1):
        raise InputRefused("series", N_("Choose one from the list."))
    series_id = wishes[0].request_key
    # All who take part are waited for first, in the order in which everybody waits.
    parties = [str(one) for one in {tx.actor.patient_id, *(wish.practitioner_id for wish in wishes)} if one]
    await tx.execute(statements.WAIT_FOR, {"parties": parties})
    booked: list[AppointmentView] = []
    missing: dict[datetime, tuple[FreeTime, ...]] = {}
    is_new = False
    for number, wish in enumerate(wishes):
        key = uuid5(series_id, str(number)) if number else series_id
        try:
            # Each can be taken back alone: a constraint that refuses one keeps none of the others from an answer.
            async with tx.connection.begin_nested():
                view, verdict = await take_time(tx, replace(wish, request_key=key), held_until=None)
        except (TimeUnavailable, PatientElsewhere) as error:
            missing[wish.starts_at] = getattr(error, "alternatives", ())
        else:
            booked.append(view)
            is_new = is_new or verdict != "done"
    if is_new:  # what was booked by this key before and cancelled since is not there to be one of them
        missing |= {one.starts_at: () for one in booked if one.status != AppointmentStatus.booked}
    if missing:
        raise SeriesNotWhole(missing)
    if is_new:
        await tx.execute(statements.JOIN_SERIES, {"series_id": series_id, "ids": [one.id for one in booked]})
        for view in booked:
            await audit.record(tx, "booking.book", patient_id=view.patient_id, entity="Appointment", entity_id=view.id)
        await enqueue(tx, jobs.confirm_series, series_id=series_id)
    return booked


async def rest_of_series(tx: Transaction, of: AppointmentView) -> Sequence[AppointmentView]:
    """Return the appointments of the same series that come later and are booked, in order of time."""
    if of.series_id is None:
        return []
    params = {"series_id": of.series_id, "after": of.starts_at}
    return [await appointment(tx, row.id) for row in await tx.all(statements.REST_OF_SERIES, params)]


async def cancel_rest(tx: Transaction, appointment_id: UUID, *, code: str = "", words: str = "") -> int:
    """Cancel an appointment and the later ones of its series; return how many are kept because it is too late.

    Each says why; one mail tells of them all, once the minute is over in which they can be taken back.

    Raises:
        NotFound, TooLateToCancel, AppointmentMovedOn, InputRefused: as `cancel_appointment`, for the first.
    """
    first = await appointment(tx, appointment_id)
    rest, now = await rest_of_series(tx, first), clock.now()
    if first.series_id is None or not rest:
        await cancel_appointment(tx, appointment_id, code=code, words=words)
        return 0
    await cancel_appointment(tx, appointment_id, code=code, words=words, together_at=now)
    kept = 0
    for later in rest:
        if later.status != AppointmentStatus.booked:
            continue
        try:
            await cancel_appointment(tx, later.id, code=code, words=words, together_at=now)
        except TooLateToCancel:
            kept += 1
    await enqueue(
        tx, jobs.confirm_series_cancellation, run_at=now + rules.UNDO_LIFE, series_id=first.series_id,
        cancelled_us=round(now.timestamp() * 1_000_000),
    )  # fmt: skip
    return kept


async def cancelled_with(tx: Transaction, appointment_id: UUID) -> int:
    """Return how many appointments were cancelled in the tap that cancelled this one; 0 if it was not of a series."""
    return len(await tx.all(statements.CANCELLED_WITH, {"id": appointment_id}))


async def undo_together(tx: Transaction, appointment_id: UUID) -> Sequence[AppointmentView]:
    """Take back what one cancelled together with this appointment; return what stays cancelled, in order of time.

    A time that somebody else has by now does not keep the others from coming back.

    Raises:
        NotFound, AppointmentMovedOn: as `undo_cancellation` does.
        UndoTooLate, UndoTimeTaken: if none of them comes back.
    """
    policy.require(tx.actor, policies.CANCEL.name)
    together = await tx.all(statements.CANCELLED_WITH, {"id": appointment_id})
    if len(together) < 2:
        await undo_cancellation(tx, appointment_id)
        return []
    # All who take part are waited for first, in the order in which everybody waits.
    parties = [str(one) for one in {tx.actor.patient_id, *(row.practitioner_id for row in together)} if one]
    await tx.execute(statements.WAIT_FOR, {"parties": parties})
    lost: list[AppointmentView] = []
    for row in together:
        try:
            async with tx.connection.begin_nested():
                await undo_cancellation(tx, row.id)
        except (UndoTimeTaken, UndoTooLate):
            lost.append(await appointment(tx, row.id))
            if len(lost) == len(together):
                raise
    return lost
