"""Answer an offer: yes in one tap, or no. The old time is given up only with the new one."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.jobs import enqueue
from portal_app.features.booking import service as booking
from portal_app.features.booking.service import AppointmentView, BookingRequest, MoveRequest
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import jobs, policies, rules, statements
from portal_app.features.waiting.errors import OfferOver
from portal_app.features.waiting.keeping import keep_for_line
from portal_app.features.waiting.looking import record_look
from portal_app.features.waiting.views import OfferView

CALL: Final = "offer_call"
"""The task of calling somebody who cannot be written to about an offer."""


async def offer(tx: Transaction, offer_id: UUID, *, is_repeated: bool = False) -> OfferView:
    """Return an offer, open or over; recorded for a caregiver, unless an open page looks again.

    Raises:
        NotFound: if the actor has no such offer.
    """
    policy.require(tx.actor, policies.VIEW.name)
    row: Any = await tx.first(statements.ONE_OFFER, {"id": offer_id})
    if row is None:
        raise NotFound
    if not is_repeated:
        await record_look(tx, row.patient_id)
    return OfferView(**row._asdict())


async def my_offers(tx: Transaction, *, is_repeated: bool = False) -> list[OfferView]:
    """Return the times kept for the patient now, the soonest first; recorded as `offer`."""
    policy.require(tx.actor, policies.VIEW.name)
    if not is_repeated:
        await record_look(tx)
    params = {"patient_id": tx.actor.patient_id, "now": clock.now()}
    return [OfferView(**row._asdict()) for row in await tx.all(statements.MY_OFFERS, params)]


async def offer_for(tx: Transaction, offer_id: UUID) -> OfferView:
    """Return the offer to somebody whom staff call. Errors as `offer`."""
    policy.require(tx.actor, policies.ANSWER_FOR.name)
    row: Any = await tx.first(statements.ONE_OFFER, {"id": offer_id})
    if row is None:
        raise NotFound
    return OfferView(**row._asdict())


def _may_answer(tx: Transaction) -> None:
    policy.require(tx.actor, (policies.ANSWER_FOR if tx.actor.is_staff() else policies.ANSWER_OFFER).name)


async def accept_offer(tx: Transaction, offer_id: UUID) -> AppointmentView:
    """Take the offered time; the appointment it is instead of moves to it, in this one transaction.

    Staff say it for somebody who is on the phone.

    However often and from however many tabs it is sent, there is one appointment. Giving up the old one needs no
    notice: the practice itself offered the change.

    Raises:
        NotFound: if the actor has no such offer.
        OfferOver: if the time is not kept any more; the old appointment stands, and the patient still waits.
        SlotAlreadyTaken, TimeNotOffered, PatientElsewhere, AppointmentMovedOn: if the time cannot be had after all;
            nothing was written.
    """
    _may_answer(tx)
    found = await _locked(tx, offer_id)
    if found.status == "accepted":
        return await booking.appointment(tx, found.appointment_id)
    if found.status != "open" or found.answer_by <= clock.now():
        raise OfferOver(still_waits=await _still_waits(tx, found))
    await wait_for_parties(tx, found)
    await tx.execute(statements.DROP_SLOT, {"slot_id": found.slot_id})
    entry = await tx.first(statements.ENTRY, {"id": found.entry_id}) if found.entry_id else None
    booked = await _take(tx, found, entry.appointment_id if entry else None)
    now = clock.now()
    await tx.execute(
        statements.CLOSE_OFFER, {"id": offer_id, "status": "accepted", "now": now, "appointment_id": booked.id}
    )
    if entry is not None:
        await tx.execute(statements.SERVE_ENTRY, {"id": entry.id, "now": now})
    if found.request_id is not None:
        await _settle_request(tx, found, booked.id)
    await tasks.close_task(tx, CALL, offer_id, "booked")
    await audit.record(tx, "waiting.accept", patient_id=found.patient_id, entity="Appointment", entity_id=booked.id)
    return booked


async def _take(tx: Transaction, found: Any, old_id: UUID | None) -> AppointmentView:
    where = (found.practitioner_id, found.location_id)
    if old_id is not None:
        move = MoveRequest(old_id, *where, found.modality, found.starts_at, found.id)
        return await booking.move_appointment(tx, move, needs_notice=False)
    wish = BookingRequest(found.visit_type_id, *where, found.modality, found.starts_at, found.id)
    if tx.actor.is_staff():
        return await booking.book_for(tx, replace(wish, patient_id=found.patient_id))
    return await booking.book_appointment(tx, wish)


async def _settle_request(tx: Transaction, found: Any, appointment_id: UUID) -> None:
    params = {"id": found.request_id, "status": "booked", "appointment_id": appointment_id}
    await tx.execute(statements.CLOSE_REQUEST, params)
    for other in await tx.all(statements.OTHER_OFFERS, {"request_id": found.request_id, "id": found.id}):
        await _let_go(tx, await _locked(tx, other.id), "withdrawn")
    await tasks.close_task(tx, "appointment_request", found.request_id, "booked")


async def decline_offer(tx: Transaction, offer_id: UUID) -> None:
    """Say no to a time; it goes to the next in line at once. Saying no to what is over changes nothing.

    Staff say it for somebody who is on the phone.

    Raises:
        NotFound: if the actor has no such offer.
        OfferOver: if it was accepted before.
    """
    _may_answer(tx)
    found = await _locked(tx, offer_id)
    if found.status == "accepted":
        raise OfferOver(still_waits=False)
    if found.status == "open":
        await _let_go(tx, found, "declined")
        await audit.record(tx, "waiting.decline", patient_id=found.patient_id, entity="Slot", entity_id=found.slot_id)


async def _let_go(tx: Transaction, found: Any, status: str) -> None:
    await wait_for_parties(tx, found)
    await tx.execute(statements.DROP_SLOT, {"slot_id": found.slot_id})
    params = {"id": found.id, "status": status, "now": clock.now(), "appointment_id": None}
    await tx.execute(statements.CLOSE_OFFER, params)
    await tx.execute(statements.FREE_ENTRY, {"offer_id": found.id})
    await tasks.close_task(tx, CALL, found.id, status)
    time = booking.FreedTime(found.practitioner_id, found.location_id, found.starts_at, found.ends_at)
    keep_for_line(tx, time, clock.now() + rules.KEEPING - rules.SETTLING)
    await enqueue(
        tx, jobs.offer_freed, practitioner_id=found.practitioner_id, location_id=found.location_id,
        from_s=int(found.starts_at.timestamp()), until_s=int(found.ends_at.timestamp()),
    )  # fmt: skip


async def wait_for_parties(tx: Transaction, offer: Any) -> None:
    """Let whoever books or moves with the people of an offer finish, before its time is given up."""
    params = {"patient_id": offer.patient_id, "practitioner_id": offer.practitioner_id, "entry_id": offer.entry_id}
    await tx.execute(statements.WAIT_FOR, params)


async def _locked(tx: Transaction, offer_id: UUID) -> Any:
    found = await tx.first(statements.LOCK_OFFER, {"id": offer_id})
    if found is None:
        raise NotFound
    return found


async def _still_waits(tx: Transaction, found: Any) -> bool:
    if found.entry_id is None:
        return False
    entry = await tx.first(statements.ENTRY, {"id": found.entry_id})
    return entry is not None and entry.status == "active"
