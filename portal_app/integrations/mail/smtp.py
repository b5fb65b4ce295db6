"""Mail over SMTP (RFC 5321), by aiosmtplib."""

import ssl
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final

import aiosmtplib

from portal_app.features.notify.errors import MailAway, MailRefused
from portal_app.features.notify.ports import Attachment, OutgoingMail
from portal_app.settings import Settings

TIMEOUT_S: Final = 20.0
_REFUSED: Final = range(500, 600)


class SmtpMail:
    """Hand mail to the server of the settings. Implements notify's MailPort.

    `smtp_security` is "none" (a server on this machine), "starttls" or "tls" (port 465); certificates are always
    checked, and STARTTLS that the server does not offer is an error, never a silent plain connection. `mail_from` is an
    address, or `Name <address>`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        name, address = parseaddr(settings.mail_from)
        self._sender = Address(name, addr_spec=address)

    async def send(self, mail: OutgoingMail) -> None:
        """Hold one SMTP conversation. Raises MailRefused, MailAway."""
        try:
            await self._converse(self.compose(mail))
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal([one.code for one in error.recipients]) from error
        except aiosmtplib.SMTPDataError as error:
            raise _refusal([error.code]) from error
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            # A refused sender or password is for the operator to mend; the message itself is good and waits.
            raise MailAway(type(error).__name__) from error

    async def _converse(self, message: EmailMessage) -> None:
        s = self._settings
        client = aiosmtplib.SMTP(
            hostname=s.smtp_host,
            port=s.smtp_port,
            use_tls=s.smtp_security == "tls",
            start_tls=s.smtp_security == "starttls",
            tls_context=ssl.create_default_context(),
            username=s.smtp_username,
            password=s.smtp_password.get_secret_value() if s.smtp_password else None,
            timeout=TIMEOUT_S,
        )
        async with client:
            await client.send_message(message)

    def compose(self, mail: OutgoingMail) -> EmailMessage:
        """Build the message: plain text first, HTML and a calendar's entry as its alternatives, then attachments."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = mail.sent_at
        message["Message-ID"] = f"<{mail.message_key}@{self._sender.domain}>"
        message["Content-Language"] = mail.locale
        message["List-Id"] = f"<notices.{self._sender.domain}>"
        message["X-Portal-Message"] = mail.template
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to us
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        for attachment in mail.attachments:
            _invite(message, attachment)
        for attachment in mail.attachments:
            _attach(message, attachment)
        return message


def _invite(message: EmailMessage, attachment: Attachment) -> None:
    """Let mail programs put an entry into the calendar: they look for it among the alternatives (RFC 6047)."""
    media_type, parameters = _media_type(attachment)
    if media_type != "text/calendar" or parameters.get("method") not in ("REQUEST", "CANCEL"):
        return
    message.add_alternative(attachment.content.decode(), subtype="calendar", params=parameters)


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    media_type, parameters = _media_type(attachment)
    main, _, sub = media_type.partition("/")
    charset = {"charset": "utf-8"} if main == "text" else {}
    message.add_attachment(
        attachment.content, maintype=main, subtype=sub, filename=attachment.filename, params=parameters | charset
    )


def _media_type(attachment: Attachment) -> tuple[str, dict[str, str]]:
    said = Message()
    said["content-type"] = attachment.media_type
    return said.get_content_type(), dict(said.get_params([])[1:])


def _refusal(codes: list[int]) -> MailRefused | MailAway:
    permanent = [code for code in codes if code in _REFUSED]
    return MailRefused(permanent[0]) if permanent else MailAway(f"SMTP {codes[0]}")
