"""Reminders by mail: which are due, each written down once, with the link that goes with it.

What is due is worked out every minute from the appointments themselves: a move takes its reminders along, a
cancellation ends them, and a restart forgets none.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal_app.core import clock, crypto
from portal_app.core.db import Transaction, secret_hash
from portal_app.features.booking import rules, statements
from portal_app.features.booking.tables import Reminder
from portal_app.features.booking.views import AppointmentView
from portal_app.features.notify import service as notify

SETTLED_FOR: Final = timedelta(hours=1)
"""Whoever has just booked or moved knows when it is: a reminder due sooner than this afterwards is left out."""
LINK_PATH: Final = "/reminder"
_SIGNATURE_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class Due:
    """An appointment of which somebody is to be reminded, and how many minutes before it that was to be.

    `passed` are those of its other reminders that are due by now as well, and are left out.
    """

    appointment_id: UUID
    before_min: int
    passed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NewLink:
    """A reminder just written down, and the address in it."""

    reminder_id: UUID
    path: str


async def find_due(tx: Transaction) -> Sequence[Due]:
    """Return what is due now, of each appointment only the latest reminder."""
    now = clock.now()
    found: dict[UUID, list[int]] = {}
    for row in await tx.all(statements.DUE, {"now": now, "settled": SETTLED_FOR}):
        due = rules.remind_at(row.starts_at, row.before_min, row.patient_zone)
        if due <= now <= row.starts_at - rules.REMIND_LATEST and due >= row.set_at + SETTLED_FOR:
            found.setdefault(row.id, []).append(row.before_min)
    return [Due(one, min(mins), tuple(sorted(mins)[1:])) for one, mins in found.items()]


async def make_link(tx: Transaction, person_id: UUID, found: AppointmentView, due: Due) -> NewLink | None:
    """Write a reminder down and make its link; None if this one was written before."""
    secret = secrets.token_urlsafe(24)
    values = {
        "patient_id": found.patient_id, "appointment_id": found.id, "person_id": person_id,
        "starts_at": found.starts_at, "expires_at": found.starts_at, "created_at": clock.now(),
    }  # fmt: skip
    hashes = {mins: secret_hash(secrets.token_urlsafe(24)) for mins in due.passed}
    hashes[due.before_min] = secret_hash(secret)
    ids = {mins: uuid4() for mins in hashes}
    rows = [values | {"id": ids[mins], "before_min": mins, "secret_hash": hashed} for mins, hashed in hashes.items()]
    added = await tx.all(insert(Reminder).values(rows).on_conflict_do_nothing().returning(col(Reminder.id)))
    if ids[due.before_min] not in {row.id for row in added}:
        return None
    return NewLink(ids[due.before_min], f"{LINK_PATH}?key={secret}.{signature_of(secret)}")


def signature_of(secret: str) -> str:
    """Return what stands behind a secret in an address, so that a made-up one is known without the database."""
    return crypto.blind_index(secret, purpose="link of a reminder")[:_SIGNATURE_LENGTH]


async def is_still_due(tx: Transaction, dedupe_key: str) -> bool:
    """Tell, just before a reminder is sent, whether its appointment still is what it says, and still to come."""
    reminder_id = UUID(dedupe_key.rsplit(":", 1)[1])
    return bool(await tx.scalar(statements.STILL_DUE, {"id": reminder_id, "now": clock.now()}))


notify.check_before_sending(notify.APPOINTMENT_REMINDER, is_still_due)


async def forget_expired(tx: Transaction) -> int:
    """Forget links a week after they ran out; return how many."""
    cut = clock.now() - timedelta(days=7)
    return await tx.execute("delete from reminder where expires_at < :cut", {"cut": cut})
