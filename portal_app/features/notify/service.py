"""Leave messages for people, and read what the demo caught."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as mail_policy
from pathlib import Path
from typing import Any, Final

from portal_app.core import clock
from portal_app.core.db import Transaction
from portal_app.features.notify.jobs import OUTBOX_TOPIC
from portal_app.features.notify.leaving import Channel, enqueue_message, withdraw
from portal_app.features.notify.ports import Attachment
from portal_app.features.notify.push import hand_on, has_notifications, takes_notifications
from portal_app.features.notify.templates import (
    APPOINTMENT_REMINDER,
    Kind,
    Template,
    check_before_sending,
    moment_parameter,
    register_template,
)
from portal_app.features.notify.views import DemoMessage
from portal_app.settings import Settings, get_settings

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
    "hand_on",
    "has_notifications",
    "moment_parameter",
    "outbox_folder",
    "read_demo_outbox",
    "register_template",
    "sweep",
    "takes_notifications",
    "withdraw",
]  # fmt: skip


def can_text() -> bool:
    """Tell whether this installation can send text messages at all."""
    settings = get_settings()
    return settings.is_demo or bool(settings.sms_url)


async def sweep(tx: Transaction) -> int:
    """Forget, after 90 days, that messages were sent, and browsers whose session ran out; return how many messages."""
    await tx.execute(
        "delete from push_subscription p using session s where s.id = p.session_id"
        " and (s.ended_at is not null or s.expires_at < :now)",
        {"now": clock.now()},
    )
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
    read = {".eml": _read_mail, ".text": _read_text, ".push": _read_push}
    caught = [path for path in folder.glob("*") if path.suffix in read and not path.name.startswith(".")]
    return tuple(read[path.suffix](path) for path in sorted(caught, reverse=True)[:limit])


def _read_text(path: Path) -> DemoMessage:
    held: dict[str, Any] = json.loads(path.read_text())
    return DemoMessage(
        id=path.stem, kind="text", to=held["to"], subject="", text=held["text"], code=_code_in(held["text"]),
        attachments=(), sent_at=datetime.fromisoformat(held["sent_at"]),
    )  # fmt: skip


def _read_push(path: Path) -> DemoMessage:
    held: dict[str, Any] = json.loads(path.read_text())
    return DemoMessage(
        id=path.stem, kind="push", to=held["to"], subject=held["title"], text=f"{held['text']}\n{held['link']}",
        code="", attachments=(), sent_at=datetime.fromisoformat(held["sent_at"]),
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
        kind="mail",
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        text=words.strip(),
        code=_code_in(words) if mail["X-Portal-Message"] in _WITH_CODES else "",
        attachments=tuple(part.get_filename("") for part in mail.iter_attachments()),
        sent_at=sent_at,
    )
