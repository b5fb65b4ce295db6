"""One person's sound or picture on its way through the hub: in from them, out to everybody who sees them.

Each way looks after its own losses: what is missing on the way in is asked for at once, and what a receiver missed is
sent again from a short memory. Requests for a whole picture travel up to the sender.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from portal_app.media import rtp
from portal_app.media.link import Link
from portal_app.media.rtp import Packet, Report
from portal_app.media.sdp import Agreed, Place

REMEMBERED: Final = 512
"""Packets kept for sending again: about five seconds of a picture at 1 Mbit/s. In memory only, a power of two."""
_CLOCK_HZ: Final = {"audio": 48_000, "video": 90_000}
_GAP_MAX: Final = 200
_ASK_AGAIN_S: Final = 0.06
_ASKS_MAX: Final = 8
_PICTURE_EVERY_S: Final = 0.3
_RESENDS_PER_S: Final = 400


@dataclass(slots=True)
class _Missing:
    asked: int
    again_at: float


class Source:
    """What one person sends of one kind.

    Args:
        kind: audio or video.
        agreed: what it is called on the sender's connection.
        link: the sender's connection.
    """

    def __init__(self, kind: str, agreed: Agreed, link: Link) -> None:
        """Wait for the first packet."""
        self.kind, self.agreed, self.link = kind, agreed, link
        self.sinks: list[Sink] = []
        self.ssrc = 0
        self._highest = -1
        self._first = 0
        self._received = 0
        self._told = (0, 0)
        self._jitter = 0.0
        self._transit: float | None = None
        self._report: tuple[int, float] = (0, 0.0)
        self._memory: list[Packet | None] = [None] * (REMEMBERED if kind == "video" else 1)
        self._missing: dict[int, _Missing] = {}
        self._picture_at = 0.0
        self._picture_wanted = False

    def take(self, packet: Packet, now: float) -> None:
        """Pass a packet on to everybody who sees this person, and ask for what is missing before it."""
        if packet.ssrc != self.ssrc:
            self._begin(packet)
        ahead = (packet.sequence - self._highest) & 0xFFFF
        if 0 < ahead < 0x8000:
            if ahead > 1 and self.kind == "video":
                self._note_gap(ahead, now)
            self._highest += ahead
            self._note_arrival(packet, now)
        elif self._missing:
            self._missing.pop(packet.sequence, None)
        self._received += 1
        if self.kind == "video":
            self._memory[packet.sequence & (REMEMBERED - 1)] = packet
        for sink in self.sinks:
            sink.forward(packet, now)

    def take_again(self, packet: Packet, now: float) -> None:
        """Take a retransmission as the packet that was lost."""
        original = rtp.original_of(packet, self.agreed.payload_type, self.ssrc)
        if original is not None and original.sequence in self._missing:
            self.take(original, now)

    def _begin(self, packet: Packet) -> None:
        self.ssrc, self._highest, self._first = packet.ssrc, packet.sequence - 1, packet.sequence
        self._received, self._told = 0, (0, 0)
        self._missing.clear()
        for sink in self.sinks:
            sink.begin()

    def _note_gap(self, ahead: int, now: float) -> None:
        if ahead > _GAP_MAX:  # too much to ask for: a new picture is cheaper
            self._missing.clear()
            self.want_picture(now)
            return
        lost = [(self._highest + step) & 0xFFFF for step in range(1, ahead)]
        self.link.traffic.asked_again += len(lost)
        self._missing |= {number: _Missing(1, now + _ASK_AGAIN_S) for number in lost}
        self.link.send_feedback(self._with_report(rtp.packet_request(self.link.ssrc, self.ssrc, lost)))

    def _note_arrival(self, packet: Packet, now: float) -> None:
        """Follow the jitter as RFC 3550, section 6.4.1, has it."""
        transit = now * _CLOCK_HZ[self.kind] - packet.timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < _CLOCK_HZ[self.kind]:
                self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def remembered(self, sequence: int) -> Packet | None:
        """Return a packet of the last seconds."""
        packet = self._memory[sequence & (REMEMBERED - 1)] if self.kind == "video" else None
        return packet if packet is not None and packet.sequence == sequence else None

    def want_picture(self, now: float) -> None:
        """Ask the sender for a whole picture, at most a few times a second."""
        if now - self._picture_at < _PICTURE_EVERY_S:
            self._picture_wanted = True
        elif self.ssrc:
            self._picture_at, self._picture_wanted = now, False
            self.link.send_feedback(self._with_report(rtp.picture_request(self.link.ssrc, self.ssrc)))

    def note_report(self, ntp: bytes, timestamp: int, now: float) -> None:
        """Pass the sender's clock on to everybody who sees them."""
        self._report = (int.from_bytes(ntp[2:6], "big"), now)
        for sink in self.sinks:
            sink.send_report(ntp, timestamp)

    def ask_again(self, now: float) -> None:
        """Repeat what was asked for and has not come; give up on what will not."""
        if self._picture_wanted:
            self.want_picture(now)
        if not self._missing:
            return
        due = sorted(number for number, one in self._missing.items() if one.again_at <= now)
        for number in due:
            one = self._missing[number]
            one.asked, one.again_at = one.asked + 1, now + _ASK_AGAIN_S * one.asked
            if one.asked > _ASKS_MAX:
                del self._missing[number]
        wanted = [number for number in due if number in self._missing]
        if wanted:
            self.link.send_feedback(self._with_report(rtp.packet_request(self.link.ssrc, self.ssrc, wanted)))

    def report(self, now: float) -> Report | None:
        """Return how this arrives, for its sender (RFC 3550, appendix A.3)."""
        if not self.ssrc:
            return None
        expected = self._highest - self._first + 1
        new_expected, new_received = expected - self._told[0], self._received - self._told[1]
        self._told = (expected, self._received)
        lost = max(0, new_expected - new_received)
        share = min(255, 256 * lost // new_expected) if new_expected > 0 else 0
        last, at = self._report
        since = int((now - at) * 65536) & 0xFFFFFFFF if last else 0
        total = max(0, expected - self._received)
        return Report(self.ssrc, share, total, self._highest, int(self._jitter), last, since)

    def _with_report(self, feedback: bytes) -> bytes:
        return rtp.receiver_report(self.link.ssrc, ()) + feedback


@dataclass(slots=True)
class Numbers:
    """How far one place of a receiver has come: it outlives whoever is seen there, as the receiver's encryption does.

    Numbers that went back would be refused as repetitions, until they had come as far again.
    """

    last: int = 0
    last_time: int = 0
    last_at: float = 0.0
    packets: int = 0
    octets: int = 0
    repeats: int = 0


@dataclass(slots=True)
class Sink:
    """One person's sound or picture as one other person receives it."""

    source: Source
    link: Link
    agreed: Agreed
    place: Place
    numbers: Numbers
    is_paused: bool = False
    _offset: int | None = None
    _time_offset: int = 0
    _resent: tuple[int, int] = field(default=(0, 0))

    def begin(self) -> None:
        """Go on without a gap in numbers and time, whatever those of the next packet are."""
        self._offset = None

    def forward(self, packet: Packet, now: float) -> None:
        """Send a packet on under this receiver's names for it."""
        if self.is_paused or not self.link.is_up:
            return
        if self._offset is None:
            self._join(packet, now)
        sequence = (packet.sequence + (self._offset or 0)) & 0xFFFF
        timestamp = packet.timestamp + self._time_offset
        numbers = self.numbers
        if 0 < (sequence - numbers.last) & 0xFFFF < 0x8000:
            numbers.last, numbers.last_time, numbers.last_at = sequence, timestamp, now
        numbers.packets += 1
        numbers.octets += len(packet.rest)
        fitted = self._fitted(packet)
        self.link.send_media(fitted.written(self.agreed.payload_type, sequence, timestamp, self.place.ssrc))

    def _join(self, packet: Packet, now: float) -> None:
        numbers = self.numbers
        self._offset = (numbers.last + 1 - packet.sequence) & 0xFFFF
        if numbers.packets:
            passed = int((now - numbers.last_at) * _CLOCK_HZ[self.source.kind]) or 1
            self._time_offset = numbers.last_time + passed - packet.timestamp
        self.source.want_picture(now)

    def _fitted(self, packet: Packet) -> Packet:
        theirs, ours = self.source.agreed.send_time_id, self.agreed.send_time_id
        if theirs == ours or not theirs or not ours:
            return packet
        rest = rtp.with_extension_id(packet.rest, packet.first, theirs, ours)
        return Packet(
            packet.first, packet.marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc, rest
        )

    def resend(self, numbers: Iterable[int], now: float) -> None:
        """Send again what this receiver missed, as far as it is remembered and not asked for beyond measure."""
        if self._offset is None:
            return
        second, count = self._resent
        count = count if second == int(now) else 0
        for number in numbers:
            packet = self.source.remembered((number - self._offset) & 0xFFFF)
            if packet is None or count >= _RESENDS_PER_S:
                continue
            count += 1
            self.link.traffic.sent_again += 1
            self._resend(self._fitted(packet), number)
        self._resent = (int(now), count)

    def _resend(self, packet: Packet, number: int) -> None:
        timestamp = (packet.timestamp + self._time_offset) & 0xFFFFFFFF
        if not self.agreed.repeat_type:
            self.link.send_media(packet.written(self.agreed.payload_type, number, timestamp, self.place.ssrc))
            return
        self.numbers.repeats += 1
        timed = Packet(packet.first, packet.marker, 0, 0, timestamp, 0, packet.rest)
        named = self.agreed.repeat_type, self.numbers.repeats, self.place.repeat_ssrc
        self.link.send_media(rtp.retransmission(timed, *named, number))

    def send_report(self, ntp: bytes, timestamp: int) -> None:
        """Tell this receiver the sender's clock."""
        sent = self.numbers
        if self._offset is not None and sent.packets and not self.is_paused:
            moved = timestamp + self._time_offset
            self.link.send_feedback(rtp.sender_report(self.place.ssrc, ntp, moved, sent.packets, sent.octets))
