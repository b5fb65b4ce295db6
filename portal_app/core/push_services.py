"""Which addresses notifications may be sent to: a browser names one, and whoever speaks for it may name any."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

ENDPOINT_MAX: Final = 1000


def is_push_service(endpoint: str, services: Iterable[str]) -> bool:
    """Tell whether an address is one of the push services we send to, which whoever names it cannot choose.

    `services` are hosts, `*.` in front for all below one; they are reached by https at its own port. A whole origin is
    one of this very machine, for trying things out.
    """
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint and "\\" not in endpoint
    if not is_plain or len(endpoint) > ENDPOINT_MAX or parts.username is not None or not parts.path.strip("/"):
        return False
    known = tuple(services)
    if is_this_machine(host):
        return f"{parts.scheme}://{parts.netloc}" in known
    return parts.scheme == "https" and port in (None, 443) and any(_is_host(host, one) for one in known)


def _is_host(host: str, wanted: str) -> bool:
    return host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted


def is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
