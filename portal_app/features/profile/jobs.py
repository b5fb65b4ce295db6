"""Background work after an address changed: tell the old one, or put it back."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.access import service as access
from portal_app.features.notify import service as notify
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.features.profile import messages

_CHANGE: Final = text("""
select c.id, c.person_id, c.patient_id, c.kind, c.old_address, c.new_address, p.email
from contact_change c join person p on p.id = c.person_id where c.id = :id
""").columns(old_address=EncryptedText, new_address=EncryptedText, email=EncryptedText)


@job("profile.tell_contact_changed", policy="profile.tell_contact")
async def tell_contact_changed(tx: Transaction, change_id: str) -> None:
    """Tell the old address that there is a new one, and let no code sent to the old one sign in any more."""
    await tell_old_address(tx, UUID(change_id))


@job("profile.put_contact_back", policy="profile.put_back")
async def put_contact_back(tx: Transaction, change_id: str) -> None:
    """Put an address back as staff asked, end every session, and tell the address that counts again."""
    await put_back(tx, UUID(change_id))


async def tell_old_address(tx: Transaction, change_id: UUID) -> None:
    """Leave the messages about a change: to the old address, and for a telephone to the e-mail address as well."""
    change = await tx.one(_CHANGE, {"id": change_id})
    if change.kind == "email":
        await tx.execute("delete from sign_in_code where person_id = :id and used_at is null", {"id": change.person_id})
        if change.old_address:
            await _tell(tx, change, messages.EMAIL_CHANGED.name, "mail", change.old_address)
        return
    await _tell(tx, change, messages.PHONE_CHANGED.name, "mail", None)
    if change.old_address:
        await _tell(tx, change, messages.PHONE_CHANGED.name, "text", change.old_address)


async def put_back(tx: Transaction, change_id: UUID) -> None:
    """Put an address back and shut out whoever may have changed it."""
    change = await tx.one(_CHANGE, {"id": change_id})
    is_back = await tx.scalar("select undo_contact_change(:id)", {"id": change_id})
    if is_back and change.kind == "phone" and change.patient_id:
        await patients.write_number(tx, change.patient_id, change.old_address)
    await access.end_sessions_of(tx, change.person_id)
    await audit.record(
        tx, "profile.contact_back" if is_back else "profile.contact_taken", patient_id=change.patient_id,
        entity="ContactChange", entity_id=change_id,
    )  # fmt: skip
    if is_back:
        us = await practice.practice(tx)
        await notify.enqueue_message(
            tx, change.person_id, messages.PUT_BACK.name, f"put-back:{change_id}",
            {"practice": us.name, "phone": us.phone, "link": "/sign-in"}, patient_id=change.patient_id,
        )  # fmt: skip


async def _tell(tx: Transaction, change: Any, template: str, channel: notify.Channel, to: str | None) -> None:
    us = await practice.practice(tx)
    await notify.enqueue_message(
        tx, change.person_id, template, f"contact-changed:{channel}:{change.id}",
        {"practice": us.name, "phone": us.phone}, channel=channel, to=to,
    )  # fmt: skip
