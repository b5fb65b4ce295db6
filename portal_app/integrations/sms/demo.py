"""The demo's telephone: text messages kept as files for the outbox page."""

import asyncio
import hashlib
import json
import time
from pathlib import Path
from typing import Final

from portal_app.features.notify.ports import OutgoingText

KEPT: Final = 500
"""How many text messages are kept; the oldest go first."""


class CaughtTexts:
    """Store what would be sent, one `.text` file for each message, so a repeated delivery shows once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: OutgoingText) -> None:
        """Keep one message."""
        await asyncio.to_thread(self._store, message)

    def _store(self, message: OutgoingText) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = hashlib.sha256(message.message_key.encode()).hexdigest()[:24]
        if any(self._folder.glob(f"*-{name}.text")):
            return
        draft = self._folder / f".{name}"
        held = {"to": message.to, "text": message.text, "sent_at": message.sent_at.isoformat()}
        draft.write_text(json.dumps(held, ensure_ascii=False))
        draft.replace(self._folder / f"{time.time_ns():020d}-{name}.text")
        for old in sorted(self._folder.glob("*.text"))[:-KEPT]:
            old.unlink(missing_ok=True)
