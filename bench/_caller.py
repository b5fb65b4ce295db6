"""A caller that costs little: it sends the clip packet by packet, and counts the pictures that come.

Its pictures are encoded already and it decodes none, so that a bench's own work leaves the machine to what is measured.
Connection and encryption are real: ICE as the side that decides, DTLS, SRTP.
"""

import asyncio
import re
import secrets
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from aioice import stun
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, RTCIceTransport

from bench._clip import FPS, SOUND_MS, Clip
from portal_app.media import rtp
from portal_app.media.port import own_addresses

OPUS, VP8, REPEAT = 111, 96, 97
_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_CALL_AGAIN_S: Final = (0.05, 2.5)
"""How soon a call is repeated that was not answered, and one that keeps the connection (RFC 7675)."""
_READ_EVERY_S: Final = 0.01
_LIMIT_BITS: Final = 2_500_000
_WITHIN_S: Final = 30
_EXTENSION: Final = struct.Struct("!HHI")
_HEADER: Final = struct.Struct("!BBHII")


class Caller:
    """Somebody with a camera and a microphone, who may be shown so many others."""

    def __init__(self, clip: Clip, others: int, certificate: RTCCertificate) -> None:
        self.user, self.password = secrets.token_hex(4), secrets.token_hex(12)
        self.pictures: Counter[int] = Counter()
        """How many pictures have come, by who sends them."""
        self.pictures_sent = 0
        self._clip, self.others, self._certificate = clip, others, certificate
        self._ssrcs = {OPUS: secrets.randbits(31) or 1, VP8: secrets.randbits(31) or 1}
        self._sent = {OPUS: [0, 0], VP8: [0, 0]}
        """Packets and octets, by kind."""
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_000_000)
        self._host = here()
        self._socket.bind((self._host, 0))
        self._answered = asyncio.Event()
        self._wire = _Wire(self._send)
        self._dtls = RTCDtlsTransport(cast("RTCIceTransport", self._wire), [certificate])
        self._dtls._set_role("client")  # noqa: SLF001 - as the hub does, see media/link.py
        self._remote: tuple[str, str] = ("", "")
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._began = 0.0
        self._keys: Any = None

    def offer(self) -> str:
        """Return what is agreed on: one sound and one picture to send, and as many of each as there are others."""
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines += [f"a=group:BUNDLE {' '.join(str(mid) for mid in range(2 * self.others))}", "a=msid-semantic:WMS *"]
        for mid in range(2 * self.others):
            lines += self._part(mid)
        return "\r\n".join([*lines, ""])

    def _part(self, mid: int) -> Iterator[str]:
        is_sound = mid % 2 == 0
        port = self._socket.getsockname()[1]
        print_ = next(one.value for one in self._certificate.getFingerprints() if one.algorithm == "sha-256")
        yield f"m={'audio' if is_sound else 'video'} 9 UDP/TLS/RTP/SAVPF {OPUS if is_sound else f'{VP8} {REPEAT}'}"
        yield from ("c=IN IP4 127.0.0.1", f"a=mid:{mid}", "a=rtcp-mux", "a=setup:active")
        yield from (f"a=ice-ufrag:{self.user}", f"a=ice-pwd:{self.password}", f"a=fingerprint:sha-256 {print_}")
        yield f"a=candidate:1 1 udp 2130706431 {self._host} {port} typ host"
        yield "a=sendrecv" if mid < 2 else "a=recvonly"
        if mid < 2:
            yield f"a=ssrc:{self._ssrcs[OPUS if is_sound else VP8]} cname:caller"
        if is_sound:
            yield f"a=rtpmap:{OPUS} opus/48000/2"
            return
        yield from (f"a=rtpmap:{VP8} VP8/90000", f"a=rtpmap:{REPEAT} rtx/90000", f"a=fmtp:{REPEAT} apt={VP8}")
        yield from (f"a=rtcp-fb:{VP8} {kind}" for kind in ("nack", "nack pli", "ccm fir", "goog-remb"))
        yield f"a=extmap:1 {_SEND_TIME}"

    async def take(self, answer: str) -> None:
        """Call the other side where its answer says, and begin to send."""
        found = {key: _line(answer, f"a={key}:") for key in ("ice-ufrag", "ice-pwd", "fingerprint")}
        self._remote = found["ice-ufrag"], found["ice-pwd"]
        wanted = rf"^a=candidate:\S+ 1 udp \d+ {re.escape(self._host)} (\d+) typ host"
        candidate = re.search(wanted, answer, re.MULTILINE | re.IGNORECASE)
        assert candidate, "the answer names no address of this machine"
        self._socket.connect((self._host, int(candidate.group(1))))
        self._read()
        async with asyncio.timeout(_WITHIN_S):
            self._call()
            await self._answered.wait()
            algorithm, value = found["fingerprint"].split()
            await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)], "server"))
        self._keys = self._dtls._tx_srtp  # noqa: SLF001
        self._began = self._loop.time() + secrets.randbelow(1000) / 1000 / FPS
        self._send_sound(0)
        self._send_picture(0)
        self._send_reports()

    def close(self) -> None:
        """Hang up."""
        for timer in self._timers.values():
            timer.cancel()
        self._wire.waiting.put_nowait(None)
        self._socket.close()

    # What is sent

    def _again(self, name: str, at: float, do: Callable[..., None], *given: int) -> None:
        self._timers[name] = self._loop.call_at(at, do, *given)

    def _call(self) -> None:
        asked = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        asked.attributes["USERNAME"] = f"{self._remote[0]}:{self.user}"
        asked.attributes["PRIORITY"] = 1_845_501_695
        asked.attributes["ICE-CONTROLLING"] = 1
        asked.attributes["USE-CANDIDATE"] = None
        asked.add_message_integrity(self._remote[1].encode())
        asked.add_fingerprint()
        self._send(bytes(asked))
        self._again("call", self._loop.time() + _CALL_AGAIN_S[self._answered.is_set()], self._call)

    def _send_sound(self, number: int) -> None:
        sounds = self._clip.sounds
        self._send_packet(OPUS, number * 48 * SOUND_MS, sounds[number % len(sounds)], is_last=False)
        self._again("sound", self._began + (number + 1) * SOUND_MS / 1000, self._send_sound, number + 1)

    def _send_picture(self, number: int) -> None:
        payloads = self._clip.pictures[number % len(self._clip.pictures)]
        for payload in payloads:
            self._send_packet(VP8, number * 90_000 // FPS, payload, is_last=payload is payloads[-1])
        self.pictures_sent += 1
        self._again("picture", self._began + (number + 1) / FPS, self._send_picture, number + 1)

    def _send_packet(self, kind: int, timestamp: int, payload: bytes, *, is_last: bool) -> None:
        sent = self._sent[kind]
        sent[0] += 1
        sent[1] += len(payload)
        marked = kind | is_last << 7
        if kind == VP8:
            head = _HEADER.pack(0x90, marked, sent[0] & 0xFFFF, timestamp & 0xFFFFFFFF, self._ssrcs[kind])
            head += _EXTENSION.pack(0xBEDE, 1, 0x12 << 24 | int(time.time() * 262_144) & 0xFFFFFF)
        else:
            head = _HEADER.pack(0x80, marked, sent[0] & 0xFFFF, timestamp & 0xFFFFFFFF, self._ssrcs[kind])
        self._send(self._keys.protect(head + payload))

    def _send_reports(self) -> None:
        """Tell the time of what is sent, and how much may come, as browsers do each second."""
        passed = self._loop.time() - self._began
        ntp = int((time.time() + 2_208_988_800) * 2**32)
        for kind, hz in ((OPUS, 48_000), (VP8, 90_000)):
            stamp = int(passed * hz) & 0xFFFFFFFF
            body = struct.pack("!IQIII", self._ssrcs[kind], ntp, stamp, *self._sent[kind])
            self._send(self._keys.protect_rtcp(struct.pack("!BBH", 0x80, 200, 6) + body))
        told = rtp.receiver_report(self._ssrcs[VP8], ()) + rtp.bandwidth_limit(self._ssrcs[VP8], _LIMIT_BITS, ())
        self._send(self._keys.protect_rtcp(told))
        self._again("reports", self._loop.time() + 1, self._send_reports)

    def _send(self, data: bytes) -> None:
        try:
            self._socket.send(data)
        except OSError:  # the other side is gone, or takes no more just now
            return

    # What comes

    def _on_call(self, data: bytes) -> None:
        """Take an answer to our call, or answer one: Janus calls too, the hub waits to be called."""
        said = stun.parse_message(data)
        if said.message_class is stun.Class.RESPONSE:
            self._answered.set()
        elif said.message_class is stun.Class.REQUEST:
            answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, said.transaction_id)
            answer.attributes["XOR-MAPPED-ADDRESS"] = self._socket.getpeername()
            answer.add_message_integrity(self.password.encode())
            answer.add_fingerprint()
            self._send(bytes(answer))

    def _read(self) -> None:
        """Take what has come, a hundred times a second: to be woken by each packet would cost more than all else."""
        self._again("read", self._loop.time() + _READ_EVERY_S, self._read)
        while True:
            try:
                data = self._socket.recv(2048)
            except OSError:
                return
            if data[0] > 127:
                # The last packet of a picture is marked; what is inside stays encrypted.
                if data[1] == VP8 | 0x80:
                    self.pictures[int.from_bytes(data[8:12], "big")] += 1
            elif data[0] < 4:
                self._on_call(data)
            elif not self._wire.waiting.full():
                self._wire.waiting.put_nowait(data)


def here() -> str:
    """Return the address at which everything of a bench meets: this machine's own, since Janus offers no other."""
    return next((one for one in own_addresses() if ":" not in one), "127.0.0.1")


class _Wire:
    """What aiortc's encryption sends and receives by."""

    role = "controlling"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_now = send
        self.waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def _recv(self) -> bytes:
        data = await self.waiting.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self._send_now(data)


def _line(sdp: str, begins: str) -> str:
    return next(line.removeprefix(begins) for line in sdp.splitlines() if line.startswith(begins))
