"""The room of a visit, as everybody in it sees it: who is there, and what is written. Each page's state fills it."""

from uuid import uuid4, uuid5

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import _
from portal_app.features.visits import service as visits
from portal_app.state import visit_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id
from portal_app.web import cookies

GUEST_PAGE = "/room"


class Room(PortalState, rx.State):
    """What is shared by the pages of patients, clinicians and guests while they are in the room."""

    visit_id: str = ""
    name: str = ""
    is_open: bool = False
    is_alone: bool = False
    taking_over: str = ""
    people: list[dict[str, str]] = []
    lines: list[dict[str, str]] = []
    words_error: str = ""
    sent: str = ""
    sent_turn: str = ""
    _key: str = ""

    @handles("visits.enter_room", writes=True)
    async def on_write(self, form: dict[str, str]) -> None:
        """Write something to everybody in the room; other words after a try that failed are another message."""
        self.words_error, words = "", str(form.get("words", ""))
        try:
            async with db.opened().act_as(self._seated(), "visits.room") as tx:
                key = uuid5(known_id(self._key), words.strip())
                await visits.write(tx, known_id(self.visit_id), words, key)
                await self._fill(tx, self.visit_id)
            self._key = self.sent_turn = str(uuid4())
            self.sent = words
        except (InputRefused, visits.NotInRoom) as error:
            with i18n.use(self._locale()):
                self.words_error = _(error.reason if isinstance(error, InputRefused) else error.message)

    def _seated(self) -> Credential:
        """Return what this browser proves itself with in a room: a guest's key on the guests' page."""
        own = self._credential()
        if not i18n.path_without_locale(self.router.url.path.rstrip("/") or "/").startswith(GUEST_PAGE):
            return own
        return Credential(cookies.read_room_secret(self.router.headers.cookie), own.address, own.user_agent)

    async def _fill(self, tx: db.Transaction, visit_id: str) -> None:
        """Show who is in the room and what was written, or nothing to whoever is not in it."""
        self.visit_id, self._key = visit_id, self._key or str(uuid4())
        try:
            seat = await visits.seat(tx, known_id(visit_id))
            written = await visits.lines(tx, known_id(visit_id))
            successor = await visits.takes_over(tx, known_id(visit_id))
        except PortalError:
            self._empty()
            return
        self.is_open, self.is_alone, self.name = True, seat.is_alone, seat.name
        with i18n.use(self._locale()):
            said = _("{name} takes over this visit and joins you here.")
            self.taking_over = said.format(name=successor) if successor else ""
            own = {"name": _("You"), "role": say.role_words(seat.role)}
            self.people = [own, *({"name": one.name, "role": say.role_words(one.role)} for one in seat.others)]
            self.lines = [
                {"id": str(one.id), "name": _("You") if one.is_own else one.name, "words": one.words,
                 "is_own": "yes" if one.is_own else ""}
                for one in written
            ]  # fmt: skip

    def _empty(self) -> None:
        self.is_open, self.is_alone, self.taking_over = False, False, ""
        self.people, self.lines, self.words_error, self.sent = [], [], "", ""


def check_of(found: dict[str, str]) -> visits.DeviceCheck:
    """Return what a browser says its device check found; the service decides whether that can be."""
    camera, microphone, speaker = (str(found.get(name, "")) for name in ("camera", "microphone", "speaker"))
    numbers = (_number(found.get(name, "")) for name in ("round_trip_ms", "loss_percent", "down_kbit", "up_kbit"))
    return visits.DeviceCheck(camera, microphone, speaker, *numbers)


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
