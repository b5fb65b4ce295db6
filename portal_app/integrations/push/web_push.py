"""Notifications by Web Push (RFC 8030), encrypted for the browser (RFC 8291) and signed by the portal (RFC 8292).

`webpush` encrypts and signs; who is asked, and what an answer means, is decided here.
"""

import asyncio
import socket
import ssl
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Final

import httpx
from webpush import WebPush
from webpush.types import WebPushMessage, WebPushSubscription

from portal_app.core.push_services import is_push_service, is_this_machine
from portal_app.features.notify.errors import PushAway, PushGone, PushRefused
from portal_app.features.notify.ports import OutgoingPush
from portal_app.features.notify.push_keys import PushKey
from portal_app.integrations.push.payload import payload
from portal_app.settings import Settings

TIMEOUT_S: Final = 15.0
"""For the whole conversation, however slowly the answer drips: well below the life of a claim on a message."""
NOT_LISTED: Final = 0
"""In the place of a reply: the address is at none of the services of the settings."""
_TOPIC_CHARS: Final = 32
_GONE: Final = frozenset({404, 410})
# What an operator can mend (the key or the time), or time itself: the message goes by mail if it lasts.
_PASSING: Final = frozenset({401, 403, 407, 408, 421, 423, 425, 429})


class WebPushes:
    """Hand notifications to the push services of browsers. Implements notify's PushPort.

    Only services of the settings are asked, at public addresses, by https; redirects are not followed.
    """

    def __init__(self, settings: Settings, key: PushKey) -> None:
        self._services = settings.push_services.split()
        # Push services may write to whoever runs the portal; they take the portal's own address for that.
        self._push = WebPush(key.private_pem, key.public_pem, parseaddr(settings.mail_from)[1])
        self._certificates = ssl.create_default_context()

    async def send(self, push: OutgoingPush) -> None:
        """Make one request. Raises PushGone, PushRefused, PushAway."""
        if not is_push_service(push.target.endpoint, self._services):
            raise PushRefused(NOT_LISTED)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                status = await self._post(push)
        except (TimeoutError, OSError, httpx.HTTPError) as error:
            raise PushAway(type(error).__name__) from error
        if status in _GONE:
            raise PushGone(status)
        if status in _PASSING or not (200 <= status < 300 or 400 <= status < 500):
            raise PushAway(f"HTTP {status}")
        if status >= 400:
            raise PushRefused(status)

    async def _post(self, push: OutgoingPush) -> int:
        written = self._written(push)
        headers = {
            **written.headers, "ttl": str(push.life_s), "content-type": "application/octet-stream",
            "urgency": "normal", "topic": push.message_key.replace("-", "")[:_TOPIC_CHARS],
        }  # fmt: skip
        address = httpx.URL(push.target.endpoint)
        headers["host"] = address.netloc.decode()
        extensions = {"sni_hostname": address.host}
        where = address.copy_with(host=await _public_address(address))
        async with (
            httpx.AsyncClient(
                timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, verify=self._certificates
            ) as client,
            client.stream(
                "POST", where, content=written.encrypted, headers=headers, extensions=extensions
            ) as answer,
        ):  # fmt: skip
            return answer.status_code  # what it says beside that is not read

    def _written(self, push: OutgoingPush) -> WebPushMessage:
        target = push.target
        try:
            browser = WebPushSubscription.model_validate(
                {"endpoint": target.endpoint, "keys": {"p256dh": target.p256dh, "auth": target.auth}}
            )
            return self._push.get(payload(push), browser)
        except ValueError:
            raise PushGone(NOT_LISTED) from None


async def _public_address(address: httpx.URL) -> str:
    """Return the address that a host's name stands for; it is asked and no other, whatever the name stands for later.

    Raises:
        PushAway: if it stands for one that is not public.
    """
    if is_this_machine(address.host):
        return address.host
    port = address.port or 443
    found = await asyncio.get_running_loop().getaddrinfo(address.host, port, type=socket.SOCK_STREAM)
    numbers = [str(one[4][0]) for one in found]
    if not numbers or not all(ip_address(number).is_global for number in numbers):
        raise PushAway("not a public address")
    # The kinds of address this machine has no way out by are left out by the resolver; IPv4 goes almost everywhere.
    return min(numbers, key=lambda number: ":" in number)
