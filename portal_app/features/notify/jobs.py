"""Deliver what is in the outbox."""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from portal_app.core import audit, clock
from portal_app.core.crypto import EncryptedJSON, EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.jobs import Workplace, enqueue, long_job
from portal_app.core.realtime import announce
from portal_app.features.notify import rules
from portal_app.features.notify.errors import DeliveryAway, DeliveryRefused, MailAway, TextAway
from portal_app.features.notify.ports import Attachment, MailPort, OutgoingMail, OutgoingText, TextPort
from portal_app.features.notify.templates import get_template, is_still_true, render, render_text
from portal_app.features.tasks import service as tasks

OUTBOX_TOPIC: Final = "outbox"
"""Announced when a message went out, for the demo's page."""


async def send_later(tx: Transaction, message_id: UUID, send_at: datetime | None) -> None:
    """Have a message delivered once this transaction commits, or at `send_at`."""
    await enqueue(tx, deliver, run_at=send_at, message_id=message_id)


@long_job("notify.deliver", policy="notify.deliver")
async def deliver(work: Workplace, message_id: str) -> None:
    """Send one message, once.

    The message is marked before the conversation and after it. A worker killed in between leaves it unknown whether
    the other side took it: then it is sent again under the same Message-ID, which mailboxes show once, or under the
    same id of the request, by which a gateway sends a text once.

    Raises:
        DeliveryAway: so that the job is tried again later.
    """
    claim = await _claim(work, UUID(message_id))
    if claim is None:
        return
    try:
        await _hand_over(work, claim)
    except DeliveryRefused as error:
        await _give_up(work, claim.id, error.reason)
    except DeliveryAway as error:
        if not rules.is_last_try(claim.attempts):
            await _put_back(work, claim.id, error.code)
            raise
        await _give_up(work, claim.id, error.code)
    else:
        await _note_sent(work, claim)


@dataclass(frozen=True, slots=True)
class _Claim:
    id: UUID
    channel: str
    template: str
    locale: str
    to: str = field(repr=False)
    params: dict[str, str] = field(repr=False)
    attachment: list[str] | None = field(repr=False)
    attempts: int


_LOCK = text("""
select m.id, m.channel, m.template, coalesce(m.locale, p.locale) as locale, m.content, m.status, m.attempts,
  m.claimed_at, m.created_at, m.dedupe_key, p.email, p.phone, p.reminders_by, p.offers_by, p.quiet_from, p.quiet_until,
  coalesce((select c.zone from patient c where c.id = m.patient_id), 'UTC') as zone
from outbox_message m join person p on p.id = m.person_id
where m.id = :id and m.status in ('queued', 'sending') for update of m
""").columns(content=EncryptedJSON(), email=EncryptedText(), phone=EncryptedText())


async def _claim(work: Workplace, message_id: UUID) -> _Claim | None:
    """Mark a message as being sent; None when there is nothing left to do about it."""
    async with work.database.act_as_system("notify.deliver") as tx:
        row = await tx.first(_LOCK, {"id": message_id})
        now = clock.now()
        if row is None:
            return None
        if rules.is_claim_alive(row.status, row.claimed_at, now):
            away = TextAway if row.channel == "text" else MailAway
            raise away("another worker is sending this message")
        channel = _channel(work, row)
        to = (row.content or {}).get("to") or (row.phone if channel == "text" else row.email)
        hopeless = "no_address" if not to else "no_content" if row.content is None else ""
        if rules.is_too_late(row.created_at, get_template(row.template).life, now):
            hopeless = "too_late"
        elif not await is_still_true(tx, row.template, row.dedupe_key):
            hopeless = "withdrawn"
        if hopeless:
            await _fail(tx, message_id, hopeless)
            return None
        await tx.execute(
            "update outbox_message set status = 'sending', attempts = attempts + 1, claimed_at = :now where id = :id",
            {"now": now, "id": message_id},
        )
        content = row.content
        return _Claim(
            row.id, channel, row.template, row.locale, to, content["params"], content["attachment"],
            row.attempts + 1,
        )  # fmt: skip


def _channel(work: Workplace, row: Any) -> str:
    """Return by which way a message goes: as it was left, or as the person wishes for messages of its kind."""
    wishes = {"reminder": row.reminders_by, "offer": row.offers_by}
    wish = wishes.get(get_template(row.template).about, row.channel)
    can_text = work.settings.is_demo or bool(work.settings.sms_url)
    if wish != "text" or row.channel == "text" or not row.phone or not can_text:
        return str(row.channel)
    hour = clock.now().astimezone(ZoneInfo(row.zone)).hour
    return "text" if rules.goes_by_text(wish, hour, row.quiet_from, row.quiet_until) else "mail"


async def _hand_over(work: Workplace, claim: _Claim) -> None:
    origin = work.settings.public_origin
    if claim.channel == "text":
        await work.port(TextPort).send(_compose_text(claim, origin))  # type: ignore[type-abstract]
    else:
        await work.port(MailPort).send(_compose(claim, origin))  # type: ignore[type-abstract]


def _compose_text(claim: _Claim, origin: str) -> OutgoingText:
    return OutgoingText(
        message_key=str(claim.id),
        template=claim.template,
        to=claim.to,
        text=render_text(get_template(claim.template), claim.params, claim.locale, origin),
        locale=claim.locale,
        sent_at=clock.now(),
    )


def _compose(claim: _Claim, origin: str) -> OutgoingMail:
    said = render(get_template(claim.template), claim.params, claim.locale, origin)
    attachments: tuple[Attachment, ...] = ()
    if claim.attachment is not None:
        filename, media_type, content = claim.attachment
        attachments = (Attachment(filename, media_type, b64decode(content)),)
    return OutgoingMail(
        message_key=str(claim.id),
        template=claim.template,
        to=claim.to,
        subject=said.subject,
        text=said.text,
        html=said.html,
        locale=claim.locale,
        sent_at=clock.now(),
        attachments=attachments,
    )


async def _note_sent(work: Workplace, claim: _Claim) -> None:
    async with work.database.act_as_system("notify.deliver") as tx:
        about: UUID | None = await tx.scalar(
            "update outbox_message set status = 'sent', sent_at = :now, content = null, last_error = null"
            " where id = :id returning patient_id",
            {"now": clock.now(), "id": claim.id},
        )
        await audit.record(
            tx,
            "notify.send",
            patient_id=about,
            entity="Communication",
            entity_id=claim.id,
            detail={"template": claim.template},
        )
        await announce(tx, OUTBOX_TOPIC)


async def _put_back(work: Workplace, message_id: UUID, error: str) -> None:
    async with work.database.act_as_system("notify.deliver") as tx:
        await tx.execute(
            "update outbox_message set status = 'queued', last_error = :error where id = :id and status = 'sending'",
            {"error": error, "id": message_id},
        )


async def _give_up(work: Workplace, message_id: UUID, error: str) -> None:
    async with work.database.act_as_system("notify.deliver") as tx:
        await _fail(tx, message_id, error)


async def _fail(tx: Transaction, message_id: UUID, error: str) -> None:
    """Give a message up. Its content goes: nobody will need it, and a code must not lie about.

    Staff are told of a message about a chart that did not arrive, once for each person, so that they can call.
    """
    failed = await tx.one(
        "update outbox_message set status = 'failed', last_error = :error, content = null where id = :id"
        " returning patient_id",
        {"error": error, "id": message_id},
    )
    await audit.record(
        tx, "notify.fail", patient_id=failed.patient_id, entity="Communication", entity_id=message_id,
        detail={"error": error},
    )  # fmt: skip
    if failed.patient_id is not None and error not in ("withdrawn", "too_late"):
        await tasks.open_task(tx, "undelivered", failed.patient_id, patient_id=failed.patient_id)
