"""Background work of enrolment: mail invitations, and forget what is too old to matter."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from portal_app.core import clock
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.features.enrolment import mails, rules
from portal_app.features.enrolment.secret import link_of
from portal_app.features.notify import service as notify
from portal_app.features.practice import service as practice

_ONE = text(
    "select id, patient_id, email, locale from activation"
    " where id = :id and channel = 'mail' and used_at is null and revoked_at is null"
).columns(email=EncryptedText)


def link_path(link: str) -> str:
    """Return the address of a link without the origin."""
    return f"/activate?key={link}"


@job("enrolment.send_invitation", policy="enrolment.send")
async def send_invitation(tx: Transaction, activation_id: str) -> None:
    """Mail an activation to the address it was made for."""
    await mail_invitation(tx, UUID(activation_id))


async def mail_invitation(tx: Transaction, activation_id: UUID) -> None:
    """Do it; nothing if it was withdrawn or replaced meanwhile."""
    row = await tx.first(_ONE, {"id": activation_id})
    if row is None:
        return
    us = await practice.practice(tx)
    params = {"practice": us.name, "phone": us.phone, "link": link_path(link_of(row.id))}
    await mails.send(
        tx, row.email, mails.INVITATION, f"invitation:{row.id}", params, row.locale, patient_id=row.patient_id
    )


async def is_still_out(tx: Transaction, dedupe_key: str) -> bool:
    """Tell, just before an invitation is sent, whether it would still let anybody in."""
    return bool(
        await tx.scalar(
            "select exists (select from activation where id = :id and used_at is null and revoked_at is null)",
            {"id": UUID(dedupe_key.rsplit(":", 1)[1])},
        )
    )


notify.check_before_sending(mails.INVITATION, is_still_out)


@job("enrolment.sweep", policy="enrolment.sweep", every="41 3 * * *")
async def sweep(tx: Transaction) -> None:
    """Remove what is too old to matter."""
    await remove_old(tx)


async def remove_old(tx: Transaction) -> None:
    """Remove claims a day after their end, counts of tries after a month, activations a year after theirs."""
    now = clock.now()
    await tx.execute("delete from activation_claim where expires_at < :cut", {"cut": now - timedelta(days=1)})
    await tx.execute("delete from activation_try where seen_at < :cut", {"cut": now - rules.TRY_LIFE})
    await tx.execute("delete from activation where expires_at < :cut", {"cut": now - timedelta(days=365)})
