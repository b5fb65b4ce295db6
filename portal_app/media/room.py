"""A room: who is in it, by which way they see each other, and what they may say to one another.

Two people are let speak directly, browser to browser; the hub then carries only the letters by which they find each
other. Three or more, two who do not find each other within five seconds, two who lose each other, and everybody where
the practice wants it so, are carried by the hub. The change happens by itself, and what is shown stays until the new
way shows something.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from aiortc import RTCCertificate

from portal_app.media.member import Media, Member, make_media, picture_limit
from portal_app.media.port import Port
from portal_app.media.sdp import MAX_BYTES, OfferRefused, read_offer

MOST: Final = 6
"""People in one room."""
AWAY_S: Final = 30.0
"""How long a place is kept for somebody whose socket closed: a reload, a phone that sleeps, another network."""
TOKEN_S: Final = 60.0
SILENT_S: Final = 6.0
"""After so long without a packet the others are told that somebody has no line."""
_OFFERS: Final = (8, 10.0)
"""How many offers one person may make in how many seconds."""
_MAX_CANDIDATE: Final = 1024
_SHOWN: Final = dict.fromkeys(("muted", "hidden", "paused", "poor", "screen", "stalled"), bool)

Words = dict[str, Any]


@dataclass(slots=True)
class House:
    """What all rooms share."""

    port: Port
    certificate: RTCCertificate
    servers: Callable[[str], list[Words]]
    """The STUN and TURN servers for a browser, with credentials of its own."""


@dataclass(slots=True)
class Room:
    """One visit's room; `is_mirror` shows a single person themselves, to measure their line."""

    name: str
    house: House
    may_go_direct: bool = True
    is_mirror: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    path: str = ""
    call: int = field(default_factory=lambda: secrets.randbits(20))
    _missed: set[frozenset[str]] = field(default_factory=set)
    """Pairs of people whose browsers do not reach each other."""
    _coming: dict[str, Media] = field(default_factory=dict)
    _offers: dict[str, list[float]] = field(default_factory=dict)

    # People

    def join(self, member: Member, call: int | None) -> bool:
        """Let somebody in, or back in; returns False where there is no room.

        `call` is the way a browser that only lost its socket still sees the others by.
        """
        before = next((one for one in self.members.values() if one.person == member.person), None)
        if before is None and len(self.members) >= (1 if self.is_mirror else MOST):
            return False
        is_same_page = call is not None and call == self.call and before is not None
        if before is not None:
            member = self._returned(before, member, keeps_media=is_same_page)
        self.members[member.tag] = member
        servers = self.house.servers(member.tag)
        member.tell({"do": "welcome", "you": member.tag, "most": MOST - 1, "servers": servers})
        self.settle(None if is_same_page else member)
        if is_same_page:
            member.tell(self._way(member))
        return True

    def _returned(self, before: Member, now: Member, *, keeps_media: bool) -> Member:
        if before.connection and before.connection != now.connection:
            before.tell({"do": "taken"})
        before.connection, before.tell, before.away_since = now.connection, now.tell, 0.0
        before.name, before.role = now.name, now.role
        if not keeps_media:
            before.shown = {}
        return before

    def leave(self, tag: str) -> None:
        """Let somebody go for good."""
        member = self.members.pop(tag, None)
        if member is None:
            return
        self._drop_media(member)
        for other in self.members.values():
            other.slots.pop(tag, None)
        self.settle(None)

    def step_away(self, tag: str, now: float) -> None:
        """Keep somebody's place whose socket closed."""
        member = self.members[tag]
        member.connection, member.away_since = "", now
        member.tell = _nobody
        self.tell_roster()

    def close(self) -> None:
        """Send everybody away."""
        for member in self.members.values():
            self._drop_media(member)
            member.tell({"do": "out"})
        self.members.clear()

    # The way

    def settle(self, joined: Member | None) -> None:
        """Choose how these people see each other, and tell who must do something for it."""
        wanted = self._wanted()
        is_new = wanted != self.path or (wanted == "direct" and joined is not None)
        self.path = wanted
        if is_new:
            self.call += 1
            for member in self.members.values():
                member.tell(self._way(member))
        elif joined is not None:
            joined.tell(self._way(joined))
        self.tell_roster()

    def _wanted(self) -> str:
        if self.is_mirror:
            return "hub"
        if len(self.members) < 2:
            return ""
        is_pair = len(self.members) == 2 and self._pair() not in self._missed
        return "direct" if is_pair and self.may_go_direct else "hub"

    def _pair(self) -> frozenset[str]:
        return frozenset(member.person for member in self.members.values())

    def _way(self, member: Member) -> Words:
        told: Words = {"do": "go", "path": self.path, "call": self.call}
        if self.path == "direct":
            other = next(one for one in self.members.values() if one is not member)
            # One of the two always begins, so that two offers never cross.
            told |= {"peer": other.tag, "begins": member.tag < other.tag}
        elif self.path == "hub":
            member.token = secrets.token_urlsafe(24)
            member.token_ends_at = time.monotonic() + TOKEN_S
            told["token"] = member.token
        return told

    def tell_roster(self) -> None:
        """Tell everybody who is there, and in which place they see whom."""
        for member in self.members.values():
            others = [one for one in self.members.values() if one is not member]
            people = [{**one.as_told(), "slot": member.slot_of(one.tag, MOST - 1)} for one in others]
            member.tell({"do": "roster", "people": people})

    # What is said

    def hear(self, member: Member, words: Words) -> None:
        """Take what a browser says; what is not understood, or comes too late, is answered by silence."""
        said = words.get("do")
        if said == "show":
            member.shown = {key: words[key] for key, kind in _SHOWN.items() if isinstance(words.get(key), kind)}
            self.tell_roster()
        elif said == "again" and self.path:
            member.tell(self._way(member)) if self.path == "hub" else self.settle(member)
        elif words.get("call") != self.call:
            return
        elif said == "peer" and self.path == "direct":
            self._pass_on(member, words)
        elif said == "missed" and self.path == "direct":
            self._missed.add(self._pair())
            self.settle(None)
        elif said == "still":
            self._ask_for_picture(member, str(words.get("tag")))
        elif said == "arrived" and self.path == "direct":
            self._drop_media(member)
        elif said == "offer" and self.path == "hub":
            self._answer(member, words)

    def _pass_on(self, member: Member, words: Words) -> None:
        """Bring a letter of one browser to the other, with nothing in it but what such a letter has."""
        letter: Words = {}
        for key in ("offer", "answer"):
            if isinstance(words.get(key), str) and len(words[key]) <= MAX_BYTES:
                letter[key] = words[key]
        candidate = words.get("candidate")
        if isinstance(candidate, dict) and len(str(candidate)) <= _MAX_CANDIDATE:
            letter["candidate"] = {
                key: candidate.get(key) for key in ("candidate", "sdpMid", "sdpMLineIndex", "usernameFragment")
            }
        if letter:
            other = next(one for one in self.members.values() if one is not member)
            other.tell({"do": "peer", "call": self.call, **letter})

    def _ask_for_picture(self, member: Member, tag: str) -> None:
        """Have a whole picture sent to somebody who sees one stand still, and of two a smaller one.

        Where more watch, the one line that carries no picture loses it instead (`look_at_line`).
        """
        shown = self.members.get(tag)
        if shown is None or shown is member:
            return
        source = shown.media.sources.get("video") if shown.media is not None else None
        if member.media is not None:
            member.media.still_at = time.monotonic()
        if self.path == "hub" and source is not None:
            source.want_picture(time.monotonic())
        if len(self.members) == 2:
            shown.tell({"do": "still"})

    # Media through the hub

    def _answer(self, member: Member, words: Words) -> None:
        now = time.monotonic()
        token, member.token = member.token, ""
        is_right = isinstance(words.get("token"), str) and secrets.compare_digest(
            words["token"].encode(), token.encode()
        )
        if not token or not is_right or now > member.token_ends_at or not self._may_offer(member.tag, now):
            member.tell({"do": "refused", "call": self.call})
            return
        try:
            offer = read_offer(str(words.get("sdp")))
        except OfferRefused:
            member.tell({"do": "refused", "call": self.call})
            return
        self._forget_coming(member.tag)
        media = make_media(self.house.port, self.house.certificate, offer, lambda: self._on_media(member, media))
        self._coming[member.tag] = media
        member.tell({"do": "answer", "call": self.call, "sdp": media.answer})

    def _may_offer(self, tag: str, now: float) -> bool:
        most, seconds = _OFFERS
        lately = [at for at in self._offers.get(tag, []) if now - at < seconds]
        self._offers[tag] = [*lately, now]
        return len(lately) < most

    def _on_media(self, member: Member, media: Media) -> None:
        """Let everybody see a connection that is up; forget one that is over."""
        if media.link.is_up and self._coming.get(member.tag) is media:
            self._drop_media(member, keeps_coming=True)
            del self._coming[member.tag]
            member.media = media
            self._note_silence(time.monotonic())
            self._show_to_all(member, media)
        elif media.link.is_over and member.media is media:
            self._hide(member)
            member.media = None

    def _show_to_all(self, member: Member, media: Media) -> None:
        now = time.monotonic()
        if self.is_mirror:
            media.show(member.tag, 0, media, now)
        for other in self.members.values():
            if other is not member and other.media is not None:
                other.media.show(member.tag, other.slot_of(member.tag, MOST - 1), media, now)
                media.show(other.tag, member.slot_of(other.tag, MOST - 1), other.media, now)

    def _hide(self, member: Member) -> None:
        for other in self.members.values():
            if other.media is not None:
                other.media.hide(member.tag)
            if member.media is not None:
                member.media.hide(other.tag)
        if member.media is not None:
            for source in member.media.sources.values():
                source.sinks.clear()

    def _drop_media(self, member: Member, *, keeps_coming: bool = False) -> None:
        if not keeps_coming:
            self._forget_coming(member.tag)
        media = member.media
        if media is not None:
            self._hide(member)
            for tag in list(self.members):
                media.hide(tag)
            member.media = None
            media.link.close()

    def _forget_coming(self, tag: str) -> None:
        coming = self._coming.pop(tag, None)
        if coming is not None:
            coming.link.close()

    # Time passes

    def media(self) -> Iterator[Media]:
        """Yield the connections that are up."""
        return (member.media for member in self.members.values() if member.media is not None)

    def look_after_losses(self, now: float) -> None:
        """Ask again for what did not come."""
        for media in self.media():
            for source in media.sources.values():
                source.ask_again(now)

    def look_after_lines(self, now: float) -> None:
        """Once a second: report to the senders, follow what the lines carry, and let go of who is gone."""
        for member in list(self.members.values()):
            if not member.connection and now - member.away_since > AWAY_S:
                self.leave(member.tag)
            elif member.media is not None:
                self._look_after(member, member.media, now)
        for tag, coming in list(self._coming.items()):
            if coming.link.is_lost(now):
                self._forget_coming(tag)
        self._note_silence(now)

    def _note_silence(self, now: float) -> None:
        """Tell everybody when somebody's line to the hub has gone quiet, and when it is back."""
        is_changed = False
        for member in self.members.values():
            is_silent = self.path == "hub" and member.has_no_line(now - SILENT_S, now - SILENT_S + TOKEN_S)
            is_changed |= is_silent != member.is_silent
            member.is_silent = is_silent
        if is_changed:
            self.tell_roster()

    def _look_after(self, member: Member, media: Media, now: float) -> None:
        if media.link.is_lost(now):
            self._drop_media(member)
            member.tell({"do": "lost", "call": self.call})
            return
        changed = media.look_at_line(now)
        if changed is not None:
            member.tell({"do": "line", "pictures": changed})
        receivers = [one for one in self.media() if one is not media or self.is_mirror]
        media.report(now, {kind: picture_limit(one, receivers) for kind, one in media.sources.items()})


def _nobody(_words: Words) -> None:
    """Tell somebody who is away."""
