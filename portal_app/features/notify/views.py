"""Frozen rows for screens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A message that the demo caught: a mail, or a text message, which has no subject.

    `code` is the code in it, or ''. `sent_at` is aware.
    """

    id: str
    is_text: bool
    to: str
    subject: str
    text: str
    code: str
    attachments: tuple[str, ...]
    sent_at: datetime
