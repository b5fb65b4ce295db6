"""Days on which a location is closed: its public holidays, and days the practice closes itself."""

from typing import Any
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.schedules import service as schedules
from portal_app.features.schedules.rules import HOLIDAY_YEARS
from portal_app.state import booking_words as words
from portal_app.state import schedule_rows as rows
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id
from portal_app.state.schedule_forms import day_of


class ClosedDays(PortalState, rx.State):
    """The manager's page about closed days. `view` is the list, or what a change does."""

    is_ready: bool = False
    view: str = "list"
    place: str = ""
    place_name: str = ""
    places: list[dict[str, str]] = []
    country: str = ""
    part: str = ""
    holidays: list[dict[str, str]] = []
    days: list[dict[str, str]] = []
    typed: dict[str, str] = {}
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    facts: list[dict[str, str]] = []
    hits: list[dict[str, str]] = []
    more_hits: str = ""
    note: str = ""
    save: str = ""
    news: str = ""
    _wish: list[str] = []

    @handles("schedules.edit_practice")
    async def on_load(self) -> None:
        """Show the first location's closed days."""
        self._clear()
        self.news, self.place = "", ""
        await self._refresh(with_frame=True)

    @handles("schedules.edit_practice")
    async def on_place(self, place: str) -> None:
        """Show a location's closed days."""
        self._clear()
        self.place, self.news = place, ""
        await self._refresh()

    @handles("schedules.edit_practice")
    async def on_country(self, form: dict[str, Any]) -> None:
        """Show the public holidays of a country or a part of it, to choose from."""
        self._clear()
        country, part = (str(form.get(name, "")).strip().upper() for name in ("country", "part"))
        if country not in schedules.countries():
            self._refuse("country", N_("Write the two letters of a country, such as US."))
        elif part and part not in schedules.subdivisions(country):
            self._refuse("part", N_("Write the letters of a state or province, such as NY, or nothing."))
        else:
            self.country, self.part = country, part
            await self._refresh()

    @handles("schedules.edit_practice")
    async def on_choose(self, form: dict[str, Any]) -> None:
        """Show what it would change to observe the chosen holidays."""
        self._clear()
        names = [one["given"] for one in self.holidays if form.get(one["value"])]
        self._wish = ["observe", self.country, self.part, *names]
        async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
            impact = await schedules.preview_holidays(tx, self._place(), self.country, self.part, names)
        self._show_impact(impact)

    @handles("schedules.edit_practice")
    async def on_close(self, form: dict[str, Any]) -> None:
        """Show what it would change to close for a day."""
        self._clear()
        self.typed = {name: str(value) for name, value in form.items()}
        try:
            day, name = day_of(self.typed, "day"), self.typed.get("name", "")
            async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
                impact = await schedules.preview_closing(tx, self._place(), day, name)
        except InputRefused as error:
            self._refuse(error.field, error.reason)
            return
        self._wish = ["close", day.isoformat(), name]
        self._show_impact(impact)

    @handles("schedules.edit_practice", writes=True)
    async def on_open(self, day: str) -> None:
        """Open again on a day that was closed by hand."""
        self._clear()
        try:
            async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
                await schedules.open_day(tx, self._place(), day_of({"day": day}, "day"))
        except NotFound:
            pass  # Opened already, by a colleague or an earlier tap; the list shows it.
        await self._refresh()
        self._say(N_("Open again: the usual hours are offered on that day."))

    @handles("schedules.edit_practice")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self._clear()

    @handles("schedules.edit_practice", writes=True)
    async def on_save(self) -> None:
        """Make the change that was looked at; a second tap finds nothing left to do."""
        wish = self._wish
        if not wish:
            return
        async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
            if wish[0] == "observe":
                await schedules.observe_holidays(tx, self._place(), wish[1], wish[2], wish[3:])
            else:
                await schedules.close_day(tx, self._place(), day_of({"day": wish[1]}, "day"), wish[2])
        self._wish = []  # and not before: while the records are away it can be saved once more
        self._clear()
        self.typed = {}
        await self._refresh()
        self._say(N_("Saved."))

    async def _refresh(self, *, with_frame: bool = False) -> None:
        async with db.opened().act_as(self._credential(), "schedules.edit_practice") as tx:
            if with_frame:
                await (await self.get_state(Frame))._fill(tx)
            calendars = await schedules.calendars(tx)
            chosen = next((one for one in calendars if str(one.location_id) == self.place), None)
            chosen = chosen or next(iter(calendars), None)
            closed = await schedules.closed_days(tx, chosen.location_id) if chosen else []
        if chosen:
            if self.place != str(chosen.location_id) or not self.country:
                self.country, self.part = chosen.country, chosen.subdivision
            self.place, self.place_name = str(chosen.location_id), chosen.location_name
            self.places = [{"value": str(one.location_id), "label": one.location_name} for one in calendars]
            with i18n.use(self._locale()):
                self.holidays = _holiday_rows(self.country, self.part, chosen)
                self.days = [_day_row(one) for one in closed]
        self.is_ready = True

    def _show_impact(self, impact: schedules.Impact) -> None:
        with i18n.use(self._locale()):
            rows.show_impact(self, impact)
        self.attempt, self.view = clock.now().isoformat(), "preview"

    def _refuse(self, field: str, reason: str) -> None:
        self.error_field, self.attempt = field, clock.now().isoformat()
        with i18n.use(self._locale()):
            self.error = _(reason)

    def _say(self, news: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(news)

    def _clear(self) -> None:
        self.view, self._wish = "list", []
        self.error = self.error_field = self.news = ""

    def _place(self) -> UUID:
        return picked_id(self.place, "place")


def _holiday_rows(country: str, part: str, kept: schedules.CalendarView) -> list[dict[str, str]]:
    """Return the holidays there are, each with its next day, in the order of the year."""
    if not country:
        return []
    today = clock.now().date()
    known = schedules.public_holidays(country, part, range(today.year, today.year + HOLIDAY_YEARS))
    first: dict[str, str] = {}
    for day, names in known.items():
        for name in names:
            if day >= today:
                first.setdefault(name, words.opening(i18n.format_day(day)))
    said = schedules.holiday_words(country, part, i18n.current())
    return [
        {
            "value": f"holiday-{n}",
            "given": name,
            "label_given": said.get(name, name),
            "detail": day,
            "is_on": "yes" if name in kept.observed else "",
        }
        for n, (name, day) in enumerate(first.items())
    ]


def _day_row(one: schedules.ClosedDayView) -> dict[str, str]:
    return {
        "id": "" if one.is_holiday else one.day.isoformat(),
        "day": words.opening(i18n.format_day(one.day)),
        "label_given": schedules.in_words(one, i18n.current()),
    }
