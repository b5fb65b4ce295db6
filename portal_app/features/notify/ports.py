"""What notify needs from outside: somebody who takes mail, text messages, and notifications for browsers."""

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Where a browser takes notifications: an address at its push service, and its keys in base64url (RFC 8291)."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutgoingPush:
    """One notification for one browser, ready to send: that there is something new, and where.

    `message_key` is the same for every try, so that the push service and the browser show it once. `link` is an
    address of this portal without its origin. It is no use after `life_s` seconds. `sent_at` is aware.
    """

    message_key: str
    template: str
    target: PushTarget
    title: str
    text: str
    link: str
    locale: str
    direction: str
    life_s: int
    sent_at: datetime


class PushPort(Protocol):
    """Takes notifications for browsers."""

    async def send(self, push: OutgoingPush) -> None:
        """Hand one over; returning means that the browser's push service has taken responsibility for it.

        Raises PushGone when the browser takes none any more, PushRefused when it never will take this one, PushAway
        when trying again may help.
        """
        ...
