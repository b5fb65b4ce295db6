"""What is done when nobody looks: waits that nobody ended, keys that open nothing any more, and calls back."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import clock
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.notify import service as notify
from portal_app.features.practice import service as practice
from portal_app.features.visits import messages

WAITS_AT_MOST: Final = timedelta(hours=12)
"""Longer than this nobody waits: the page was left open, or the practice forgot to end it."""

_NOT_WAITING: Final = """
with stale as (
  update visit set status = 'planned', waiting_since = null where status = 'waiting' and waiting_since < :cut
  returning id
)
update visit_participant x set state = 'left', left_at = :now from stale s where x.visit_id = s.id
  and x.state = 'waiting'
"""
_NO_KEYS: Final = """
update visit_participant set secret_hash = null, secret_expires_at = null where secret_expires_at < :now
"""
_CALLED: Final = text("""
select v.appointment_id, v.patient_id, v.call_back_number as number, a.location_id, p.id as person_id, p.locale,
  p.reminders_by
from visit v join appointment a on a.id = v.appointment_id join person p on p.id = v.wants_call_by
where v.id = :id and v.called_back_at is not null and p.disabled_at is null
""").columns(number=EncryptedText)
_STILL_WANTED: Final = """
select exists (select from visit v where v.id = :id and v.called_back_at is not null
                 and v.status in ('planned', 'waiting'))
"""


@job("visits.sweep", policy="visits.sweep", every="23 * * * *")
async def sweep(tx: Transaction) -> None:
    """Put away what is over."""
    await put_away(tx)


async def put_away(tx: Transaction) -> None:
    """Let nobody wait for ever, and forget the keys of rooms that have run out."""
    now = clock.now()
    await tx.execute(_NOT_WAITING, {"cut": now - WAITS_AT_MOST, "now": now})
    await tx.execute(_NO_KEYS, {"now": now})


@job("visits.tell_turn", policy="visits.tell_turn")
async def tell_turn(tx: Transaction, visit_id: str, called_s: int) -> None:
    """Tell whoever was called back."""
    await tell_called(tx, UUID(visit_id), called_s)


async def tell_called(tx: Transaction, visit_id: UUID, called_s: int) -> None:
    """Tell whoever left to be called that it is their turn, unless they have come back meanwhile.

    By the way that they chose for reminders, and to the number they gave for calls where texts can be sent.
    """
    row: Any = await tx.first(_CALLED, {"id": visit_id})
    if row is None:
        return
    us, line = await practice.practice(tx), await practice.phone_line(tx, "bookings", row.location_id)
    params = {"practice": us.name, "phone": line.number, "link": f"/visit?id={row.appointment_id}"}
    key, template = f"turn:{visit_id}:{called_s}", messages.YOUR_TURN.name
    await notify.enqueue_message(tx, row.person_id, template, key, params, locale=row.locale, patient_id=row.patient_id)
    if row.number and notify.can_text() and row.reminders_by != "text":
        await notify.enqueue_message(
            tx, row.person_id, template, f"{key}:text", params, channel="text", to=row.number, locale=row.locale
        )


async def is_wanted(tx: Transaction, dedupe_key: str) -> bool:
    """Tell whether whoever was called back has not come back yet."""
    wanted: bool = await tx.scalar(_STILL_WANTED, {"id": UUID(dedupe_key.split(":")[1])})
    return wanted


notify.check_before_sending(messages.YOUR_TURN, is_wanted)
