"""Ask a provider's addresses: within a time, up to a size, over TLS, without following anybody elsewhere."""

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from portal_app.features.access.errors import ProviderAway

WITHIN_S: Final = 10.0
LARGEST_BYTES: Final = 256 * 1024


class Reader:
    """Asks for JSON objects.

    Args:
        transport: what carries the questions, where a test puts itself in between.
        within_s: how long a whole answer may take.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None, within_s: float = WITHIN_S) -> None:
        self._transport = transport
        self._within_s = within_s
        self._certificates = ssl.create_default_context()

    async def get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the object at an address. Raises ProviderAway."""
        status, answer = await self._ask("GET", address, headers or {}, None)
        if status != 200:
            raise ProviderAway(f"status {status}")
        return answer

    async def post(self, address: str, headers: Mapping[str, str], body: str) -> tuple[int, dict[str, Any]]:
        """Send a form and return the status and the object that came back. Raises ProviderAway."""
        return await self._ask("POST", address, headers, body)

    async def _ask(
        self, method: str, address: str, headers: Mapping[str, str], body: str | None
    ) -> tuple[int, dict[str, Any]]:
        try:
            async with asyncio.timeout(self._within_s):
                status, said = await self._exchange(method, address, headers, body)
            answer = json.loads(said)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
            raise ProviderAway(type(error).__name__) from error
        if status >= 500 or not isinstance(answer, dict):
            raise ProviderAway(f"status {status}")
        return status, answer

    async def _exchange(
        self, method: str, address: str, headers: Mapping[str, str], body: str | None
    ) -> tuple[int, bytes]:
        require_safe(address)
        said = bytearray()
        async with (
            httpx.AsyncClient(
                transport=self._transport, verify=self._certificates, timeout=self._within_s,
                trust_env=not is_this_machine(address), headers={"accept": "application/json"},
            ) as client,
            client.stream(method, address, headers=headers, content=body) as answer,
        ):  # fmt: skip
            async for part in answer.aiter_bytes():
                said += part
                if len(said) > LARGEST_BYTES:
                    raise ProviderAway("too large an answer")
        return answer.status_code, bytes(said)


def require_safe(address: str) -> None:
    """Raise ProviderAway for an address that is not reached by TLS, unless it is on this very machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(address)):
        return
    raise ProviderAway("not an address by https")


def is_this_machine(address: str) -> bool:
    """Tell whether an address is one of this machine's own."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
