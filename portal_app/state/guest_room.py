"""The page of a guest: whoever was invited to one visit by a link, and knows nothing else of the portal."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused, NotFound, NotSignedIn
from portal_app.core.i18n import _
from portal_app.features.visits import service as visits
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.room import Room, check_of


class GuestRoom(PortalState, rx.State):
    """Where a guest stands: with a link to use, waiting, in the room, or out again."""

    is_ready: bool = False
    step: str = ""
    moved: str = ""
    """The step that came while the page was open: its heading takes the focus."""
    key: str = ""
    name: str = ""
    problem: str = ""
    is_leaving: bool = False
    is_outside: bool = False
    is_checked: bool = False
    _visit: str = ""

    @handles("visits.enter_room")
    async def on_load(self) -> None:
        """Show the form of a link, or where the guest of this browser stands."""
        asked = self.router.url.query_parameters
        self.key, self.problem, self.is_leaving = asked.get("key", ""), "", False
        self.is_checked = False
        async with db.opened().act_as_visitor(self._browser_secret(), "visits.enter_room") as tx:
            await (await self.get_state(Frame))._fill(tx)
        with i18n.use(self._locale()):
            self.problem = _(visits.LinkUsed.message) if asked.get("problem") else ""
        if self.key:
            self.step, self.is_ready = "link", True
            return
        await self._refresh()
        self.moved = ""
        if self._visit:
            self._watch(f"visit:{self._visit}")

    @handles("visits.enter_room", writes=True)
    async def on_checked(self, found: dict[str, str]) -> None:
        """Keep what the device check found, for whoever lets them in."""
        room = await self.get_state(Room)
        try:
            async with db.opened().act_as(room._seated(), "visits.room") as tx:
                await visits.keep_guest_check(tx, check_of(found))
            self.is_checked = True
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.problem = _(error.reason)

    @handles("visits.enter_room")
    async def on_ask_leave(self) -> None:
        """Ask once before leaving."""
        self.is_leaving = True

    @handles("visits.enter_room")
    async def on_stay(self) -> None:
        """Stay."""
        self.is_leaving = False

    @handles("visits.enter_room", writes=True)
    async def on_leave(self) -> None:
        """Leave the room."""
        self.is_leaving = False
        room = await self.get_state(Room)
        async with db.opened().act_as(room._seated(), "visits.room") as tx:
            await visits.leave(tx, known_id(self._visit))
        await self._refresh()

    @handles("visits.enter_room", writes=True)
    async def on_come_back(self) -> None:
        """Wait to be let in again."""
        room = await self.get_state(Room)
        async with db.opened().act_as(room._seated(), "visits.room") as tx:
            await visits.come_back(tx)
        await self._refresh()

    async def _refresh(self) -> None:
        before = self.step, self.is_outside
        await self._look()
        if before != (self.step, self.is_outside):
            self.moved = f"{self.step} {self.is_outside}"

    async def _look(self) -> None:
        room = await self.get_state(Room)
        try:
            async with db.opened().act_as(room._seated(), "visits.room") as tx:
                found = await visits.my_seat_outside(tx)
                self._visit, self.name = str(found.visit_id), tx.actor.display_name
                self.is_outside = found.is_outside
                self.step = "room" if found.state in ("admitted", "in") else found.state
                if self.step == "room":
                    await room._fill(tx, self._visit)
                else:
                    room._empty()
        except (NotSignedIn, NotFound):
            self.step = "gone"
            room._empty()
        self.is_ready = True
