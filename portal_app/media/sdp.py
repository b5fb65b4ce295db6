"""The agreement with a browser: what is taken of its offer, and the answer.

The hub speaks Opus and VP8, which every browser must (RFC 7874, RFC 7742), and nothing else. One offer is enough for
the whole visit: the browser asks for as many places as a room has, and who is in which place is told beside it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiortc import RTCDtlsFingerprint
from aiortc.sdp import MediaDescription, SessionDescription

MAX_BYTES: Final = 64 * 1024
MAX_PARTS: Final = 24
SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_MID: Final = re.compile(r"[A-Za-z0-9]{1,16}")
_CODECS: Final = {"audio": "audio/opus", "video": "video/vp8"}
_FEEDBACK: Final = ("nack", "nack pli", "ccm fir", "goog-remb")
_OPUS: Final = "minptime=10;useinbandfec=1;usedtx=1"


class OfferRefused(Exception):
    """An offer that no browser of ours makes."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What one kind of media is called on one connection; 0 for an extension or a repetition means there is none."""

    payload_type: int
    repeat_type: int = 0
    send_time_id: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One m-line of an offer."""

    mid: str
    kind: str
    agreed: Agreed
    is_sent: bool
    """Whether the browser sends on it."""
    is_wanted: bool
    """Whether the browser wants to be sent something on it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """All that counts of a browser's offer."""

    parts: Sequence[Part]
    fingerprints: Sequence[RTCDtlsFingerprint]

    def agreed(self, kind: str) -> Agreed | None:
        """Return what a kind of media is called, None where the browser has none of it."""
        return next((part.agreed for part in self.parts if part.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the hub sends one person's sound or picture: fixed for the whole connection."""

    ssrc: int
    repeat_ssrc: int


@dataclass(slots=True)
class Answer:
    """What the answer tells a browser of the hub's side."""

    user: str
    password: str
    fingerprint: str
    addresses: Sequence[tuple[str, int]]
    places: dict[str, Place] = field(default_factory=dict)
    """By the mid of the part."""


def read_offer(text: str) -> Offer:
    """Return what counts of an offer.

    Raises:
        OfferRefused: if it is malformed, too long, unencrypted, or has neither Opus nor VP8.
    """
    if len(text) > MAX_BYTES:
        raise OfferRefused("too long")
    try:
        described = SessionDescription.parse(text)
        parts = tuple(_parts(described.media))
        transport = described.media[0]
    except (ValueError, IndexError, KeyError, AssertionError, AttributeError, TypeError, StopIteration) as error:
        raise OfferRefused("malformed") from error
    prints = list(transport.dtls.fingerprints) if transport.dtls else []
    if not parts or not prints:
        raise OfferRefused("nothing to agree on")
    return Offer(parts, prints)


def _parts(media: list[MediaDescription]) -> Iterator[Part]:
    if len(media) > MAX_PARTS:
        raise ValueError
    for one in media:
        agreed = _agreed(one)
        direction = one.direction or "sendrecv"
        is_sent, is_wanted = direction in ("sendrecv", "sendonly"), direction in ("sendrecv", "recvonly")
        yield Part(one.rtp.muxId, one.kind, agreed, is_sent, is_wanted)


def _agreed(media: MediaDescription) -> Agreed:
    wanted = _CODECS[media.kind]
    payload_type = next((codec.payloadType for codec in media.rtp.codecs if codec.mimeType.lower() == wanted), None)
    if payload_type is None or not _MID.fullmatch(media.rtp.muxId or ""):
        raise ValueError
    again = (codec for codec in media.rtp.codecs if codec.mimeType.lower() == f"{media.kind}/rtx")
    repeat_type = next((codec.payloadType for codec in again if codec.parameters.get("apt") == payload_type), None)
    is_video = media.kind == "video"
    numbers = (one.id for one in media.rtp.headerExtensions if one.uri == SEND_TIME and 0 < one.id < 15)
    return Agreed(payload_type, (repeat_type or 0) if is_video else 0, next(numbers, 0) if is_video else 0)


def write_answer(offer: Offer, answer: Answer) -> str:
    """Return the hub's answer: it waits to be called (ICE-lite), and lets the browser begin the encryption."""
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite"]
    lines += [f"a=group:BUNDLE {' '.join(part.mid for part in offer.parts)}", "a=msid-semantic:WMS *"]
    for part in offer.parts:
        lines += _part_lines(part, answer)
    return "\r\n".join([*lines, ""])


def _part_lines(part: Part, answer: Answer) -> Iterator[str]:
    agreed, place = part.agreed, answer.places.get(part.mid)
    types = f"{agreed.payload_type} {agreed.repeat_type}" if agreed.repeat_type else f"{agreed.payload_type}"
    yield f"m={part.kind} 9 UDP/TLS/RTP/SAVPF {types}"
    yield from ("c=IN IP4 0.0.0.0", "a=rtcp-mux", "a=rtcp-rsize", f"a=mid:{part.mid}", f"a={_direction(part, place)}")
    yield from (f"a=ice-ufrag:{answer.user}", f"a=ice-pwd:{answer.password}")
    yield from (f"a=fingerprint:sha-256 {answer.fingerprint}", "a=setup:passive")
    yield from _candidates(answer.addresses)
    yield from _codec_lines(part)
    if place is not None:
        yield f"a=msid:{part.mid} {part.mid}"
        if agreed.repeat_type:
            yield f"a=ssrc-group:FID {place.ssrc} {place.repeat_ssrc}"
        yield f"a=ssrc:{place.ssrc} cname:hub"
        if agreed.repeat_type:
            yield f"a=ssrc:{place.repeat_ssrc} cname:hub"


def _direction(part: Part, place: Place | None) -> str:
    if place is None:
        return "recvonly" if part.is_sent else "inactive"
    return "sendrecv" if part.is_sent else "sendonly"


def _candidates(addresses: Sequence[tuple[str, int]]) -> Iterator[str]:
    for number, (address, port) in enumerate(addresses):
        yield f"a=candidate:{number + 1} 1 udp {2130706431 - number} {address} {port} typ host"
    yield "a=end-of-candidates"


def _codec_lines(part: Part) -> Iterator[str]:
    agreed = part.agreed
    if part.kind == "audio":
        yield f"a=rtpmap:{agreed.payload_type} opus/48000/2"
        yield f"a=fmtp:{agreed.payload_type} {_OPUS}"
        return
    yield f"a=rtpmap:{agreed.payload_type} VP8/90000"
    yield from (f"a=rtcp-fb:{agreed.payload_type} {kind}" for kind in _FEEDBACK)
    if agreed.repeat_type:
        yield f"a=rtpmap:{agreed.repeat_type} rtx/90000"
        yield f"a=fmtp:{agreed.repeat_type} apt={agreed.payload_type}"
    if agreed.send_time_id:
        yield f"a=extmap:{agreed.send_time_id} {SEND_TIME}"
