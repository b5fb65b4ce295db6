"""What staff do for somebody: look for a time, book it in their name, see what they have booked."""

from collections.abc import Sequence
from uuid import UUID

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.features.booking import jobs, policies, search, statements
from portal_app.features.booking.keeping import give_way
from portal_app.features.booking.reading import as_view, shows_reasons
from portal_app.features.booking.taking import Noted, take_time
from portal_app.features.booking.views import AppointmentView, BookingRequest, FreeTime, TimeQuery


async def find_times_for(tx: Transaction, query: TimeQuery) -> Sequence[FreeTime]:
    """Return free times for `query.patient_id`, as that patient would be offered them, and what is kept.

    With no clinician named, one for each moment: their own clinician's, if there is one.
    """
    policy.require(tx.actor, policies.BOOK_FOR.name)
    statement = search.FREE_TIMES_FOR if query.practitioner_ids else search.FIRST_TIMES_FOR
    return await search.rows(tx, statement, query, FreeTime)


async def book_for(tx: Transaction, request: BookingRequest, *, is_beyond: bool = False) -> AppointmentView:
    """Book a time in the name of `request.patient_id`; the patient gets the same mail as if they had.

    The appointment says who booked it. A time that has just become free and is kept for whoever waits gives way.
    With `is_beyond`, beside others or outside what is offered, by those who may.

    Raises:
        SlotAlreadyTaken, TimeNotOffered: with alternatives; nothing was written.
        PatientElsewhere, BookingCrowded, InputRefused, NotAllowed: nothing was written.
    """
    policy.require(tx.actor, policies.BOOK_FOR.name)
    noted = Noted("booking.book_for", jobs.confirm_booking)
    async with give_way(tx, request.visit_type_id, request.practitioner_id, request.starts_at):
        booked, _ = await take_time(tx, request, held_until=None, is_beyond=is_beyond, noted=noted)
    return booked


async def patient_appointments(tx: Transaction, patient_id: UUID) -> Sequence[AppointmentView]:
    """Return somebody's appointments, past and future, in order of time; for the front desk without reasons.

    Part of looking at the chart, which is recorded there.
    """
    policy.require(tx.actor, policies.BOOK_FOR.name)
    rows = await tx.all(statements.OWN_APPOINTMENTS, {"patient_id": patient_id, "now": clock.now()})
    overbooked = {row.id for row in await tx.all(statements.OVERBOOKED, {"patient_id": patient_id})}
    hidden = {} if shows_reasons(tx.actor) else {"reason": None}
    return [
        as_view(row._asdict() | hidden | {"is_overbooked": row.id in overbooked})
        for row in rows
        if row.status != "pending"
    ]
