"""Deliver what is in the outbox."""

from collections.abc import Sequence
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
from portal_app.features.notify import rules, sending
from portal_app.features.notify.composing import Claim, compose_mail, compose_pushes, compose_text
from portal_app.features.notify.errors import (
    DeliveryAway,
    DeliveryRefused,
    MailAway,
    NobodyTookIt,
    PushAway,
    TextAway,
)
from portal_app.features.notify.ports import MailPort, TextPort
from portal_app.features.notify.sending import Browser
from portal_app.features.notify.templates import get_template, is_still_true
from portal_app.features.tasks import service as tasks

OUTBOX_TOPIC: Final = "outbox"
"""Announced when a message went out, for the demo's page."""


async def send_later(tx: Transaction, message_id: UUID, send_at: datetime | None) -> None:
    """Have a message delivered once this transaction commits, or at `send_at`."""
    await enqueue(tx, deliver, run_at=send_at, message_id=message_id)


@long_job("notify.deliver", policy="notify.deliver")
async def deliver(work: Workplace, message_id: str) -> None:
    """Send one message, once, by the way that its reader wishes for.

    The message is marked before the conversation and after it. A worker killed in between leaves it unknown whether
    the other side took it: then it is sent again under the same Message-ID, which mailboxes show once, or under the
    same id of the request, by which a gateway sends a text once and a browser shows a notification once.

    What was to be a notification goes by mail at once if no browser is left that takes it.

    Raises:
        DeliveryAway: so that the job is tried again later.
    """
    while (claim := await _claim(work, UUID(message_id))) is not None:
        try:
            await _hand_over(work, claim)
        except NobodyTookIt as error:
            await _put_back(work, claim.id, error.code)
            continue
        except DeliveryRefused as error:
            await _give_up(work, claim.id, error.reason)
        except DeliveryAway as error:
            if not rules.is_last_try(claim.attempts):
                await _put_back(work, claim.id, error.code)
                raise
            await _give_up(work, claim.id, error.code)
        else:
            await _note_sent(work, claim)
        return


_AWAY: Final = {"text": TextAway, "push": PushAway}

_LOCK = text("""
select m.id, m.person_id, m.channel, m.template, coalesce(m.locale, p.locale) as locale, m.content, m.status,
  m.attempts, m.claimed_at, m.created_at, m.dedupe_key, p.email, p.phone, p.reminders_by, p.offers_by,
  p.quiet_from, p.quiet_until, coalesce((select c.zone from patient c where c.id = m.patient_id), 'UTC') as zone
from outbox_message m join person p on p.id = m.person_id
where m.id = :id and m.status in ('queued', 'sending') for update of m
""").columns(content=EncryptedJSON(), email=EncryptedText(), phone=EncryptedText())


async def _claim(work: Workplace, message_id: UUID) -> Claim | None:
    """Mark a message as being sent; None when there is nothing left to do about it."""
    async with work.database.act_as_system("notify.deliver") as tx:
        row = await tx.first(_LOCK, {"id": message_id})
        now = clock.now()
        if row is None:
            return None
        if rules.is_claim_alive(row.status, row.claimed_at, now):
            raise _AWAY.get(row.channel, MailAway)("another worker is sending this message")
        channel, browsers = await _way(tx, work, row)
        content = row.content or {}
        to = content.get("to") or (row.phone if channel == "text" else row.email)
        hopeless = _hopeless(row, to or channel == "push", now)
        if not hopeless and not await is_still_true(tx, row.template, row.dedupe_key):
            hopeless = "withdrawn"
        if not hopeless and channel == "push" and not browsers:
            if await sending.is_taken(tx, message_id):
                await _mark_sent(tx, message_id, row.template)
                return None
            hopeless = "no_browser"
        if hopeless:
            await _fail(tx, message_id, hopeless)
            return None
        await tx.execute(
            "update outbox_message set status = 'sending', attempts = attempts + 1, claimed_at = :now where id = :id",
            {"now": now, "id": message_id},
        )
        return Claim(
            row.id, channel, row.template, row.locale, to, content["params"], content["attachment"],
            row.attempts + 1, content.get("page", ""), browsers,
        )  # fmt: skip


def _hopeless(row: Any, has_address: object, now: datetime) -> str:
    """Return why a message cannot be sent any more, "" while it can."""
    if rules.is_too_late(row.created_at, get_template(row.template).life, now):
        return "too_late"
    if not has_address:
        return "no_address"
    return "no_content" if row.content is None else ""


async def _way(tx: Transaction, work: Workplace, row: Any) -> tuple[str, Sequence[Browser]]:
    """Return by which way a message goes, and to which browsers: as left, or as the person wishes for its kind."""
    wishes = {"reminder": row.reminders_by, "offer": row.offers_by}
    wish = wishes.get(get_template(row.template).about, row.channel)
    if row.channel == "push":
        only = (row.content or {}).get("to")
        return "push", await sending.waiting(tx, work.settings, row.person_id, row.id, only)
    hour = clock.now().astimezone(ZoneInfo(row.zone)).hour
    if wish in ("mail", row.channel) or rules.is_quiet(hour, row.quiet_from, row.quiet_until):
        return str(row.channel), ()
    if wish == "text":
        can_text = work.settings.is_demo or bool(work.settings.sms_url)
        return ("text" if row.phone and can_text else str(row.channel)), ()
    browsers = await sending.waiting(tx, work.settings, row.person_id, row.id)
    has_hope = bool(browsers) and row.attempts < rules.PUSH_TRIES
    return ("push", browsers) if has_hope or await sending.is_taken(tx, row.id) else (str(row.channel), ())


async def _hand_over(work: Workplace, claim: Claim) -> None:
    """Send a claimed message. Raises DeliveryRefused, DeliveryAway; NobodyTookIt where another way is left."""
    origin = work.settings.public_origin
    if claim.channel == "text":
        await work.port(TextPort).send(compose_text(claim, origin))  # type: ignore[type-abstract]
    elif claim.channel == "mail":
        await work.port(MailPort).send(compose_mail(claim, origin))  # type: ignore[type-abstract]
    elif not await sending.offer(work, claim.id, compose_pushes(claim)):
        raise NobodyTookIt


async def _note_sent(work: Workplace, claim: Claim) -> None:
    async with work.database.act_as_system("notify.deliver") as tx:
        await _mark_sent(tx, claim.id, claim.template)


async def _mark_sent(tx: Transaction, message_id: UUID, template: str) -> None:
    about: UUID | None = await tx.scalar(
        "update outbox_message set status = 'sent', sent_at = :now, content = null, last_error = null"
        " where id = :id returning patient_id",
        {"now": clock.now(), "id": message_id},
    )
    await audit.record(
        tx, "notify.send", patient_id=about, entity="Communication", entity_id=message_id, detail={"template": template}
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
