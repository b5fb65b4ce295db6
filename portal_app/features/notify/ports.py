"""What notify needs from outside: somebody who takes mail, and somebody who takes text messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message, such as a calendar entry. Never anything about health."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One message to one person, ready to send.

    `message_key` is the same for every try to send the same message; the Message-ID is made from it, so a mailbox
    can tell a repeated delivery. `template` names the kind of message in a header, for filters. `sent_at` is aware.
    """

    message_key: str
    template: str
    to: str
    subject: str
    text: str
    html: str
    locale: str
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()


class MailPort(Protocol):
    """Takes mail for delivery."""

    async def send(self, mail: OutgoingMail) -> None:
        """Hand one message over; returning means that the mail system has taken responsibility for it.

        Raises MailRefused when it never will, MailAway when trying again may help.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """One text message to one telephone, ready to send: no health information, and a link at most.

    `message_key` is the same for every try to send the same message, so that whoever sends it can tell a repeated
    request. `to` is E.164. `sent_at` is aware.
    """

    message_key: str
    template: str
    to: str
    text: str
    locale: str
    sent_at: datetime


class TextPort(Protocol):
    """Takes text messages for delivery."""

    async def send(self, message: OutgoingText) -> None:
        """Hand one message over; returning means that the gateway has taken responsibility for it.

        Raises TextRefused when it never will, TextAway when trying again may help.
        """
        ...
