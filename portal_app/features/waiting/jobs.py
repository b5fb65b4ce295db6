"""Work that goes on when nobody looks: freed times are offered, offers lapse, answers are told."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue, job
from portal_app.features.booking import service as booking
from portal_app.features.waiting import keeping, messages, offering, rules


@job("waiting.offer_freed", policy="waiting.offer")
async def offer_freed(tx: Transaction, practitioner_id: str, location_id: str, from_s: int, until_s: int) -> None:
    """Offer what has become free; times come as seconds since 1970."""
    starts_at, ends_at = datetime.fromtimestamp(from_s, UTC), datetime.fromtimestamp(until_s, UTC)
    await offering.offer_freed(tx, UUID(practitioner_id), UUID(location_id), starts_at, ends_at)


@job("waiting.close_offers", policy="waiting.offer", every="* * * * * */10")
async def close_offers(tx: Transaction) -> None:
    """Pass on what was not answered in time. Rows say what is open, so nothing is lost with a worker."""
    await offering.close_offers(tx)


@job("waiting.tell_answer", policy="waiting.offer")
async def tell_answer(tx: Transaction, request_id: str, patient_id: str) -> None:
    """Write that a request has been answered."""
    await offering.tell(tx, messages.REQUEST_ANSWERED.name, UUID(request_id), UUID(patient_id), clock.now())


@job("waiting.tell_taken_off", policy="waiting.offer")
async def tell_taken_off(tx: Transaction, entry_id: str, patient_id: str, why_number: int) -> None:
    """Write that staff have taken somebody off the list, and why: by its place among the reasons."""
    await offering.tell_taken_off(tx, UUID(entry_id), UUID(patient_id), list(messages.TAKEN_OFF)[why_number])


async def _offer_later(tx: Transaction, time: booking.FreedTime) -> None:
    now = clock.now()
    keeping.keep_for_line(tx, time, now + rules.KEEPING)
    await enqueue(
        tx, offer_freed, run_at=now + rules.SETTLING, practitioner_id=time.practitioner_id,
        location_id=time.location_id, from_s=int(time.starts_at.timestamp()), until_s=int(time.ends_at.timestamp()),
    )  # fmt: skip


FOLLOWS: Final = booking.follow(_offer_later)
"""Every time that becomes free anywhere comes through here."""
