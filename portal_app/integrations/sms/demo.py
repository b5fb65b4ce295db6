"""The demo's telephone: text messages kept as files for the outbox page."""

import asyncio
from pathlib import Path

from portal_app.features.notify.ports import OutgoingText
from portal_app.integrations import caught


class CaughtTexts:
    """Store what would be sent, one `.text` file for each message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: OutgoingText) -> None:
        """Keep one message."""
        held = {"to": message.to, "text": message.text, "sent_at": message.sent_at.isoformat()}
        await asyncio.to_thread(caught.keep, self._folder, ".text", message.message_key, held)
