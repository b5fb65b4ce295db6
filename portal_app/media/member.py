"""One person in a room: what the others are told of them, and their connection to the hub while there is one."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiortc import RTCCertificate

from portal_app.media import rtp
from portal_app.media.link import Link
from portal_app.media.port import Port
from portal_app.media.sdp import Agreed, Answer, Offer, Place, write_answer
from portal_app.media.source import Numbers, Sink, Source

KINDS: Final = ("audio", "video")
MOST_BITS: Final = 1_500_000
"""What a picture may take at most: enough for 720 lines."""
IDLE_BITS: Final = 150_000
"""What a picture may take while nobody sees it."""
SHARED_BITS: Final = 300_000
"""Under this, a slow receiver no longer slows the picture for the others: they lose the picture and keep the sound."""
LEAST_BITS: Final = 60_000
"""Under this, a picture that stands still is given up, because the sound needs the line."""
_STILL_S: Final = 6.0
"""For how long it counts that somebody said that a picture stands still; they say so every two seconds."""
_POOR_SECONDS: Final = 5
_RAMP_SECONDS: Final = 9
"""After a rest a browser needs some seconds of pictures to see that its line carries them again."""
_PAUSE_S: Final = (10, 20, 40, 60)

Tell = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Media:
    """A person's connection to the hub."""

    link: Link
    sources: dict[str, Source]
    places: dict[str, list[tuple[Agreed, Place]]]
    answer: str
    sinks: dict[tuple[str, str], Sink] = field(default_factory=dict)
    """By whom is seen and of which kind."""
    numbers: dict[int, Numbers] = field(default_factory=dict)
    """By the place in which somebody is seen: how far its packets have been numbered."""
    payload_types: dict[int, tuple[Source, bool]] = field(default_factory=dict)
    """What arrives, and whether it is a repetition."""
    limit: int | None = None
    """What the receiver says its line carries, in bits a second."""
    still_at: float = float("-inf")
    """When its owner last said that a picture stands still here."""
    poor_s: int = 0
    pauses: int = 0
    paused_until: float = 0.0

    def take(self, data: bytes, now: float) -> None:
        """Take a decrypted RTP packet."""
        packet = rtp.read_packet(data)
        if packet is None:
            return
        source, is_repeat = self.payload_types.get(packet.payload_type, (None, False))
        if source is None:
            return
        if is_repeat:
            source.take_again(packet, now)
        else:
            source.take(packet, now)

    def take_feedback(self, data: bytes, now: float) -> None:
        """Take a decrypted RTCP packet: a clock goes down to the receivers, requests go up to the senders."""
        for part in rtp.read_feedback(data):
            if part.kind == rtp.SENDER_REPORT and len(part.body) >= 24:
                self._take_report(part.body, now)
            elif part.kind == rtp.TRANSPORT_FEEDBACK and part.count == rtp.NACK and len(part.body) >= 12:
                sink = self._sink(int.from_bytes(part.body[4:8], "big"))
                if sink is not None:
                    sink.resend(rtp.lost_numbers(part.body), now)
            elif part.kind == rtp.PAYLOAD_FEEDBACK and len(part.body) >= 8:
                self._take_picture_feedback(part, now)

    def _take_report(self, body: bytes, now: float) -> None:
        ssrc = int.from_bytes(body[:4], "big")
        for source in self.sources.values():
            if source.ssrc == ssrc:
                source.note_report(body[4:12], int.from_bytes(body[12:16], "big"), now)

    def _take_picture_feedback(self, part: rtp.Feedback, now: float) -> None:
        if part.count == rtp.REMB:
            self.limit = rtp.estimate(part.body) or self.limit
            return
        # A request for a whole picture names it in the header (PLI) or behind it (FIR).
        named = part.body[4:8] if part.count == rtp.PLI else part.body[8:12]
        sink = self._sink(int.from_bytes(named, "big"))
        if sink is not None and part.count in (rtp.PLI, rtp.FIR):
            sink.source.want_picture(now)

    def _sink(self, ssrc: int) -> Sink | None:
        return next((sink for sink in self.sinks.values() if sink.place.ssrc == ssrc), None)

    def show(self, whom: str, slot: int, theirs: "Media", now: float) -> None:
        """Let this person see and hear another one in a place of theirs."""
        for kind in KINDS:
            places, source = self.places.get(kind, []), theirs.sources.get(kind)
            if slot >= len(places) or source is None or (whom, kind) in self.sinks:
                continue
            agreed, place = places[slot]
            sink = Sink(source, self.link, agreed, place, self.numbers.setdefault(place.ssrc, Numbers()))
            self.sinks[whom, kind] = sink
            source.sinks.append(sink)
            source.want_picture(now)

    def hide(self, whom: str) -> None:
        """Let this person see and hear another one no more."""
        for kind in KINDS:
            sink = self.sinks.pop((whom, kind), None)
            if sink is not None:
                sink.source.sinks.remove(sink)

    def share(self) -> int | None:
        """Return what the line carries for each picture, in bits a second; None while nothing is known."""
        pictures = [sink for (_whom, kind), sink in self.sinks.items() if kind == "video" and sink.source.ssrc]
        return self.limit // len(pictures) if self.limit is not None and pictures else None

    def report(self, now: float, limits: dict[str, int]) -> None:
        """Tell this person how what they send arrives, and how much of a picture the others' lines carry."""
        told = [report for source in self.sources.values() if (report := source.report(now)) is not None]
        packet = rtp.receiver_report(self.link.ssrc, told)
        picture = self.sources.get("video")
        if picture is not None and picture.ssrc:
            packet += rtp.bandwidth_limit(self.link.ssrc, limits["video"], [picture.ssrc])
        self.link.send_feedback(packet)

    def look_at_line(self, now: float) -> bool | None:
        """Take pictures away from a line that carries none, or try again; return True or False when that changed."""
        if self.paused_until:
            if now < self.paused_until:
                return None
            self._set_paused(is_paused=False)
            # From little: what the line carries now nobody knows, and a flood would end the try.
            self.paused_until, self.limit, self.poor_s = 0.0, 2 * LEAST_BITS, -_RAMP_SECONDS
            return True
        share = self.share()
        # An estimate alone says little: small pictures move on lines that are thought to carry less.
        is_poor = share is not None and share < LEAST_BITS and now - self.still_at < _STILL_S
        self.poor_s = self.poor_s + 1 if is_poor else 0
        if self.poor_s < _POOR_SECONDS:
            return None
        self.poor_s = 0
        self.paused_until = now + _PAUSE_S[min(self.pauses, len(_PAUSE_S) - 1)]
        self.pauses += 1
        self._set_paused(is_paused=True)
        return False

    def _set_paused(self, *, is_paused: bool) -> None:
        for (_whom, kind), sink in self.sinks.items():
            if kind == "video":
                sink.is_paused = is_paused
                sink.begin()


def picture_limit(source: Source, receivers: list[Media]) -> int:
    """Return what a picture may take: what the slowest line carries, unless that would spoil it for the others."""
    shares = [share for one in receivers if not one.paused_until and (share := one.share()) is not None]
    if not source.sinks:
        return IDLE_BITS
    if all(one.paused_until for one in receivers):
        return LEAST_BITS  # nobody sees it, and it may be this very line that is too weak
    least = min(shares, default=MOST_BITS)
    return max(LEAST_BITS, min(MOST_BITS, max(least, SHARED_BITS) if len(shares) > 1 else least))


@dataclass(slots=True)
class Member:
    """A person in a room.

    `connection` is the socket their words come by, "" while they are away; `tag` is what the others know them by.
    """

    connection: str
    person: str
    name: str
    role: str
    tell: Tell
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    shown: dict[str, Any] = field(default_factory=dict)
    """What they say of themselves: is the sound off, the picture, is the line poor."""
    media: Media | None = None
    slots: dict[str, int] = field(default_factory=dict)
    token: str = ""
    token_ends_at: float = 0.0
    away_since: float = 0.0
    is_silent: bool = False
    """Whether nothing has come by their connection to the hub for some seconds, though their socket may be open."""

    def has_no_line(self, quiet_since: float, token_ends_by: float) -> bool:
        """Tell whether nothing was heard since then, or no connection has come of what was told by then."""
        if self.media is not None:
            return self.media.link.heard_at < quiet_since
        return self.is_silent or self.token_ends_at < token_ends_by

    def as_told(self) -> dict[str, Any]:
        """Return what everybody in the room may know."""
        line = {"away": not self.connection, "silent": self.is_silent}
        return {"tag": self.tag, "name": self.name, "role": self.role, **line, **self.shown}

    def slot_of(self, tag: str, most: int) -> int:
        """Return the place in which this person sees another one; it stays theirs while they are there."""
        if tag not in self.slots:
            taken = set(self.slots.values())
            self.slots[tag] = next(number for number in range(most) if number not in taken)
        return self.slots[tag]


def make_media(port: Port, certificate: RTCCertificate, offer: Offer, on_change: Callable[[], None]) -> Media:
    """Agree on a connection with a browser that offers one."""
    link = Link(port, certificate, offer, on_change=on_change)
    fingerprint = next(one.value for one in certificate.getFingerprints() if one.algorithm == "sha-256")
    answer = Answer(link.user, link.password, fingerprint, port.addresses)
    places: dict[str, list[tuple[Agreed, Place]]] = {kind: [] for kind in KINDS}
    for part in offer.parts:
        if part.is_wanted:
            place = Place(secrets.randbits(31) or 1, secrets.randbits(31) or 1)
            answer.places[part.mid] = place
            places[part.kind].append((part.agreed, place))
    sent = {part.kind: part.agreed for part in offer.parts if part.is_sent}
    sources = {kind: Source(kind, agreed, link) for kind, agreed in sent.items()}
    media = Media(link, sources, places, write_answer(offer, answer))
    for source in sources.values():
        media.payload_types[source.agreed.payload_type] = (source, False)
        if source.agreed.repeat_type:
            media.payload_types[source.agreed.repeat_type] = (source, True)
    link.taker = media
    return media
