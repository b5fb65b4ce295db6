"""The demo's mailbox: takes every mail over SMTP on this machine and keeps it as a file for the outbox page."""

import asyncio
import hashlib
import re
import signal
import time
from email import message_from_bytes
from pathlib import Path
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal_app.features.notify.service import outbox_folder
from portal_app.settings import Settings

KEPT: Final = 500
"""How many mails are kept; the oldest go first."""
MAX_MAIL_BYTES: Final = 2_000_000


class Catcher:
    """Store what arrives in a folder, one `.eml` file for each Message-ID, so a repeated delivery shows once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 — aiosmtpd's name and signature
        """Keep one mail; the reply says so only once it is on disk."""
        content = envelope.content or b""
        self._store(content if isinstance(content, bytes) else content.encode())
        return "250 kept for the demo's outbox page"

    def _store(self, content: bytes) -> None:
        message_id = message_from_bytes(content).get("Message-ID", "") or content.hex()
        name = hashlib.sha256(message_id.encode()).hexdigest()[:24]
        if any(self._folder.glob(f"*-{name}.eml")):
            return
        draft = self._folder / f".{name}"
        draft.write_bytes(content)
        draft.replace(self._folder / f"{time.time_ns():020d}-{name}.eml")
        for old in sorted(self._folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)


async def catch(settings: Settings, ready: asyncio.Event | None = None) -> None:
    """Take mail until cancelled. Listens on the loopback address only, whatever the settings say."""
    host = settings.smtp_host if re.fullmatch(r"127\.\d+\.\d+\.\d+|::1|localhost", settings.smtp_host) else "127.0.0.1"
    catcher = Catcher(outbox_folder(settings))
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(catcher, data_size_limit=MAX_MAIL_BYTES, enable_SMTPUTF8=True, ident="Sala demo outbox"),
        host,
        settings.smtp_port,
    )
    async with server:
        if ready is not None:
            ready.set()
        await server.serve_forever()


def main(settings: Settings) -> int:
    """Run the catcher until SIGTERM or SIGINT. Raises OSError when the port is taken."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        catching = asyncio.create_task(catch(settings))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, catching.cancel)
        await asyncio.wait([catching])
        if not catching.cancelled():
            catching.result()

    asyncio.run(run())
    return 0
