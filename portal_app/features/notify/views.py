"""Frozen rows for screens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoMail:
    """A mail that the demo's catcher took. `code` is the sign-in code in it, or ''. `sent_at` is aware."""

    id: str
    to: str
    subject: str
    text: str
    code: str
    attachments: tuple[str, ...]
    sent_at: datetime
