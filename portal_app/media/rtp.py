"""What the hub reads and writes of RTP and RTCP packets, on bytes: pictures and sound inside stay untouched.

RFC 3550 (RTP, RTCP), RFC 4585 (NACK, PLI), RFC 5104 (FIR), RFC 4588 (RTX), RFC 8285 (header extensions), and
draft-alvestrand-rmcat-remb (REMB).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
TRANSPORT_FEEDBACK: Final = 205
PAYLOAD_FEEDBACK: Final = 206
NACK: Final = 1
PLI: Final = 1
FIR: Final = 4
REMB: Final = 15
HEADER_BYTES: Final = 12

_HEADER = struct.Struct("!BBHII")
_REPORT = struct.Struct("!IIIIII")
_EXTENSION_MARK: Final = 0xBEDE


@dataclass(slots=True)
class Packet:
    """One RTP packet: the fields the hub changes, and all that follows the fixed header."""

    first: int
    marker: int
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    rest: bytes

    def written(self, payload_type: int, sequence: int, timestamp: int, ssrc: int) -> bytes:
        """Return the packet under another number, time and name."""
        head = _HEADER.pack(self.first, self.marker | payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
        return head + self.rest

    @property
    def payload_at(self) -> int:
        """Return where the payload begins in `rest`, behind contributing sources and extensions."""
        at = 4 * (self.first & 0x0F)
        if self.first & 0x10:
            at += 4 + 4 * int.from_bytes(self.rest[at + 2 : at + 4], "big")
        return at


def read_packet(data: bytes) -> Packet | None:
    """Return an RTP packet, or None for what is none."""
    if len(data) < HEADER_BYTES or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    packet = Packet(first, second & 0x80, second & 0x7F, sequence, timestamp, ssrc, data[HEADER_BYTES:])
    return packet if packet.payload_at <= len(packet.rest) else None


def with_extension_id(rest: bytes, first: int, old: int, new: int) -> bytes:
    """Return what follows the fixed header with one extension under the number the receiver agreed on."""
    at = 4 * (first & 0x0F)
    if not first & 0x10 or int.from_bytes(rest[at : at + 2], "big") != _EXTENSION_MARK:
        return rest
    end = at + 4 + 4 * int.from_bytes(rest[at + 2 : at + 4], "big")
    at += 4
    while at < end:
        number, length = rest[at] >> 4, (rest[at] & 0x0F) + 1
        if rest[at] == 0:  # padding
            at += 1
        elif number == old:
            return rest[:at] + bytes([new << 4 | (length - 1)]) + rest[at + 1 :]
        else:
            at += 1 + length
    return rest


def retransmission(packet: Packet, payload_type: int, sequence: int, ssrc: int, original: int) -> bytes:
    """Return a packet once more, as RTX: behind its headers stands the number it was sent under."""
    at = packet.payload_at
    head = _HEADER.pack(packet.first, packet.marker | payload_type, sequence & 0xFFFF, packet.timestamp, ssrc)
    return head + packet.rest[:at] + original.to_bytes(2, "big") + packet.rest[at:]


def original_of(packet: Packet, payload_type: int, ssrc: int) -> Packet | None:
    """Return the packet that a retransmission brings again, or None where it only pads."""
    at = packet.payload_at
    payload = packet.rest[at:]
    if packet.first & 0x20:  # padding; its length is the last byte
        payload = payload[: max(0, len(payload) - payload[-1])] if payload else payload
    if len(payload) <= 2:
        return None
    sequence = int.from_bytes(payload[:2], "big")
    first = packet.first & ~0x20
    return Packet(first, packet.marker, payload_type, sequence, packet.timestamp, ssrc, packet.rest[:at] + payload[2:])


def is_rtcp(data: bytes) -> bool:
    """Tell whether a packet is RTCP, by its type (RFC 5761, section 4)."""
    return len(data) >= 8 and 192 <= data[1] <= 223


@dataclass(frozen=True, slots=True)
class Feedback:
    """One part of a compound RTCP packet, with its count (or format) and body behind the header."""

    kind: int
    count: int
    body: bytes


def read_feedback(data: bytes) -> Iterator[Feedback]:
    """Yield the parts of a compound RTCP packet; what is cut short ends it."""
    at = 0
    while at + 4 <= len(data):
        length = 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at] >> 6 != 2 or at + 4 + length > len(data):
            return
        yield Feedback(data[at + 1], data[at] & 0x1F, data[at + 4 : at + 4 + length])
        at += 4 + length


def lost_numbers(body: bytes) -> list[int]:
    """Return the sequence numbers that a NACK asks for again; the body begins with the two sources."""
    numbers: list[int] = []
    for at in range(8, len(body) - 3, 4):
        first, more = struct.unpack_from("!HH", body, at)
        numbers += [first, *((first + bit + 1) & 0xFFFF for bit in range(16) if more >> bit & 1)]
    return numbers


def estimate(body: bytes) -> int | None:
    """Return how many bits a second a receiver says it can take, or None if this is no REMB."""
    if len(body) < 16 or body[8:12] != b"REMB":
        return None
    return (int.from_bytes(body[13:16], "big") & 0x3FFFF) << (body[13] >> 2)


@dataclass(frozen=True, slots=True)
class Report:
    """What a receiver tells of one source; `lost_share` is of 256."""

    ssrc: int
    lost_share: int = 0
    lost_total: int = 0
    highest: int = 0
    jitter: int = 0
    last_report: int = 0
    since_last_report: int = 0


def reports(body: bytes, count: int) -> Iterator[Report]:
    """Yield the reports of an RTCP body that begins with them."""
    for at in range(0, min(len(body), 24 * count) - 23, 24):
        ssrc, lost, highest, jitter, last, since = _REPORT.unpack_from(body, at)
        yield Report(ssrc, lost >> 24, lost & 0xFFFFFF, highest, jitter, last, since)


def _rtcp(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def receiver_report(ssrc: int, told: Sequence[Report]) -> bytes:
    """Return what the hub tells a sender of how its sources arrive."""
    blocks = b"".join(
        _REPORT.pack(
            one.ssrc,
            one.lost_share << 24 | min(one.lost_total, 0x7FFFFF),
            one.highest & 0xFFFFFFFF,
            one.jitter,
            one.last_report,
            one.since_last_report,
        )
        for one in told
    )
    return _rtcp(RECEIVER_REPORT, len(told), struct.pack("!I", ssrc) + blocks)


def sender_report(ssrc: int, ntp: bytes, timestamp: int, packets: int, octets: int) -> bytes:
    """Return a sender's own clock under the name its source has for one receiver, so that lips and voice agree."""
    numbers = struct.pack("!III", timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _rtcp(SENDER_REPORT, 0, struct.pack("!I", ssrc) + ntp + numbers)


def picture_request(ssrc: int, source: int) -> bytes:
    """Return the request for a whole picture (PLI)."""
    return _rtcp(PAYLOAD_FEEDBACK, PLI, struct.pack("!II", ssrc, source))


def packet_request(ssrc: int, source: int, numbers: Sequence[int]) -> bytes:
    """Return the request to send packets again (NACK)."""
    pairs: list[tuple[int, int]] = []
    for number in numbers:
        behind = (number - pairs[-1][0] - 1) & 0xFFFF if pairs else 0xFFFF
        if behind < 16:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << behind)
        else:
            pairs.append((number, 0))
    body = struct.pack("!II", ssrc, source) + b"".join(struct.pack("!HH", *pair) for pair in pairs)
    return _rtcp(TRANSPORT_FEEDBACK, NACK, body)


def bandwidth_limit(ssrc: int, bits_per_s: int, sources: Sequence[int]) -> bytes:
    """Return the limit a sender is to keep (REMB)."""
    exponent = max(0, bits_per_s.bit_length() - 18)
    mantissa = bits_per_s >> exponent
    head = struct.pack("!II4sB", ssrc, 0, b"REMB", len(sources)) + (exponent << 18 | mantissa).to_bytes(3, "big")
    return _rtcp(PAYLOAD_FEEDBACK, REMB, head + b"".join(struct.pack("!I", one) for one in sources))
