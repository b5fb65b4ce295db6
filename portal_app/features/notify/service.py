"""Leave messages for people, and read the demo's mailbox."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as mail_policy
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.notify import jobs
from portal_app.features.notify.jobs import OUTBOX_TOPIC
from portal_app.features.notify.ports import Attachment
from portal_app.features.notify.tables import OutboxMessage
from portal_app.features.notify.templates import (
    APPOINTMENT_REMINDER,
    Kind,
    Template,
    check_before_sending,
    check_parameters,
    get_template,
    moment_parameter,
    register_template,
)
from portal_app.features.notify.views import DemoMail
from portal_app.settings import Settings

__all__ = [
    "APPOINTMENT_REMINDER",
    "OUTBOX_TOPIC",
    "Attachment",
    "Kind",
    "Template",
    "check_before_sending",
    "enqueue_message",
    "moment_parameter",
    "outbox_folder",
    "read_demo_outbox",
    "register_template",
    "sweep",
]  # fmt: skip


async def enqueue_message(  # noqa: PLR0913 - one call says everything about a message
    tx: Transaction,
    person_id: UUID,
    template: str,
    dedupe_key: str,
    params: Mapping[str, str],
    *,
    locale: str | None = None,
    attachment: Attachment | None = None,
    send_at: datetime | None = None,
    patient_id: UUID | None = None,
) -> bool:
    """Leave a message that is sent once this transaction commits, or at `send_at` (aware UTC).

    `dedupe_key` names the occasion, such as "appointment-booked:<id>": a second message with it is not sent, and
    the answer is False. `locale` defaults to the language the person reads the portal in when it is sent. When a
    message about a chart (`patient_id`) cannot be delivered, staff get a task.

    Raises:
        UnknownTemplate, UnsafeParameter: if the template, or a parameter in it, is not declared.
    """
    check_parameters(get_template(template), params)
    message_id = uuid4()
    added = await tx.execute(
        insert(OutboxMessage)
        .values(
            id=message_id,
            person_id=person_id,
            template=template,
            locale=locale,
            content={"params": dict(params), "attachment": _packed(attachment)},
            dedupe_key=dedupe_key,
            patient_id=patient_id,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )
    if added:
        await jobs.send_later(tx, message_id, send_at)
    return bool(added)


def _packed(attachment: Attachment | None) -> list[str] | None:
    if attachment is None:
        return None
    return [attachment.filename, attachment.media_type, b64encode(attachment.content).decode()]


async def withdraw(tx: Transaction, template: str) -> int:
    """Send no message of this template that still waits; return how many waited. For what has come to mean nothing."""
    return await tx.execute(
        "delete from outbox_message where template = :template and status in ('queued', 'sending')",
        {"template": template},
    )


async def sweep(tx: Transaction) -> int:
    """Forget, after 90 days, that messages were sent; return how many."""
    return await tx.execute(
        "delete from outbox_message where status in ('sent', 'failed') and created_at < :cut",
        {"cut": clock.now() - timedelta(days=90)},
    )


def outbox_folder(settings: Settings) -> Path:
    """Return where the demo's catcher keeps what it took."""
    return settings.data_dir / "outbox"


async def read_demo_outbox(settings: Settings, limit: int = 50) -> tuple[DemoMail, ...]:
    """Return the newest mails first. For the demo's outbox page only."""
    return await asyncio.to_thread(_read_outbox, outbox_folder(settings), limit)


def _read_outbox(folder: Path, limit: int) -> tuple[DemoMail, ...]:
    newest_first = sorted(folder.glob("*.eml"), reverse=True)
    return tuple(_read_mail(path) for path in islice(newest_first, limit))


def _read_mail(path: Path) -> DemoMail:
    mail = message_from_bytes(path.read_bytes(), policy=mail_policy)
    body = mail.get_body(("plain",))
    words = str(body.get_content()) if body else ""
    sent_at = mail["Date"].datetime if mail["Date"] else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    code = re.search(r"(?<![0-9])[0-9]{6}(?![0-9])", words) if mail["X-Portal-Message"] == "sign_in_code" else None
    return DemoMail(
        id=path.stem,
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        text=words.strip(),
        code=code.group() if code else "",
        attachments=tuple(part.get_filename("") for part in mail.iter_attachments()),
        sent_at=sent_at,
    )
