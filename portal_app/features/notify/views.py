"""Frozen rows for screens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A message that the demo caught: a mail, a text message, which has no subject, or a notification.

    `code` is the code in it, or ''. `sent_at` is aware.
    """

    id: str
    kind: str
    to: str
    subject: str
    text: str
    code: str
    attachments: tuple[str, ...]
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class PushBrowser:
    """A browser on which somebody has notifications on, by the session that is open there.

    `taken_at` is when its push service last took one and `failed_at` when it last would not, aware, None for never.
    """

    id: UUID
    session_id: UUID
    is_this: bool
    taken_at: datetime | None
    failed_at: datetime | None
