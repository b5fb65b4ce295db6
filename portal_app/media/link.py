"""One browser's encrypted connection to the hub: DTLS for the keys, SRTP for the media, nothing unencrypted."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

import pylibsrtp
from aiortc import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport, RTCIceTransport

from portal_app.media.port import Address, Port, Traffic
from portal_app.media.rtp import is_rtcp
from portal_app.media.sdp import Offer

CALL_WITHIN_S: Final = 15.0
"""How long a browser that got an answer may take to call."""
SILENT_AFTER_S: Final = 12.0
"""A browser checks its connection every few seconds (RFC 7675); one that has not for so long is gone."""
_WAITING_MAX: Final = 64


class _Wire:
    """What aiortc's encryption sends and receives by: the packets of one connection that are of its kind."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_now = send
        self.waiting: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING_MAX)

    async def _recv(self) -> bytes:
        data = await self.waiting.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self._send_now(data)


class Taker(Protocol):
    """What is done with what arrives."""

    def take(self, data: bytes, now: float) -> None:
        """Take a decrypted RTP packet."""

    def take_feedback(self, data: bytes, now: float) -> None:
        """Take a decrypted RTCP packet."""


class Link:
    """A connection that was agreed on.

    Args:
        port: the hub's port.
        certificate: the hub's own, whose fingerprint the answer carried.
        offer: the browser's side.
        on_change: called when the connection is up, and once when it is over.

    `taker` is given the decrypted packets, once it is set.
    """

    def __init__(
        self,
        port: Port,
        certificate: RTCCertificate,
        offer: Offer,
        *,
        on_change: Callable[[], None],
    ) -> None:
        """Wait for the browser's call."""
        self.user = secrets.token_hex(8)
        self.password = secrets.token_hex(16)
        self.ssrc = secrets.randbits(31) or 1
        self.is_up = False
        self.is_over = False
        self.heard_at = time.monotonic()
        self._made_at = self.heard_at
        self._port = port
        self._address: Address | None = None
        self._on_change = on_change
        self.taker: Taker | None = None
        self._wire = _Wire(self._send_raw)
        self._dtls = RTCDtlsTransport(cast("RTCIceTransport", self._wire), [certificate])
        self._dtls._set_role("server")  # noqa: SLF001 - aiortc's own peer connection sets it the same way
        self._keys_in: Any = None
        self._keys_out: Any = None
        port.expect(self)
        self._farewell: asyncio.Task[None] | None = None
        self._task = asyncio.create_task(self._agree(RTCDtlsParameters(list(offer.fingerprints), "client")))

    async def _agree(self, theirs: RTCDtlsParameters) -> None:
        self._dtls.on("statechange", self._on_state)
        await self._dtls.start(theirs)

    def _on_state(self) -> None:
        if self._dtls.state == "connected" and not self.is_over:
            # The sessions that protect and unprotect are used directly: aiortc would decode what it receives.
            self._keys_in, self._keys_out = self._dtls._rx_srtp, self._dtls._tx_srtp  # noqa: SLF001
            self.is_up = True
            self._on_change()
        elif self._dtls.state in ("closed", "failed"):
            self.close()

    def heard(self, address: Address, *, is_chosen: bool) -> None:
        """Take note of an address the browser proved itself from; the one it chose is answered to."""
        self.heard_at = time.monotonic()
        if self._address is None or is_chosen:
            self._address = address

    def receive(self, data: bytes) -> None:
        """Take a packet: media at once, of the key exchange in turn."""
        if data[0] > 127:
            if self.is_up and data[0] < 192:
                self._decrypt(data)
        elif 19 < data[0] < 64 and not self._wire.waiting.full():
            self._wire.waiting.put_nowait(data)

    def _decrypt(self, data: bytes) -> None:
        if self.taker is None:
            return
        now = time.monotonic()
        try:
            if is_rtcp(data):
                self.taker.take_feedback(self._keys_in.unprotect_rtcp(data), now)
            else:
                self.taker.take(self._keys_in.unprotect(data), now)
            self.heard_at = now
        except (pylibsrtp.Error, ValueError):  # forged, repeated, or longer than a packet can be
            return

    @property
    def traffic(self) -> Traffic:
        """Return where is counted what goes through the port."""
        return self._port.traffic

    def send_media(self, packet: bytes) -> None:
        """Send an RTP packet; dropped unless the connection is encrypted."""
        if self.is_up:
            try:
                self._send_raw(self._keys_out.protect(packet))
            except (pylibsrtp.Error, ValueError):
                self._port.traffic.not_sent += 1  # told of once a minute: there may be hundreds in a second

    def send_feedback(self, packet: bytes) -> None:
        """Send an RTCP packet; dropped unless the connection is encrypted."""
        if self.is_up:
            self._send_raw(self._keys_out.protect_rtcp(packet))

    def _send_raw(self, data: bytes) -> None:
        if self._address is not None:
            self._port.send(data, self._address)

    def is_lost(self, now: float) -> bool:
        """Tell whether the browser never came, or has not been heard for long."""
        return now - (self.heard_at if self.is_up else self._made_at) > (
            SILENT_AFTER_S if self.is_up else CALL_WITHIN_S
        )

    def close(self) -> None:
        """End the connection; whoever holds it hears of it once."""
        if self.is_over:
            return
        self.is_over, self.is_up = True, False
        self._port.forget(self)
        self._task.cancel()
        self._farewell = asyncio.create_task(self._dtls.stop())  # tells the browser, which then need not find out
        self._on_change()
