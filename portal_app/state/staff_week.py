"""The week of a clinician, a place or a room: visits where their time is, moved by mouse or keys; times blocked."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import DayView, MoveRequest, TimeQuery
from portal_app.features.practice import service as practice
from portal_app.state import board_rows
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.board_scope import choose_scope, clinician_of, scope_options
from portal_app.state.frame import Frame

NEAREST_SHOWN: Final = 8
DAYS_LOOKED_AT: Final = 14
_TOLD: Final = frozenset({
    "appointment_moved_on", "not_found", "patient_elsewhere", "room_taken", "time_occupied", "input_refused",
    "slot_already_taken", "time_not_offered", "booking_crowded",
})  # fmt: skip
"""The failures that are said on the page itself, by code."""


class StaffWeek(PortalState, rx.State):
    """The staff's week page."""

    is_ready: bool = False
    title: str = ""
    scope: str = ""
    people: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    rooms: list[dict[str, str]] = []
    days: list[dict[str, str]] = []
    items: list[dict[str, str | int | bool]] = []
    opens: int = 480
    closes: int = 1080
    step: int = 20
    can_block: bool = False
    picked: str = ""
    picked_facts: list[dict[str, str]] = []
    picked_name: str = ""
    picked_href: str = ""
    can_move: bool = False
    is_block: bool = False
    can_free: bool = False
    room_choices: list[dict[str, str]] = []
    room: str = ""
    moving: str = ""
    moving_words: str = ""
    nearest: list[dict[str, str]] = []
    question: str = ""
    is_beyond: bool = False
    is_blocking: bool = False
    block_error: str = ""
    attempt: str = ""
    news: str = ""
    problem: str = ""
    _own: str = ""
    _first: str = ""
    _looked_at: str = ""
    _zone: str = "UTC"
    _wish: str = ""
    _key: str = ""
    _sequence: int = 0

    @handles("booking.view_day")
    async def on_load(self) -> None:
        """Show the week of the address: whose (`who`) and which (`day`); else one's own, this week."""
        asked = self.router.url.query_parameters
        self.scope, self._first, self._looked_at = asked.get("who", ""), asked.get("day", ""), ""
        self.is_ready = False
        self._put_away()
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "booking.view_day") as tx:
            await (await self.get_state(Frame))._fill(tx)
            own = await practice.own_practitioner_id(tx)
            self._own = str(own) if own else ""
            await self._show(tx)

    @handles("booking.view_day")
    async def on_scope(self, scope: str) -> None:
        """Show somebody's, some place's or some room's week."""
        self.scope = scope
        self._put_away()
        await self._refresh()

    @handles("booking.view_day")
    async def on_turn(self, step: int) -> None:
        """Go to the week before or after, or with 0 back to this one. A visit being moved comes along."""
        self._first = ""
        if step and abs(step) == 1 and self.days:
            self._first = (date.fromisoformat(str(self.days[0]["value"])) + timedelta(days=7 * step)).isoformat()
        await self._refresh()

    @handles("booking.view_day")
    async def on_pick(self, item_id: str) -> None:
        """Open what is known of a visit or a blocked time, and what can be done with it."""
        self.news = self.problem = ""
        found = next((one for one in self.items if one["id"] == item_id), None)
        if found is None:
            return
        self.picked, self.is_block = item_id, found["kind"] in ("block", "kept")
        self.can_free = found["kind"] == "block"
        self.picked_name, self.picked_href = str(found["title"]), str(found["href"])
        self.can_move = bool(found["can_move"])
        self.room = str(found["room"])
        with i18n.use(self._locale()):
            self.picked_facts = board_rows.facts(found)

    @handles("booking.view_day")
    async def on_close(self) -> None:
        """Put away what was opened."""
        self.picked = ""

    @handles("booking.change_day")
    async def on_move(self) -> None:
        """Begin to move the visit that is open: by arrow keys in the grid, or to one of the nearest free times."""
        found = next((one for one in self.items if one["id"] == self.picked), None)
        self.picked = ""
        if found is None or not found["can_move"]:
            return
        self.moving, self._sequence = str(found["id"]), int(found["sequence"])
        async with db.opened().act_as(self._credential(), "booking.book_for") as tx:
            seen = await booking.appointment(tx, _uuid(self.moving))
            query = TimeQuery(
                seen.visit_type_id,
                seen.modality,
                None,
                DAYS_LOOKED_AT,
                (seen.practitioner_id,),
                patient_id=seen.patient_id,
            )
            times = await booking.find_times_for(tx, query)
        near = sorted(times, key=lambda one: abs(one.starts_at - seen.starts_at))[:NEAREST_SHOWN]
        with i18n.use(self._locale()):
            self.moving_words = words.together(str(found["title"]), words.moment_words(seen.starts_at, seen.zone))
            self.nearest = [
                {"value": one.starts_at.isoformat(), "label": words.brief_moment(one.starts_at, one.zone)}
                for one in sorted(near, key=lambda one: one.starts_at)
            ]

    @handles("booking.change_day")
    async def on_stop(self) -> None:
        """Leave the visit where it is."""
        self._put_away()

    @handles("booking.change_day")
    async def on_drop(self, item_id: str, day: str, minutes: int) -> None:
        """Ask before a visit moves to a place of the grid: the patient must be told. Said in the place's own clock."""
        found = next((one for one in self.items if one["id"] == item_id and one["can_move"]), None)
        if found is None:
            return
        if not self.moving:
            self._sequence = int(found["sequence"])
        self._ask(item_id, str(found["title"]), board_rows.moment_of(day, minutes, self._zone))

    @handles("booking.change_day")
    async def on_time(self, value: str) -> None:
        """Ask before a visit moves to one of the nearest free times."""
        if self.moving and any(one["value"] == value for one in self.nearest):
            self._ask(self.moving, self.moving_words, datetime.fromisoformat(value))

    @handles("booking.change_day", writes=True)
    async def on_confirm(self) -> None:
        """Move it; the patient is told. Where it cannot be, say why; it stays where it was."""
        item_id, _sep, at = self._wish.partition("|")
        key, sequence, is_beyond, self.question = self._key, self._sequence, self.is_beyond, ""

        async def move(tx: db.Transaction) -> str:
            seen = await booking.appointment(tx, _uuid(item_id))
            wish = MoveRequest(
                seen.id, seen.practitioner_id, seen.location_id, seen.modality, datetime.fromisoformat(at),
                UUID(key), sequence,
            )  # fmt: skip
            moved = await booking.move_appointment(tx, wish, is_beyond=is_beyond)
            return _("Moved to {when}. The patient gets a mail.").format(
                when=words.moment_words(moved.starts_at, moved.zone)
            )

        if not at:
            return
        code = await self._act(move)
        if code == "time_not_offered" and not is_beyond:
            self._offer_beyond(item_id, at)
        elif not code:
            self._put_away()

    @handles("booking.change_day")
    async def on_keep(self) -> None:
        """Do not move it there; it can be moved elsewhere still."""
        self.question, self.is_beyond = "", False

    @handles("booking.change_day", writes=True)
    async def on_room(self, room: str) -> None:
        """Give the visit that is open a room, or none."""
        picked = self.picked

        async def give(tx: db.Transaction) -> str:
            await booking.give_room(tx, _uuid(picked), _uuid(room) if room else None)
            return _("The room is noted.")

        if not await self._act(give):
            self.room = room

    @handles("booking.block")
    async def on_begin_block(self) -> None:
        """Open the form for a time in which nobody can be booked."""
        self.is_blocking, self.block_error, self.news, self.problem = True, "", "", ""

    @handles("booking.block")
    async def on_stop_block(self) -> None:
        """Close the form."""
        self.is_blocking = False

    @handles("booking.block", writes=True)
    async def on_block(self, form: dict[str, str]) -> None:
        """Block a time of the clinician whose week it is."""
        self.attempt, self.block_error = clock.now().isoformat(), ""
        practitioner_id = clinician_of(self.scope)
        try:
            starts_at, ends_at = board_rows.block_of(form, self._zone)
            async with db.opened().act_as(self._credential(), "booking.block") as tx:
                await booking.block_time(tx, practitioner_id, starts_at, ends_at, str(form.get("reason", "")))
            self.is_blocking = False
            with i18n.use(self._locale()):
                self.news = _("Blocked. Nobody can be booked then.")
        except PortalError as error:
            if error.code not in _TOLD:
                raise
            with i18n.use(self._locale()):
                self.block_error = _(error.reason if isinstance(error, InputRefused) else error.message)
        await self._refresh()

    @handles("booking.block", writes=True)
    async def on_unblock(self) -> None:
        """Free the blocked time that is open."""
        picked, self.picked = self.picked, ""

        async def free(tx: db.Transaction) -> str:
            await booking.unblock_time(tx, _uuid(picked))
            return _("The time is free again.")

        await self._act(free)

    async def _act(self, act: Callable[[db.Transaction], Awaitable[str]]) -> str:
        """Do it and say what was done; return the code of what stood in the way, "" if nothing did."""
        self.news = self.problem = ""
        try:
            with i18n.use(self._locale()):
                async with db.opened().act_as(self._credential(), "booking.change_day") as tx:
                    done = await act(tx)
            self.news = done
        except PortalError as error:
            if error.code not in _TOLD:
                raise
            with i18n.use(self._locale()):
                self.problem = _(board_rows.STAFF_WORDS.get(error.code, error.message))
            await self._refresh()
            return error.code
        await self._refresh()
        return ""

    def _ask(self, item_id: str, who: str, starts_at: datetime) -> None:
        self._wish, self._key, self.is_beyond = f"{item_id}|{starts_at.isoformat()}", str(uuid4()), False
        self.news = self.problem = ""
        with i18n.use(self._locale()):
            when = words.moment_words(starts_at, self._zone)
            self.question = _("{who}, to {when}").format(who=who, when=when)

    def _offer_beyond(self, item_id: str, at: str) -> None:
        self._wish, self._key, self.is_beyond, self.problem = f"{item_id}|{at}", str(uuid4()), True, ""
        with i18n.use(self._locale()):
            when = words.moment_words(datetime.fromisoformat(at), self._zone)
            self.question = _("{when} is outside the hours or beside somebody else.").format(when=when)

    def _put_away(self) -> None:
        self.picked = self.moving = self.moving_words = self.question = self._wish = ""
        self.nearest, self.is_beyond, self.is_blocking, self.block_error = [], False, False, ""

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "booking.view_day") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        options = await scope_options(tx)
        found = choose_scope(self.scope, self._own, options)
        self.scope, self._zone = found.value, options.zone_of(found)
        first = board_rows.monday_of(self._first, self._zone)
        hour = f"{self.scope} {first} {clock.now():%F %H}"
        is_repeated, self._looked_at = hour == self._looked_at, hour
        week = await booking.days(tx, first, 7, **found.filters(), is_repeated=is_repeated)
        self._watch(*options.topics_of(found))
        with i18n.use(self._locale()):
            self.people, self.places, self.rooms = options.people_rows(), options.place_rows(), options.room_rows()
            self.room_choices = [{"value": "", "label": _("No room")}, *options.room_rows()]
            self.can_block = found.kind == "who"
            self._fill(week, options.name_of(found))
        self.is_ready = True

    def _fill(self, week: DayView, name: str) -> None:
        last = week.day + timedelta(days=6)
        self.title = _("{name}, {first} to {last}").format(
            name=name, first=i18n.format_brief_date(week.day), last=i18n.format_brief_date(last)
        )
        self.days = [board_rows.day_row(week.day + timedelta(days=n), self._zone) for n in range(7)]
        self.items = [*(board_rows.visit_item(one) for one in week.appointments), *board_rows.block_items(week)]
        self.items.sort(key=lambda one: (one["day"], one["start"]))
        self.opens, self.closes = board_rows.hours_of(self.items)


def _uuid(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotFound from None
