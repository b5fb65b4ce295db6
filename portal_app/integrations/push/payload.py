"""What a browser's service worker is told."""

import json

from portal_app.features.notify.ports import OutgoingPush


def payload(push: OutgoingPush) -> bytes:
    """Return the message for the service worker: who it is from, that there is something, and where; nothing else."""
    said = {
        "id": push.message_key, "title": push.title, "text": push.text, "link": push.link, "lang": push.locale,
        "dir": push.direction,
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False).encode()
