"""The month of a clinician, a place or a room: how many are booked on each day, each leading to its day."""

from datetime import date, timedelta
from urllib.parse import urlencode

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.i18n import _, ngettext
from portal_app.features.booking import service as booking
from portal_app.features.practice import service as practice
from portal_app.state import board_rows
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.board_scope import choose_scope, scope_options
from portal_app.state.frame import Frame

WEEKS = 6


class StaffMonth(PortalState, rx.State):
    """The staff's month page."""

    is_ready: bool = False
    title: str = ""
    scope: str = ""
    people: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    rooms: list[dict[str, str]] = []
    weekdays: list[str] = []
    weeks: list[list[dict[str, str]]] = []
    _own: str = ""
    _first: str = ""

    @handles("booking.view_day")
    async def on_load(self) -> None:
        """Show the month of the address: whose (`who`) and when (`day`); else one's own, or the first place's, now."""
        asked = self.router.url.query_parameters
        self.scope, self._first, self.is_ready = asked.get("who", ""), board_rows.day_of(asked.get("day", "")), False
        async with db.opened().act_as(self._credential(), "booking.view_day") as tx:
            await (await self.get_state(Frame))._fill(tx)
            own = await practice.own_practitioner_id(tx)
            self._own = str(own) if own else ""
            await self._show(tx)

    @handles("booking.view_day")
    async def on_scope(self, scope: str) -> None:
        """Show somebody's, some place's or some room's month."""
        self.scope = scope
        await self._refresh()

    @handles("booking.view_day")
    async def on_turn(self, step: int) -> None:
        """Go to the month before or after, or with 0 back to this one."""
        if step and abs(step) == 1 and self._first:
            first = date.fromisoformat(self._first)
            self._first = ((first - timedelta(days=1)) if step < 0 else first + timedelta(days=31)).isoformat()
        else:
            self._first = ""
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "booking.view_day") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        options = await scope_options(tx)
        found = choose_scope(self.scope, self._own, options)
        self.scope, zone = found.value, options.zone_of(found)
        today = words.local_day(clock.now(), zone)
        month = (date.fromisoformat(self._first) if self._first else today).replace(day=1)
        self._first = month.isoformat()
        first = board_rows.monday_of(self._first, zone)
        counts = await booking.counts(tx, first, WEEKS * 7, **found.filters())
        self._watch(*options.topics_of(found))
        with i18n.use(self._locale()):
            self.people, self.places, self.rooms = options.people_rows(), options.place_rows(), options.room_rows()
            self.title = _("{name}, {month} {year}").format(
                name=options.name_of(found), month=i18n.format_month(month), year=month.year
            )
            self.weekdays = [
                words.opening(i18n.format_weekday(first + timedelta(days=n), "abbreviated")) for n in range(7)
            ]
            days = [first + timedelta(days=n) for n in range(WEEKS * 7)]
            cells = [_cell(day, counts.get(day, booking.DayCount(0, 0)), month, today, found.value) for day in days]
            self.weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
        self.is_ready = True


def _cell(day: date, count: booking.DayCount, month: date, today: date, scope: str) -> dict[str, str]:
    booked = ngettext("{count} visit", "{count} visits", count.booked).format(count=i18n.format_number(count.booked))
    beyond = ngettext("{count} overbooked", "{count} overbooked", count.overbooked).format(
        count=i18n.format_number(count.overbooked)
    )
    said = words.together(booked, beyond) if count.overbooked else booked
    query = urlencode({"day": day.isoformat(), "who": scope})
    return {
        "date": i18n.format_number(day.day),
        "count": i18n.format_number(count.booked) if count.booked else "",
        "overbooked": beyond if count.overbooked else "",
        "name": words.together(words.opening(i18n.format_day(day)), said),
        "today": "yes" if day == today else "",
        "outside": "" if day.month == month.month else "yes",
        "href": f"{i18n.localized_path(i18n.current(), '/staff/schedule/week')}?{query}",
    }
