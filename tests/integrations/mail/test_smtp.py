"""Mail in a real SMTP conversation."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal_app.features.notify.errors import MailAway, MailRefused
from portal_app.features.notify.ports import Attachment, OutgoingMail
from portal_app.features.notify.service import outbox_folder
from portal_app.integrations.mail.smtp import SmtpMail
from portal_app.operations import mail_catcher
from portal_app.settings import Settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_mail(**changed: Any) -> OutgoingMail:
    held: dict[str, Any] = {
        "message_key": "7d1c",
        "template": "appointment_booked",
        "to": "ana@example.org",
        "subject": "Su cita — mañana",
        "text": "Hola\n",
        "html": "<p>Hola</p>",
        "locale": "es",
        "sent_at": datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    }
    return OutgoingMail(**(held | changed))


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    settings = Settings(mode="test", data_dir=tmp_path, smtp_port=free_port(), mail_from="portal@clinic.example")
    ready = asyncio.Event()
    catching = asyncio.create_task(mail_catcher.catch(settings, ready))
    await ready.wait()
    yield settings
    catching.cancel()
    with suppress(asyncio.CancelledError):
        await catching


def caught(settings: Settings) -> list[EmailMessage]:
    files = sorted(outbox_folder(settings).glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


async def test_a_mail_arrives_as_it_was_written(settings: Settings) -> None:
    await SmtpMail(settings).send(a_mail())
    (mail,) = caught(settings)
    assert mail["To"] == "ana@example.org"
    assert mail["From"] == "portal@clinic.example"
    assert mail["Subject"] == "Su cita — mañana"
    assert mail["Date"].datetime == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert mail["Message-ID"] == "<7d1c@clinic.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


async def test_a_calendar_file_comes_along(settings: Settings) -> None:
    calendar = Attachment("appointment.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    await SmtpMail(settings).send(a_mail(attachments=(calendar,)))
    (attached,) = caught(settings)[0].iter_attachments()
    assert attached.get_filename() == "appointment.ics"
    assert attached["Content-Type"].params == {"charset": "utf-8"}
    assert attached.get_payload(decode=True) == calendar.content


async def test_the_sender_may_have_a_name(settings: Settings) -> None:
    named = settings.model_copy(update={"mail_from": "Riverside Family Care <portal@clinic.example>"})
    await SmtpMail(named).send(a_mail())
    (mail,) = caught(settings)
    assert mail["From"] == "Riverside Family Care <portal@clinic.example>"
    assert mail["Message-ID"] == "<7d1c@clinic.example>"


async def test_the_same_mail_sent_twice_shows_once(settings: Settings) -> None:
    await SmtpMail(settings).send(a_mail())
    await SmtpMail(settings).send(a_mail())
    assert len(caught(settings)) == 1


async def test_the_demo_outbox_is_bounded(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_catcher, "KEPT", 2)
    for number in range(4):
        await SmtpMail(settings).send(a_mail(message_key=str(number)))
    assert [mail["Message-ID"] for mail in caught(settings)] == ["<2@clinic.example>", "<3@clinic.example>"]


async def test_a_line_break_in_a_subject_is_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match=r"newline|linefeed"):
        await SmtpMail(settings).send(a_mail(subject="Hello\r\nBcc: eve@example.org"))
    assert caught(settings) == []


class Refusing:
    """A mail server that answers one command as told."""

    def __init__(self, rcpt: str = "250 OK", data: str = "250 OK") -> None:
        self.rcpt, self.data = rcpt, data

    async def handle_RCPT(  # noqa: N802 — aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 — aiosmtpd's name
        return self.data


async def send_to(handler: Refusing, **settings: Any) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await SmtpMail(Settings(mode="test", smtp_port=port, **settings)).send(a_mail())


@pytest.mark.parametrize("handler", [Refusing(rcpt="550 no such mailbox"), Refusing(data="554 not wanted")])
async def test_a_final_refusal_is_told_from_a_passing_one(handler: Refusing) -> None:
    with pytest.raises(MailRefused) as refused:
        await send_to(handler)
    assert refused.value.reply_code in {550, 554}
    assert "ana" not in str(refused.value)


@pytest.mark.parametrize("handler", [Refusing(rcpt="450 mailbox busy"), Refusing(data="452 no space")])
async def test_a_passing_refusal_asks_for_another_try(handler: Refusing) -> None:
    with pytest.raises(MailAway):
        await send_to(handler)


async def test_no_server_asks_for_another_try() -> None:
    with pytest.raises(MailAway):
        await SmtpMail(Settings(mode="test", smtp_port=free_port())).send(a_mail())


async def test_a_server_without_starttls_is_never_used_in_plain() -> None:
    with pytest.raises(MailAway):
        await send_to(Refusing(), smtp_security="starttls")
