"""What a manager changes of one place: its rooms, the zone of its clock, and that it closes for good."""

from typing import Any
from uuid import uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import RoomUse
from portal_app.features.schedules import service as schedules
from portal_app.state import booking_words as words
from portal_app.state import schedule_rows as rows
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.schedule_forms import day_of

Row = dict[str, str]


class PlaceRooms(PortalState, rx.State):
    """One place; its id is in the address. `view` is the settings, or what a change does."""

    is_ready: bool = False
    is_missing: bool = False
    view: str = "settings"
    name: str = ""
    zone: str = ""
    zone_said: str = ""
    closed: str = ""
    rooms: list[dict[str, str]] = []
    editing: str = ""
    typed: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    facts: list[dict[str, str]] = []
    hits: list[dict[str, str]] = []
    more_hits: str = ""
    note: str = ""
    save: str = ""
    news: str = ""
    _id: str = ""
    _change: schedules.PracticeChange | None = None

    @handles("schedules.edit_practice")
    async def on_load(self) -> None:
        """Show one place."""
        self._id = self.router.url.query_parameters.get("id", "")
        self._clear()
        self.is_ready = self.is_missing = False
        await self._refresh(with_frame=True)
        self.is_ready = True

    @handles("practice.change_facts")
    async def on_add(self) -> None:
        """Ask what a new room is called; its id is made here, so that two taps make one room."""
        self._clear()
        self.editing, self.typed = str(uuid4()), ""

    @handles("practice.change_facts")
    async def on_rename(self, room_id: str) -> None:
        """Ask for another name of a room."""
        self._clear()
        row = next((one for one in self.rooms if one["id"] == room_id), None)
        if row is not None:
            self.editing, self.typed = room_id, row["name"]

    @handles("practice.change_facts")
    async def on_stop_naming(self) -> None:
        """Change no name."""
        self._clear()

    @handles("practice.change_facts", writes=True)
    async def on_name(self, form: dict[str, str]) -> None:
        """Add the room, or give it the name that was typed."""
        self.typed, self.error, self.error_field = str(form.get("room", "")), "", ""
        is_known = any(one["id"] == self.editing for one in self.rooms)
        try:
            async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
                if is_known:
                    await practice.rename_room(tx, known_id(self.editing), self.typed)
                else:
                    await practice.add_room(tx, known_id(self.editing), known_id(self._id), self.typed)
        except InputRefused as error:
            self._refuse(error)
            return
        self._clear()
        await self._refresh()
        self._say(N_("Saved."))

    @handles("practice.change_facts", writes=True)
    async def on_retire(self, room_id: str) -> None:
        """Take a room out of use."""
        await self._use(room_id, is_active=False)
        self._say(N_("Retired: nobody can be given this room any more. Visits that have it keep it."))

    @handles("practice.change_facts", writes=True)
    async def on_use(self, room_id: str) -> None:
        """Take a room into use again."""
        await self._use(room_id, is_active=True)
        self._say(N_("In use again."))

    @handles("schedules.edit_practice")
    async def on_zone(self, form: dict[str, Any]) -> None:
        """Show what another zone would change."""
        self._clear()
        self.zone = str(form.get("zone", "")).strip()
        await self._preview(schedules.SetZone(known_id(self._id), self.zone))

    @handles("schedules.edit_practice")
    async def on_close_place(self, form: dict[str, Any]) -> None:
        """Show what it would change to close the place for good."""
        self._clear()
        try:
            first = day_of({name: str(value) for name, value in form.items()}, "from")
        except InputRefused as error:
            self._refuse(error)
            return
        await self._preview(schedules.ClosePlace(known_id(self._id), first))

    @handles("practice.change_facts", writes=True)
    async def on_keep_open(self) -> None:
        """Take back that the place closes."""
        self._clear()
        async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
            await practice.keep_place_open(tx, known_id(self._id))
        await self._refresh()
        self._say(N_("Open. Enter its weekly hours anew under “Hours”."))

    @handles("schedules.edit_practice")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self._clear()
        await self._refresh()

    @handles("schedules.edit_practice", writes=True)
    async def on_save(self) -> None:
        """Make the change that was looked at; a second tap finds nothing left to do."""
        change = self._change
        if change is None:
            return
        try:
            async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
                impact = await schedules.save_practice(tx, change)
        except InputRefused as error:
            self.view, self._change = "settings", None
            self._refuse(error)
            return
        self._change = None  # and not before: while the records are away it can be saved once more
        self._clear()
        await self._refresh()
        self._say(N_("Saved. The visits that cannot be kept are in the inbox.") if impact.lost else N_("Saved."))

    async def _use(self, room_id: str, *, is_active: bool) -> None:
        self._clear()
        async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
            await practice.set_room_in_use(tx, known_id(room_id), is_active=is_active)
        await self._refresh()

    async def _preview(self, change: schedules.PracticeChange) -> None:
        try:
            async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
                impact = await schedules.preview_practice(tx, change)
        except InputRefused as error:
            self._refuse(error)
            return
        self._change = change
        with i18n.use(self._locale()):
            rows.show_impact(self, impact)
        self.attempt, self.view = clock.now().isoformat(), "preview"

    async def _refresh(self, *, with_frame: bool = False) -> None:
        async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
            if with_frame:
                await (await self.get_state(Frame))._fill(tx)
            place = next((one for one in await practice.kept_places(tx) if str(one.id) == self._id), None)
            found = await practice.rooms_of(tx, place.id) if place else []
        self.is_missing = place is None
        if place is None:
            return
        with i18n.use(self._locale()):
            self.name, self.zone = place.name, place.zone
            self.zone_said = i18n.zone_city(place.zone)
            self.rooms = [_row(one) for one in found]
            day = words.opening(i18n.format_day(place.closed_from)) if place.closed_from else ""
            self.closed = _("Closed for good from this day on: {day}").format(day=day) if day else ""

    def _refuse(self, error: InputRefused) -> None:
        self.error_field, self.attempt = error.field, clock.now().isoformat()
        with i18n.use(self._locale()):
            self.error = _(error.reason)

    def _say(self, news: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(news)

    def _clear(self) -> None:
        self.view, self.editing, self._change = "settings", "", None
        self.error = self.error_field = self.news = ""


def _row(one: RoomUse) -> Row:
    state, tone = (_("In use"), "good") if one.is_active else (_("Retired"), "plain")
    return {
        "id": str(one.id),
        "name": one.name,
        "is_active": "yes" if one.is_active else "",
        "state": state,
        "tone": tone,
    }
