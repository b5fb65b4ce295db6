"""What the gate reads of a request, and the answers it gives by itself."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


def header(scope: Scope, name: str) -> str | None:
    """Return a header of a request, or None; of a repeated one the parts joined as HTTP says."""
    wanted = name.lower().encode()
    found = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted]
    return ("; " if wanted == b"cookie" else ", ").join(found) if found else None


def client_address(scope: Scope, proxy_hops: int) -> str:
    """Return the address of the person's own network.

    `X-Forwarded-For` is believed only as far as our own proxies wrote it: the `proxy_hops`-th entry from the
    right. Fewer entries than hops means the request did not come through them, and the peer's address counts.
    """
    peer = str(scope["client"][0]) if scope.get("client") else ""
    if proxy_hops:
        hops = [part.strip() for part in (header(scope, "x-forwarded-for") or "").split(",") if part.strip()]
        if len(hops) >= proxy_hops:
            return hops[-proxy_hops]
    return peer


def network_of(address: str) -> str:
    """Return what counts as one network: an IPv4 address, or the /64 that one household or phone has in IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


async def answer(
    send: Send,
    status: int,
    body: bytes = b"",
    headers: Iterable[tuple[bytes, bytes]] = (),
    content_type: bytes = b"text/plain; charset=utf-8",
) -> None:
    """Send a whole response."""
    head = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def redirect(send: Send, location: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send the browser to another address with GET, and keep the answer out of every cache."""
    await answer(send, 303, headers=[(b"location", location.encode()), (b"cache-control", b"no-store"), *headers])


async def refuse_socket(receive: Receive, send: Send, code: int) -> None:
    """Turn a WebSocket away before it is accepted."""
    await receive()
    await send({"type": "websocket.close", "code": code})
