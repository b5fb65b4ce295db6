"""What `demo` and `serve` do alike before and after the processes start, and how they say what went wrong."""

import contextlib
import fcntl
import http.client
import os
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

from portal_app.operations.supervisor import Service, Supervisor

_READY_LIMIT_S = 60.0
_PORT_PATIENCE_S = 2.0
_FAILURES_TO_GIVE_UP = 3


class CannotStart(Exception):
    """Say in plain words why the portal does not start and what to do."""


def require_free_port(host: str, port: int, choose: str, patience_s: float = _PORT_PATIENCE_S) -> None:
    """Raise CannotStart when another program listens there; `choose` says how to choose, and ends in a free port.

    A portal that was killed a moment ago still listens for a second, so this waits a little first.
    """
    limit = time.monotonic() + patience_s
    while not is_free(host, port):
        if time.monotonic() > limit:
            other = next((number for number in range(port + 1, min(port + 100, 65536)) if is_free(host, number)), None)
            hint = f" Choose another: {choose}{other}" if other else ""
            raise CannotStart(f"Port {port} is taken by another program.{hint}")
        time.sleep(0.05)


def is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed connection in its last minute is free
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def unused_port() -> int:
    """Return a port on the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def sole_use(data_dir: Path, already: str) -> Iterator[None]:
    """Hold a data folder, made private, for this process alone; raises CannotStart with `already`."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotStart(already) from None
    finally:
        os.close(descriptor)


def wait_until_ready(
    supervisor: Supervisor, services: list[Service], host: str, port: int, *, certificate: Path | None = None
) -> bool:
    """Return True once the web process answers, False when asked to stop before.

    `certificate` is what it shows where it speaks TLS itself.

    Raises CannotStart with the end of the log when a process dies again and again, or nothing answers for a minute.
    """
    limit = time.monotonic() + _READY_LIMIT_S
    while not supervisor.is_stopping:
        if _answers(host, port, certificate):
            return True
        for service in services:
            if supervisor.failures(service.name) >= _FAILURES_TO_GIVE_UP:
                raise CannotStart(_last_words(f"{service.name} does not stay up.", service))
        if time.monotonic() > limit:
            web = next(service for service in services if service.name == "web")
            raise CannotStart(_last_words("The web process does not answer.", web))
        supervisor.tend(timeout_s=0.05)
    return False


def _answers(host: str, port: int, certificate: Path | None) -> bool:
    address = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    connection = http.client.HTTPConnection(address, port, timeout=5)
    if certificate is not None:
        trusted = ssl.create_default_context(cafile=certificate)
        connection = http.client.HTTPSConnection(address, port, timeout=5, context=trusted)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_words(what: str, service: Service) -> str:
    lines = service.last_words()
    if not lines:
        return f"{what} Its own words are above, where the portal's logs go."
    return "\n".join([f"{what} The end of its log:", *(f"    {line}" for line in lines)])
