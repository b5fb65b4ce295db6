"""Leave messages for people, and read what the demo caught."""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as mail_policy
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.notify import jobs
from portal_app.features.notify.errors import UnsafeParameter
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
from portal_app.features.notify.views import DemoMessage
from portal_app.settings import Settings, get_settings

Channel = Literal["mail", "text"]
"""By which way a message goes."""

_WITH_CODES: Final = ("sign_in_code", "access_contact_code", "enrolment_code")
"""Messages whose six digits are a code, not part of a telephone number."""

__all__ = [
    "APPOINTMENT_REMINDER",
    "OUTBOX_TOPIC",
    "Attachment",
    "Channel",
    "Kind",
    "Template",
    "can_text",
    "check_before_sending",
    "enqueue_message",
    "moment_parameter",
    "outbox_folder",
    "read_demo_outbox",
    "register_template",
    "sweep",
]  # fmt: skip


def can_text() -> bool:
    """Tell whether this installation can send text messages at all."""
    settings = get_settings()
    return settings.is_demo or bool(settings.sms_url)


async def enqueue_message(  # noqa: PLR0913 - one call says everything about a message
    tx: Transaction,
    person_id: UUID,
    template: str,
    dedupe_key: str,
    params: Mapping[str, str],
    *,
    channel: Channel = "mail",
    to: str | None = None,
    locale: str | None = None,
    attachment: Attachment | None = None,
    send_at: datetime | None = None,
    patient_id: UUID | None = None,
) -> bool:
    """Leave a message that is sent once this transaction commits, or at `send_at` (aware UTC).

    It goes to the person's own e-mail address or telephone, or to `to` instead, which then is kept with the message.

    `dedupe_key` names the occasion, such as "appointment-booked:<id>": a second message with it is not sent, and
    the answer is False. `locale` defaults to the language the person reads the portal in when it is sent. When a
    message about a chart (`patient_id`) cannot be delivered, staff get a task.

    Raises:
        UnknownTemplate, UnsafeParameter: if the template, or a parameter in it, is not declared.
    """
    said = get_template(template)
    check_parameters(said, params)
    if channel == "text" and not said.text:
        raise UnsafeParameter(f"{template} is not a text message")
    message_id = uuid4()
    added = await tx.execute(
        insert(OutboxMessage)
        .values(
            id=message_id,
            person_id=person_id,
            channel=channel,
            template=template,
            locale=locale,
            content={"params": dict(params), "attachment": _packed(attachment), "to": to},
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


async def read_demo_outbox(settings: Settings, limit: int = 50) -> tuple[DemoMessage, ...]:
    """Return the newest mails first. For the demo's outbox page only."""
    return await asyncio.to_thread(_read_outbox, outbox_folder(settings), limit)


def _read_outbox(folder: Path, limit: int) -> tuple[DemoMessage, ...]:
    caught = [path for path in folder.glob("*") if path.suffix in (".eml", ".text") and not path.name.startswith(".")]
    newest_first = sorted(caught, reverse=True)
    return tuple(_read_text(path) if path.suffix == ".text" else _read_mail(path) for path in newest_first[:limit])


def _read_text(path: Path) -> DemoMessage:
    held: dict[str, Any] = json.loads(path.read_text())
    return DemoMessage(
        id=path.stem, is_text=True, to=held["to"], subject="", text=held["text"], code=_code_in(held["text"]),
        attachments=(), sent_at=datetime.fromisoformat(held["sent_at"]),
    )  # fmt: skip


def _code_in(words: str) -> str:
    code = re.search(r"(?<![0-9])[0-9]{6}(?![0-9])", words)
    return code.group() if code else ""


def _read_mail(path: Path) -> DemoMessage:
    mail = message_from_bytes(path.read_bytes(), policy=mail_policy)
    body = mail.get_body(("plain",))
    words = str(body.get_content()) if body else ""
    sent_at = mail["Date"].datetime if mail["Date"] else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return DemoMessage(
        id=path.stem,
        is_text=False,
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        text=words.strip(),
        code=_code_in(words) if mail["X-Portal-Message"] in _WITH_CODES else "",
        attachments=tuple(part.get_filename("") for part in mail.iter_attachments()),
        sent_at=sent_at,
    )
