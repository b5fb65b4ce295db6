"""Text messages over HTTP: one signed JSON request for each, which any gateway can be put behind.

The request is signed as Standard Webhooks 1.0.0 says (headers `webhook-id`, `webhook-timestamp`, `webhook-signature`);
the operator's guide describes it for whoever answers it.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
from typing import Final
from urllib.parse import urlsplit

import httpx

from portal_app.core import clock
from portal_app.features.notify.errors import TextAway, TextRefused
from portal_app.features.notify.ports import OutgoingText
from portal_app.settings import Settings

TIMEOUT_S: Final = 15.0
"""For the whole conversation, however slowly the answer drips: well below the life of a claim on a message."""
SECRET_BYTES_MIN: Final = 24
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
# What an operator can mend (a wrong address or secret), or time: the message itself is good and waits.
_PASSING: Final = frozenset({401, 403, 404, 405, 407, 408, 409, 421, 423, 425, 429})


class WebhookTexts:
    """Hand text messages to the gateway of the settings. Implements notify's TextPort.

    Any 2xx answer means that the gateway has taken the message. Redirects are not followed.

    Raises:
        SystemExit: if the address is not https (or this machine), or the secret is missing or too short.
    """

    def __init__(self, settings: Settings) -> None:
        self._url, self._from = settings.sms_url, settings.sms_from
        parts = urlsplit(self._url)
        if not (parts.hostname and (parts.scheme == "https" or parts.hostname in _LOOPBACK)):
            raise SystemExit("PORTAL_SMS_URL must begin with https://")
        self._key = _key(settings.sms_secret.get_secret_value() if settings.sms_secret else "")

    async def send(self, message: OutgoingText) -> None:
        """Make one request. Raises TextRefused, TextAway."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status = await self._post(message)
        except (TimeoutError, httpx.HTTPError) as error:
            raise TextAway(type(error).__name__) from error
        if status in _PASSING or not (200 <= status < 300 or 400 <= status < 500):
            raise TextAway(f"HTTP {status}")
        if status >= 400:
            raise TextRefused(status)

    async def _post(self, message: OutgoingText) -> int:
        body = json.dumps(self._said(message), ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "idempotency-key": message.message_key}
        headers |= self._signature(message.message_key, int(clock.now().timestamp()), body)
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", self._url, content=body, headers=headers) as answer,
        ):
            return answer.status_code  # what it says beside that is not read

    def _said(self, message: OutgoingText) -> dict[str, str]:
        return {
            "id": message.message_key, "to": message.to, "from": self._from, "text": message.text,
            "language": message.locale, "sent_at": message.sent_at.isoformat(),
        }  # fmt: skip

    def _signature(self, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        signed = hmac.new(self._key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        return {
            "webhook-id": message_id, "webhook-timestamp": str(timestamp),
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }  # fmt: skip


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if len(key) < SECRET_BYTES_MIN:
        raise SystemExit("PORTAL_SMS_SECRET must be 24 random bytes or more in base64: openssl rand -base64 32")
    return key
