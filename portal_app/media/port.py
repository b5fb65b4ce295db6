"""The one UDP port of the hub: who may speak to it, and whose a packet is.

The hub stands at a known address and waits to be called (ICE-lite, RFC 8445 section 2.5), so all connections share one
port within PORTAL_MEDIA_PORTS. A packet is answered only when it proves that it knows the secret of a connection that
was agreed on by signalling; to anybody else the port is silent. Nothing of a connection is made before that proof.
"""

import asyncio
import ipaddress
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import ifaddr
from aioice import stun

Address = tuple[str, int, int]
"""A browser's address and port, and by which of our own addresses it called; it is answered from there."""

_LOOP: Final = "127.0.0.1"
_MAX_PACKET: Final = 2048
_AT_ONCE: Final = 200
"""Packets read in a row before the process does anything else."""
_BUFFER_BYTES: Final = 2_000_000
_MAX_STUN_BYTES: Final = 1024


class Called(Protocol):
    """A connection that a browser may call."""

    user: str
    password: str

    def heard(self, address: Address, *, is_chosen: bool) -> None:
        """Take note that the browser proved itself from an address."""

    def receive(self, data: bytes) -> None:
        """Take a packet of the encrypted connection."""


@dataclass(slots=True)
class Traffic:
    """What has gone through a port: packets, and how many had to be asked for or sent once more, or were dropped."""

    packets_in: int = 0
    packets_out: int = 0
    asked_again: int = 0
    sent_again: int = 0
    not_sent: int = 0


class NoFreePort(Exception):
    """Every port of PORTAL_MEDIA_PORTS is taken."""


class Port:
    """A UDP port, one number on each address of this machine, shared by all connections."""

    def __init__(self, ports: range, addresses: Sequence[str] = ()) -> None:
        """Take the first number that is free on all addresses; `addresses` are what browsers are told instead of them.

        Raises:
            NoFreePort: if there is none.
        """
        own = own_addresses()
        is_own = all(address in (*own, _LOOP) for address in addresses)
        self._sockets, self.number = _bound(ports, addresses if addresses and is_own else (*own, _LOOP))
        self.addresses = tuple((address, self.number) for address in addresses or own or (_LOOP,))
        self.traffic = Traffic()
        self._called: dict[str, Called] = {}
        self._callers: dict[Address, Called] = {}
        self._loop = asyncio.get_running_loop()
        for index, one in enumerate(self._sockets):
            self._loop.add_reader(one, self._on_readable, one, index)

    def close(self) -> None:
        """Let go of the port."""
        for one in self._sockets:
            self._loop.remove_reader(one)
            one.close()

    def expect(self, connection: Called) -> None:
        """Answer a browser that knows this connection's secret."""
        self._called[connection.user] = connection

    def forget(self, connection: Called) -> None:
        """Be silent to whoever called this connection."""
        self._called.pop(connection.user, None)
        for address in [key for key, one in self._callers.items() if one is connection]:
            del self._callers[address]

    def send(self, data: bytes, address: Address) -> None:
        """Send a packet, or drop it where the network takes no more: a slow line delays nobody else."""
        self.traffic.packets_out += 1
        try:
            self._sockets[address[2]].sendto(data, address[:2])
        except OSError:
            self.traffic.not_sent += 1

    def _on_readable(self, source: socket.socket, index: int) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, sender = source.recvfrom(_MAX_PACKET)
            except OSError:  # nothing more to read, or somebody's port that is gone
                return
            self.traffic.packets_in += 1
            if len(data) < 2:
                continue
            address = (sender[0], sender[1], index)
            if data[0] < 4:
                self._on_call(data, address)
            elif (connection := self._callers.get(address)) is not None:
                connection.receive(data)

    def _on_call(self, data: bytes, address: Address) -> None:
        """Answer a connectivity check that proves itself (RFC 8445, section 7.3)."""
        asked = _question(data)
        if asked is None:
            return
        user = str(asked.attributes.get("USERNAME", "")).partition(":")[0]
        connection = self._called.get(user)
        if connection is None or not asked.check_message_integrity(connection.password.encode()):
            return
        answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, asked.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = address[:2]
        answer.add_message_integrity(connection.password.encode())
        self.send(bytes(answer), address)
        self._callers[address] = connection
        connection.heard(address, is_chosen="USE-CANDIDATE" in asked.attributes)


def _question(data: bytes) -> stun.Message | None:
    if len(data) > _MAX_STUN_BYTES:
        return None
    try:
        message = stun.parse_message(data)
    except (ValueError, IndexError, struct.error):
        return None
    is_question = message.message_class is stun.Class.REQUEST and message.message_method is stun.Method.BINDING
    return message if is_question else None


def _bound(ports: range, addresses: Sequence[str]) -> tuple[list[socket.socket], int]:
    """Return a socket for each address, all on the first number that is free."""
    for number in ports:
        chosen, made = number, []
        try:
            for address in addresses:
                made.append(_socket(address, chosen))
                chosen = made[0].getsockname()[1]
        except OSError:
            for one in made:
                one.close()
            continue
        return made, chosen
    raise NoFreePort(f"No UDP port from {ports.start} to {ports.stop - 1} is free. Set PORTAL_MEDIA_PORTS.")


def _socket(address: str, number: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            made.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
        made.bind((address, number))
    except OSError:
        made.close()
        raise
    return made


def own_addresses() -> list[str]:
    """Return the addresses of this machine that others may reach, IPv4 first."""
    found = [
        ipaddress.ip_address(entry.ip if isinstance(entry.ip, str) else entry.ip[0])
        for adapter in ifaddr.get_adapters()
        for entry in adapter.ips
    ]
    usable = [one for one in found if not (one.is_loopback or one.is_link_local or one.is_multicast)]
    return [str(one) for one in sorted(usable, key=lambda one: one.version)]
