"""All rooms of this process, and what the web processes may ask of it."""

import base64
import hmac
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from aiortc import RTCCertificate

from portal_app.media.member import Member, Tell
from portal_app.media.port import Port
from portal_app.media.room import House, Room, Words

MAX_ROOMS: Final = 500
TURN_S: Final = 6 * 3600
"""How long the credentials for the relay are good: longer than any visit."""


@dataclass(frozen=True, slots=True)
class Relays:
    """Where browsers find out their address (STUN), and what carries their media where nothing else does (TURN)."""

    stun: Sequence[str] = ()
    turn: Sequence[str] = ()
    secret: str = ""

    def servers(self, tag: str) -> list[Words]:
        """Return them for one browser, with credentials of its own as coturn's `use-auth-secret` makes them.

        They say until when, and for whom in a room by the tag alone: coturn writes names into its log.
        """
        found: list[Words] = [{"urls": list(self.stun)}] if self.stun else []
        if self.turn and self.secret:
            name = f"{int(time.time()) + TURN_S}:{tag}"
            proof = hmac.new(self.secret.encode(), name.encode(), "sha1").digest()
            password = base64.b64encode(proof).decode()
            found.append({"urls": list(self.turn), "username": name, "credential": password})
        return found


@dataclass(frozen=True, slots=True)
class Seat:
    """Whom a web process has let into a room; it asks the database, the hub does not."""

    connection: str
    room: str
    person: str
    name: str
    role: str
    may_go_direct: bool = True
    is_mirror: bool = False
    call: int | None = None

    @classmethod
    def read(cls, connection: str, words: dict[str, Any]) -> "Seat":
        """Return the seat of a web process's words.

        Raises:
            KeyError, TypeError: if they are not complete.
        """
        call = words.get("call")
        given = {key: str(words[key])[:200] for key in ("room", "person", "name", "role")}
        flags = {key: bool(words[key]) for key in ("may_go_direct", "is_mirror")}
        return cls(connection, **given, **flags, call=call if isinstance(call, int) else None)  # type: ignore[arg-type]  # each is of its kind


@dataclass(slots=True)
class Hub:
    """The rooms."""

    port: Port
    relays: Relays = field(default_factory=Relays)
    rooms: dict[str, Room] = field(default_factory=dict)
    certificate: RTCCertificate = field(default_factory=RTCCertificate.generateCertificate)
    """Made anew with each process and kept nowhere."""
    _places: dict[str, tuple[Room, str]] = field(default_factory=dict)
    """By connection: which room, and whose tag in it."""

    def join(self, seat: Seat, tell: Tell) -> None:
        """Let somebody into a room; the newer of two tabs takes over, and the older is told so."""
        room = self.rooms.get(seat.room)
        if room is None:
            if len(self.rooms) >= MAX_ROOMS:
                tell({"do": "full"})
                return
            room = self.rooms[seat.room] = Room(seat.room, self._house(), is_mirror=seat.is_mirror)
        room.may_go_direct = seat.may_go_direct
        self._leave_others(seat)
        member = Member(seat.connection, seat.person, seat.name, seat.role, tell)
        self._forget_older(room, seat)
        if not room.join(member, seat.call):
            tell({"do": "full"})
            return
        tag = next(one.tag for one in room.members.values() if one.person == seat.person)
        self._places[seat.connection] = (room, tag)

    def _house(self) -> House:
        return House(self.port, self.certificate, self.relays.servers)

    def _forget_older(self, room: Room, seat: Seat) -> None:
        older = next((one.connection for one in room.members.values() if one.person == seat.person), "")
        if older != seat.connection:
            self._places.pop(older, None)

    def _leave_others(self, seat: Seat) -> None:
        """Take somebody out of any other room: nobody is in two at once."""
        for room in list(self.rooms.values()):
            if room.name == seat.room or seat.is_mirror or room.is_mirror:
                continue
            for member in [one for one in room.members.values() if one.person == seat.person]:
                member.tell({"do": "taken"})
                self._remove(room, member)

    def hear(self, connection: str, words: Words) -> None:
        """Take what a browser says."""
        room, tag = self._places.get(connection, (None, ""))
        if room is not None and tag in room.members:
            room.hear(room.members[tag], words)

    def leave(self, connection: str) -> None:
        """Let somebody go who said so."""
        room, tag = self._places.pop(connection, (None, ""))
        if room is not None and tag in room.members:
            self._remove(room, room.members[tag])

    def step_away(self, connection: str) -> None:
        """Keep somebody's place whose socket closed."""
        room, tag = self._places.pop(connection, (None, ""))
        if room is not None and tag in room.members:
            if room.is_mirror:
                self._remove(room, room.members[tag])
            else:
                room.step_away(tag, time.monotonic())

    def keep_only(self, room_name: str, people: set[str]) -> None:
        """End what those hear who have lost their place while their socket was closed."""
        room = self.rooms.get(room_name)
        if room is None:
            return
        for member in [one for one in room.members.values() if not one.connection and one.person not in people]:
            self._remove(room, member)

    def _remove(self, room: Room, member: Member) -> None:
        self._places.pop(member.connection, None)
        room.leave(member.tag)
        if not room.members:
            self.rooms.pop(room.name, None)

    def look_after_losses(self) -> None:
        """Ask again for what did not come; called many times a second."""
        now = time.monotonic()
        for room in self.rooms.values():
            room.look_after_losses(now)

    def look_after_lines(self) -> None:
        """Look after connections and places kept; called once a second."""
        now = time.monotonic()
        for room in list(self.rooms.values()):
            room.look_after_lines(now)
            if not room.members:
                self.rooms.pop(room.name, None)

    def figures(self) -> dict[str, int]:
        """Return how much goes on, for the operator: numbers only."""
        rooms = [room for room in self.rooms.values() if not room.is_mirror]
        return {
            "rooms": len(rooms),
            "people": sum(len(room.members) for room in rooms),
            "rooms_carried": sum(room.path == "hub" for room in rooms),
            "connections": sum(1 for room in self.rooms.values() for _one in room.media()),
        }

    def report(self) -> dict[str, int]:
        """Return the same, with what went through since the hub began and where it listens."""
        return {**self.figures(), **asdict(self.port.traffic), "udp_port": self.port.number}
