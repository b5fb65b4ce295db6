"""Find a time: how, with whom, on which day, when."""

from collections.abc import Sequence

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.access import service as access
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView, FreeDay, FreeTime, Modality, TimeQuery
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import PractitionerView, VisitTypeView
from portal_app.state import book_rows as rows
from portal_app.state import booking_words as words
from portal_app.state import moving
from portal_app.state.base import PortalState, handles
from portal_app.state.confirm import confirm_path
from portal_app.state.frame import Frame

SEARCH_DAYS = 60
MODALITIES: tuple[Modality, ...] = ("in_person", "video")


class Book(PortalState, rx.State):
    """The screen on which a time is found; choosing one leads to the confirmation."""

    is_ready: bool = False
    modality: str = "in_person"
    visit_type: str = ""
    visit_types: list[dict[str, str]] = []
    who: str = ""
    people: list[dict[str, str]] = []
    person: dict[str, str] = {}
    days: list[dict[str, str | bool]] = []
    chosen_day: str = ""
    day_title: str = ""
    parts: list[dict[str, str | list[dict[str, str]]]] = []
    zone_note: str = ""
    has_earlier: bool = False
    has_later: bool = False
    moving: str = ""
    back_href: str = ""
    is_fixed: bool = False
    _page: int = 0

    @handles("booking.find")
    async def on_load(self) -> EventSpec | None:
        """Show the soonest times with the patient's own clinician, or other times for a visit that is moved."""
        self.who = self.chosen_day = self.moving = self.back_href = ""
        self._page = 0
        async with db.opened().act_as(self._credential(), "booking.find") as tx:
            await (await self.get_state(Frame))._fill(tx)
            moved = await moving.moved_one(tx, self.router.url.query_parameters)
            if moved is not None and not moving.is_movable(moved):
                return rx.redirect(i18n.localized_path(self._locale(), f"/appointments/{moved.id}"), replace=True)
            await self._keep(tx, moved)
            await self._show(tx)
        self.is_ready = True
        return None

    @handles("booking.find")
    async def on_modality(self, modality: str) -> None:
        """Look for visits in person, or by video."""
        if modality not in MODALITIES:
            raise InputRefused("modality", N_("Choose one from the list."))
        self.modality = modality
        await self._look_again()

    @handles("booking.find")
    async def on_visit_type(self, visit_type: str) -> None:
        """Look for times for another kind of visit."""
        self.visit_type = visit_type
        await self._look_again()

    @handles("booking.find")
    async def on_who(self, who: str) -> None:
        """Look for times with one person, or with whoever is free first."""
        self.who = who
        await self._look_again()

    @handles("booking.find")
    async def on_day(self, day: str) -> None:
        """Show the times of a day."""
        self.chosen_day = day
        await self._refresh()

    @handles("booking.find")
    async def on_turn(self, step: int) -> None:
        """Show the ten dates before or after these."""
        self._page = max(0, self._page + (1 if step > 0 else -1))
        self.chosen_day = ""
        await self._refresh()

    @handles("booking.hold")
    async def on_time(self, chosen: str) -> EventSpec:
        """Go on to confirm a time; the confirmation keeps it."""
        carried = moving.carried(self.router.url.query_parameters)
        return rx.redirect(confirm_path(self._locale(), self.visit_type, self.modality, chosen, carried))

    async def _keep(self, tx: db.Transaction, moved: AppointmentView | None) -> None:
        """Keep the kind of visit of what is moved, and begin with who it is with."""
        if moved is None:
            self.is_fixed = False
            return
        self.visit_type, self.who, self.modality = str(moved.visit_type_id), str(moved.practitioner_id), moved.modality
        types = {one.id: one.modalities for one in await practice.visit_types(tx)}
        self.is_fixed = len(types.get(moved.visit_type_id, ())) < len(MODALITIES)
        self.back_href = i18n.localized_path(self._locale(), f"/appointments/{moved.id}")
        with i18n.use(self._locale()):
            self.moving = moving.moving_words(moved)

    async def _look_again(self) -> None:
        self._page, self.chosen_day = 0, ""
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "booking.find") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        types = [one for one in await practice.visit_types(tx) if self.modality in one.modalities]
        if not types:
            raise NotFound
        people = await practice.practitioners(tx)
        chart = await access.own_chart(tx)
        chosen = next((one for one in types if str(one.id) == self.visit_type), types[0])
        self.who = self.who or str(chart.general_practitioner_id or rows.ANYONE)
        person = next((one for one in people if str(one.id) == self.who), None)
        query = _query(chosen, self.modality, person)
        pages = rows.pages_of(await booking.find_days(tx, query))
        self._page = min(self._page, max(0, len(pages) - 1))
        day = rows.chosen_of(pages[self._page] if pages else [], self.chosen_day)
        times = await booking.find_times(tx, _on(query, day)) if day else []
        places = {one.id: one.name for one in await practice.locations(tx)} if self.modality == "in_person" else {}
        zones = {time: chart.zone if self.modality == "video" else time.zone for time in times}
        self.visit_type = str(chosen.id)
        with i18n.use(self._locale()):
            self.visit_types = [rows.type_row(one) for one in types]
            self.person = rows.person_row(person, chart.general_practitioner_id)
            first_own = sorted(people, key=lambda one: one.id != chart.general_practitioner_id)
            self.people = [rows.person_row(one, chart.general_practitioner_id) for one in (None, *first_own)]
            self._show_days(pages, day)
            self.parts = rows.part_rows(times, zones, {one.id: one for one in people}, places)
            self.zone_note = _zone_note(times, list(zones.values()))

    def _show_days(self, pages: list[list[FreeDay]], day: FreeDay | None) -> None:
        self.days = rows.day_rows(pages[self._page] if pages else [])
        self.chosen_day = day.day.isoformat() if day else ""
        self.day_title = words.opening(i18n.format_day(day.day)) if day else ""
        self.has_earlier, self.has_later = self._page > 0, self._page + 1 < len(pages)


def _query(chosen: VisitTypeView, modality: str, person: PractitionerView | None) -> TimeQuery:
    how: Modality = "video" if modality == "video" else "in_person"
    return TimeQuery(chosen.id, how, None, SEARCH_DAYS, (person.id,) if person else ())


def _on(query: TimeQuery, day: FreeDay) -> TimeQuery:
    return TimeQuery(query.visit_type_id, query.modality, day.day, 1, query.practitioner_ids)


def _zone_note(times: Sequence[FreeTime], zones: Sequence[str]) -> str:
    if len(set(zones)) > 1:
        return _("Each time is in the time zone of its location.")
    return _("Times are {zone}.").format(zone=words.zone_words(times[0].starts_at, zones[0])) if times else ""
