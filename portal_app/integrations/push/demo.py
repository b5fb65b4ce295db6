"""The demo's push service: notifications kept as files for the outbox page."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from portal_app.features.notify.ports import OutgoingPush
from portal_app.integrations import caught
from portal_app.integrations.push.payload import payload


class CaughtPushes:
    """Store what would be sent, one `.push` file for each message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, push: OutgoingPush) -> None:
        """Keep one notification, with the host it would have gone to."""
        held = {
            "to": urlsplit(push.target.endpoint).hostname or "", "title": push.title, "text": push.text,
            "link": push.link, "payload": payload(push).decode(), "sent_at": push.sent_at.isoformat(),
        }  # fmt: skip
        key = f"{push.message_key}:{push.target.endpoint}"
        await asyncio.to_thread(caught.keep, self._folder, ".push", key, held)
