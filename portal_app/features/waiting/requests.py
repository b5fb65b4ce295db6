"""Ask for a time in words; staff answer with times that are kept, or with words and a number to call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.booking.service import BookingRequest, FreeTime
from portal_app.features.practice import service as practice
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import jobs, policies, rules, statements
from portal_app.features.waiting.errors import NoTimeKept, RequestMovedOn
from portal_app.features.waiting.looking import record_look
from portal_app.features.waiting.views import OfferView, RequestView

TASK: Final = "appointment_request"
TIMES_SHOWN: Final = 12
_OPEN: Final = ("open", "answered")


async def ask_in_words(
    tx: Transaction,
    words: str,
    request_key: UUID,
    *,
    visit_type_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    modality: str | None = None,
) -> UUID:
    """Ask the practice for a time and return the request's id; the same key returns the same one.

    A task with the promised clock opens for staff.

    Raises:
        InputRefused: if nothing was written, or too much.
    """
    policy.require(tx.actor, policies.ASK.name)
    said = rules.normalised_words(words)
    if not said:
        raise InputRefused("words", N_("Write what you need in 1,000 characters or fewer."))
    now, request_id, due_at = clock.now(), uuid4(), await promised(tx)
    params = {
        "id": request_id, "patient_id": tx.actor.patient_id, "person_id": tx.actor.person_id, "now": now,
        "visit_type_id": visit_type_id, "practitioner_id": practitioner_id, "words": crypto.encrypt(said),
        "modality": modality if modality in ("in_person", "video") else None, "answer_by": due_at,
        "language": tx.actor.locale, "request_key": request_key,
    }  # fmt: skip
    if await tx.execute(statements.ASK_IN_WORDS, params) == 0:
        standing = await tx.scalar(statements.SAME_REQUEST, params)
        if standing is None:
            raise NotFound
        return UUID(str(standing))
    await audit.record(
        tx, "waiting.request", patient_id=tx.actor.patient_id, entity="Appointment", entity_id=request_id
    )
    await tasks.open_task(
        tx, TASK, request_id, patient_id=tx.actor.patient_id, practitioner_id=practitioner_id,
        due_at=due_at,
    )  # fmt: skip
    return request_id


async def promised(tx: Transaction) -> datetime:
    """Return by when a request made now is answered, on the clock of the practice's first location."""
    zone = next((one.zone for one in await practice.locations(tx)), "UTC")
    closed = {row.day for row in await tx.all("select distinct day from closed_day where day >= current_date")}
    return rules.request_answer_by(clock.now(), zone, closed.__contains__)


async def my_requests(tx: Transaction, *, is_repeated: bool = False) -> Sequence[RequestView]:
    """Return the patient's last requests, the newest first, without their offers; recorded for a caregiver."""
    policy.require(tx.actor, policies.VIEW.name)
    if not is_repeated:
        await record_look(tx)
    rows: Sequence[Any] = await tx.all(statements.MY_REQUESTS, {"patient_id": tx.actor.patient_id})
    return [_as_view(row) for row in rows]


async def request(tx: Transaction, request_id: UUID, *, is_repeated: bool = False) -> RequestView:
    """Return one request with what was offered; that somebody else looked at it is recorded.

    The front desk reads the words too: they say when somebody can come, and are written to whoever answers.

    Raises:
        NotFound: if the actor has no such request.
    """
    policy.require(tx.actor, (policies.VIEW_LINE if tx.actor.is_staff() else policies.VIEW).name)
    row = await tx.first(statements.ONE_REQUEST, {"id": request_id})
    if row is None:
        raise NotFound
    if not is_repeated:
        await audit.record_view(
            tx, "waiting.view_request", patient_id=row.patient_id, entity="Appointment", entity_id=request_id
        )
    offers = await tx.all(statements.REQUEST_OFFERS, {"request_id": request_id})
    return replace(_as_view(row), offers=tuple(OfferView(**one._asdict()) for one in offers))


async def withdraw_request(tx: Transaction, request_id: UUID) -> None:
    """Take a request back; what was offered is let go. Nothing happens if it is settled already.

    Raises:
        NotFound: if the actor has no such request.
    """
    policy.require(tx.actor, policies.ASK.name)
    found = await _locked(tx, request_id)
    if found.status not in _OPEN:
        return
    params = {"id": request_id, "status": "withdrawn", "appointment_id": None}
    await tx.execute(statements.CLOSE_REQUEST, params)
    await tasks.close_task(tx, TASK, request_id, "withdrawn")
    await enqueue(tx, jobs.close_offers)
    await audit.record(
        tx, "waiting.withdraw_request", patient_id=found.patient_id, entity="Appointment", entity_id=request_id
    )


async def answer_request(
    tx: Transaction, request_id: UUID, *, words: str = "", phone: str = "", times: Sequence[BookingRequest] = ()
) -> int:
    """Answer with up to three times, each kept until it is answered, or with words and a number to call, or both.

    Return how many times could be kept. The patient is told; accepting one of the times books it.

    Raises:
        NotFound: if the actor sees no such request.
        RequestMovedOn: if it was answered, withdrawn or booked in the meantime.
        NoTimeKept: if times were chosen and none is free any more; nothing was written.
        InputRefused: if there is nothing to tell.
    """
    policy.require(tx.actor, policies.ANSWER_REQUEST.name)
    said = rules.normalised_words(words)
    if said is None or not (said or phone or times):
        raise InputRefused("words", N_("Choose times, or write an answer in 1,000 characters or fewer."))
    found = await _locked(tx, request_id)
    if found.status != "open":
        raise RequestMovedOn
    kept = [await _keep(tx, found, one) for one in times[: rules.OFFERED_TIMES_MAX]]
    if times and not any(kept):
        raise NoTimeKept
    params = {
        "id": request_id, "answer": crypto.encrypt(said) if said else None, "phone": phone, "now": clock.now(),
        "person_id": tx.actor.person_id,
    }  # fmt: skip
    await tx.execute(statements.ANSWER_REQUEST, params)
    await tasks.close_task(tx, TASK, request_id, "answered")
    await audit.record(
        tx, "waiting.answer_request", patient_id=found.patient_id, entity="Appointment", entity_id=request_id
    )
    await enqueue(tx, jobs.tell_answer, request_id=request_id, patient_id=found.patient_id)
    return sum(kept)


async def times_to_offer(
    tx: Transaction, visit_type_id: UUID, modality: str, practitioner_id: UUID | None
) -> Sequence[FreeTime]:
    """Return the next free times of the coming month that staff may offer, with one practitioner or with anyone."""
    policy.require(tx.actor, policies.ANSWER_REQUEST.name)
    now = clock.now()
    params = {
        # A day early: somewhere it is still yesterday. The lead time cuts the past off.
        "from_day": now.date() - timedelta(days=1), "now": now,
        "practitioner_ids": [practitioner_id] if practitioner_id else None, "modality": modality,
        "visit_type_id": visit_type_id, "limit": TIMES_SHOWN,
    }  # fmt: skip
    rows: Sequence[Any] = await tx.all(statements.TIMES_TO_OFFER, params)
    return [FreeTime(*row) for row in rows]


async def _keep(tx: Transaction, found: Any, wish: BookingRequest) -> bool:
    now = clock.now()
    until = rules.answer_by(now, wish.starts_at, 0)
    if until is None:
        return False
    until = min(max(until, now + timedelta(hours=2)), wish.starts_at - timedelta(minutes=30))
    params = {
        "offer_id": uuid4(), "slot_id": uuid4(), "entry_id": None, "request_id": found.id,
        "patient_id": found.patient_id, "confidentiality": found.confidentiality,
        "practitioner_id": wish.practitioner_id, "location_id": wish.location_id, "visit_type_id": wish.visit_type_id,
        "modality": wish.modality, "starts_at": wish.starts_at, "answer_by": until,
        "held_until": until + rules.GRACE, "now": now, "waiting_since": found.asked_at, "language": found.language,
        "channel": "mail",
    }  # fmt: skip
    if not await tx.scalar(statements.KEEP_TIME, params):
        return False
    await tx.execute(statements.ADD_OFFER, params)
    return True


def _as_view(row: Any) -> RequestView:
    return RequestView(**row._asdict() | {"answer": row.answer or ""})


async def _locked(tx: Transaction, request_id: UUID) -> Any:
    found = await tx.first(statements.LOCK_REQUEST, {"id": request_id})
    if found is None:
        raise NotFound
    return found
