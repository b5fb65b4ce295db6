"""Background work of enrolment: mail invitations, and forget what is too old to matter."""

from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import text

from portal_app.core import clock
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.jobs import Workplace, job, long_job
from portal_app.core.realtime import announce
from portal_app.features.enrolment import mails, rules
from portal_app.features.enrolment.making import make_activation
from portal_app.features.enrolment.secret import link_of
from portal_app.features.enrolment.views import Chart
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


_ITEM = text("""
select i.patient_id, c.confidentiality, c.language,
  exists (select from access_grant g where g.patient_id = i.patient_id and g.basis = 'self') as has_sign_in,
  signs_in_by_age(c.id, c.birth_date) as is_old_enough,
  (select a.email from activation a where a.patient_id = i.patient_id and a.email is not null
   order by a.created_at desc limit 1) as email
from activation_batch_item i join patient c on c.id = i.patient_id
where i.batch_id = :id and i.done_at is null order by c.family_name, c.given_name, c.id limit 1 for update of i
""").columns(email=EncryptedText)


@long_job("enrolment.invite_each", policy="enrolment.send")
async def invite_each(work: Workplace, batch_id: str) -> None:
    """Invite everybody of a batch, one transaction each; what is done stays done if the worker dies."""
    while True:
        async with work.database.act_as_system("enrolment.invite_each") as tx:
            if not await invite_next(tx, UUID(batch_id)):
                return


async def invite_next(tx: Transaction, batch_id: UUID) -> bool:
    """Invite the next one of a batch and tell whether there was one."""
    row = await tx.first(_ITEM, {"id": batch_id})
    if row is None:
        return False
    outcome, activation_id = "left_out", None
    if row.is_old_enough and not row.has_sign_in:
        chart = Chart(row.patient_id, row.confidentiality, row.language)
        activation_id = await make_activation(tx, chart, uuid5(batch_id, str(row.patient_id)), row.email)
        outcome = "mail" if row.email else "card"
        if row.email:
            await mail_invitation(tx, activation_id)
    await tx.execute(
        "update activation_batch_item set done_at = :now, outcome = :outcome, activation_id = :activation"
        " where batch_id = :id and patient_id = :patient",
        {"id": batch_id, "patient": row.patient_id, "outcome": outcome, "activation": activation_id,
         "now": clock.now()},
    )  # fmt: skip
    await announce(tx, f"batch:{batch_id}")
    return True


@job("enrolment.sweep", policy="enrolment.sweep", every="41 3 * * *")
async def sweep(tx: Transaction) -> None:
    """Remove what is too old to matter."""
    await remove_old(tx)


async def remove_old(tx: Transaction) -> None:
    """Remove claims a day after their end, counts of tries after a month, activations a year after theirs."""
    now = clock.now()
    await tx.execute("delete from activation_claim where expires_at < :cut", {"cut": now - timedelta(days=1)})
    await tx.execute("delete from activation_try where seen_at < :cut", {"cut": now - rules.TRY_LIFE})
    await tx.execute("delete from activation_batch where created_at < :cut", {"cut": now - timedelta(days=90)})
    await tx.execute("delete from activation where expires_at < :cut", {"cut": now - timedelta(days=365)})
