"""Offer freed times in turn, and pass on what was not taken. Everything here acts as the system, inside jobs."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, i18n
from portal_app.core.db import Transaction
from portal_app.features.notify import service as notify
from portal_app.features.practice import service as practice
from portal_app.features.tasks import service as tasks
from portal_app.features.waiting import messages, rules, statements
from portal_app.features.waiting.answering import CALL, wait_for_parties

_TRIES: Final = 20
"""How often the line is asked again because whoever was first has just been offered something else."""


async def offer_freed(
    tx: Transaction, practitioner_id: UUID, location_id: UUID, starts_at: datetime, ends_at: datetime
) -> int:
    """Offer each time in a freed stretch to the first in line for it; return how many were offered."""
    await close_offers(tx)
    where = {"practitioner_id": practitioner_id, "location_id": location_id, "starts_at": starts_at, "ends_at": ends_at}
    settled = clock.now() + rules.KEEPING - rules.SETTLING
    await tx.execute(statements.LET_GO_KEPT, where | {"settled": settled})
    beginnings = await tx.all(statements.BEGINNINGS, where)
    offered = 0
    for row in beginnings:
        offered += await offer_time(tx, practitioner_id, location_id, row.starts_at)
    return offered


async def offer_time(tx: Transaction, practitioner_id: UUID, location_id: UUID, starts_at: datetime) -> bool:
    """Keep one free time for the first in line for it and tell them; False if it is not free, or nobody fits."""
    await tx.execute(statements.WAIT_FOR_PRACTITIONER, {"practitioner_id": practitioner_id})
    for _ in range(_TRIES):
        first = await next_in_line(tx, practitioner_id, location_id, starts_at)
        if first is None:
            return False
        now = clock.now()
        write_at = rules.when_to_write(now, starts_at, first.zone)
        until = rules.answer_by(write_at, starts_at, first.lead_min)
        if until is None:
            return False
        params = {
            "offer_id": uuid4(), "slot_id": uuid4(), "practitioner_id": practitioner_id, "location_id": location_id,
            "starts_at": starts_at, "answer_by": until, "held_until": until + rules.GRACE, "now": now,
            "request_id": None, **first._asdict(),
        }  # fmt: skip
        if await tx.execute(statements.CLAIM_ENTRY, params) == 1:
            return await _keep(tx, params, write_at)
    return False


async def next_in_line(tx: Transaction, practitioner_id: UUID, location_id: UUID, starts_at: datetime) -> Any:
    """Return whose turn it is for a time: one row of the database's `next_in_line`, or None."""
    now = clock.now()
    params = {"practitioner_id": practitioner_id, "location_id": location_id, "starts_at": starts_at}
    return await tx.first(statements.NEXT, params | {"now": now, "horizon": now + rules.OFFER_HORIZON})


async def _keep(tx: Transaction, params: dict[str, Any], write_at: datetime) -> bool:
    if not await tx.scalar(statements.KEEP_TIME, params):
        # Somebody at the desk, or on the booking page, was a moment faster: the time is theirs.
        await tx.execute(statements.FREE_ENTRY, params)
        return False
    await tx.execute(statements.ADD_OFFER, params)
    await audit.record(tx, "waiting.offer", patient_id=params["patient_id"], entity="Slot", entity_id=params["slot_id"])
    await tell(tx, messages.OFFER.name, params["offer_id"], params["patient_id"], write_at)
    return True


async def close_offers(tx: Transaction) -> int:
    """Let go every offer that is over and pass its time on; forget wishes that ran out. Return how many offers."""
    now = clock.now()
    over = await tx.all(statements.OVERDUE, {"now": now})
    for row in over:
        await close_offer(tx, row.id)
    await tx.execute(statements.EXPIRE, {"now": now})
    return len(over)


async def close_offer(tx: Transaction, offer_id: UUID) -> None:
    """End one open offer: lapsed if its time to answer is over, else withdrawn. The next in line is asked."""
    found = await tx.first(statements.LOCK_OFFER, {"id": offer_id})
    if found is None or found.status != "open":
        return
    status = "lapsed" if found.answer_by <= clock.now() else "withdrawn"
    await wait_for_parties(tx, found)
    await tx.execute(statements.DROP_SLOT, {"slot_id": found.slot_id})
    params = {"id": found.id, "status": status, "now": clock.now(), "appointment_id": None}
    await tx.execute(statements.CLOSE_OFFER, params)
    await tx.execute(statements.FREE_ENTRY, {"offer_id": found.id})
    await tasks.close_task(tx, CALL, found.id, status)
    await audit.record(tx, f"waiting.{status}", patient_id=found.patient_id, entity="Slot", entity_id=found.slot_id)
    await offer_time(tx, found.practitioner_id, found.location_id, found.starts_at)


async def tell(tx: Transaction, template: str, focus_id: UUID, patient_id: UUID, send_at: datetime) -> None:
    """Write to whoever may answer for a patient: time, place and a link, nothing about health."""
    us = await practice.practice(tx)
    offer = await tx.first(statements.ONE_OFFER, {"id": focus_id}) if template == messages.OFFER.name else None
    people = await tx.all(statements.RECIPIENTS, {"patient_id": patient_id, "created_by": None})
    if not people:
        # Nobody is passed over for having no mailbox: the front desk calls them.
        if offer is None:
            await tasks.open_task(tx, "undelivered", patient_id, patient_id=patient_id)
        else:
            await tx.execute(statements.BY_PHONE, {"id": focus_id})
            await tasks.open_task(tx, CALL, focus_id, patient_id=patient_id, due_at=offer.answer_by)
    for person in people:
        params = {"practice": us.name, "phone": us.phone, "link": f"/requests/{focus_id}"}
        if offer is not None:
            zone = offer.patient_zone if offer.modality == "video" else offer.zone
            with i18n.use(person.locale):
                place = i18n.pgettext("how a visit takes place", "Video")
            params |= {
                "place": place if offer.modality == "video" else offer.location_name,
                "starts": notify.moment_parameter(offer.starts_at, zone),
                "until": notify.moment_parameter(offer.answer_by, offer.patient_zone), "link": f"/offers/{focus_id}",
            }  # fmt: skip
        await notify.enqueue_message(
            tx, person.id, template, f"{template}:{focus_id}:{person.id}", params, locale=person.locale,
            send_at=send_at if send_at > clock.now() else None,
        )  # fmt: skip


async def tell_taken_off(tx: Transaction, entry_id: UUID, patient_id: UUID, why: str) -> None:
    """Write to whoever acts for a patient that they do not wait any more; where nobody can be, the desk calls."""
    us, template = await practice.practice(tx), messages.TAKEN_OFF[why].name
    people = await tx.all(statements.RECIPIENTS, {"patient_id": patient_id, "created_by": None})
    if not people:
        await tasks.open_task(tx, "undelivered", patient_id, patient_id=patient_id)
    params = {"practice": us.name, "phone": us.phone, "link": f"/waiting?about={entry_id}"}
    for person in people:
        key = f"{template}:{entry_id}:{person.id}"
        await notify.enqueue_message(tx, person.id, template, key, params, locale=person.locale)
