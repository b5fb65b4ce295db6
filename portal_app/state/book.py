"""Find a time: how, with whom, on which day, when."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.access import service as access
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import AppointmentView, FreeDay, FreeTime, Modality, TimeQuery
from portal_app.features.practice import service as practice
from portal_app.features.practice.service import Reason
from portal_app.features.practice.views import PractitionerView, VisitTypeView
from portal_app.state import book_rows as rows
from portal_app.state import booking_words as words
from portal_app.state import moving
from portal_app.state.base import PortalState, handles
from portal_app.state.confirm import confirm_path
from portal_app.state.frame import Frame

SEARCH_DAYS = 60
NEXT_DAYS = 14
"""How many days are looked at for when each of the list is free next."""
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
    wait_href: str = ""
    ask_href: str = ""
    has_earlier: bool = False
    has_later: bool = False
    reasons: list[dict[str, str]] = []
    reasons_said: str = ""
    reason: str = ""
    urgent: str = ""
    moving: str = ""
    back_href: str = ""
    is_fixed: bool = False
    _reason: str = ""
    _page: int = 0
    _says_next: bool = False

    @handles("booking.find")
    async def on_load(self) -> EventSpec | None:
        """Show the soonest times with the patient's own clinician, or other times for a visit that is moved."""
        self.who = self.router.url.query_parameters.get("who", "")
        self.chosen_day = self.moving = self.back_href = ""
        self._forget_reason()
        self._page, self._says_next = 0, False
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

    @handles("booking.find", supersedes=True)
    async def on_type(self, typed: str) -> None:
        """Show what may be meant by the words typed so far; they are neither kept nor sent anywhere."""
        found = practice.find_reasons(typed, self._locale())
        with i18n.use(self._locale()):
            self.reasons = [rows.reason_row(one) for one in found]
            self.reasons_said = rows.suggestions_words(typed, len(found))

    @handles("booking.find")
    async def on_reason(self, code: str) -> None:
        """Look for the kind of visit and the people that fit a reason."""
        reason = practice.reason_of(code)
        if reason is None:
            raise InputRefused("about", N_("Choose one from the list."))
        self._reason, self.reasons, self.reasons_said = reason.code, [], ""
        self.who = self.visit_type = ""
        await self._look_again()

    @handles("booking.find")
    async def on_no_reason(self) -> None:
        """Look among everybody again."""
        self._forget_reason()
        self.who = self.visit_type = ""
        await self._look_again()

    @handles("booking.find", supersedes=True)
    async def on_people(self) -> None:
        """Say of each in the list when they are free next; looked up when the list is opened for the first time."""
        if not self._says_next:
            self._says_next = True
            await self._refresh()

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

    def _forget_reason(self) -> None:
        self._reason = self.reason = self.urgent = self.reasons_said = ""
        self.reasons = []

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
        chart, takers = await access.own_chart(tx), await practice.takers(tx)
        reason = practice.reason_of(self._reason)
        people = [one for one in await practice.practitioners(tx) if one.id in takers]
        fits = rows.fitting(people, reason)
        chosen = _type_for(types, self.visit_type, reason)
        self.who = self.who or str(chart.general_practitioner_id or rows.ANYONE)
        person = next((one for one in fits if str(one.id) == self.who), None)
        self.who = str(person.id) if person else rows.ANYONE
        query = _query(chosen, self.modality, [person] if person else fits if reason else [])
        pages = rows.pages_of(await booking.find_days(tx, query))
        self._page = min(self._page, max(0, len(pages) - 1))
        day = rows.chosen_of(pages[self._page] if pages else [], self.chosen_day)
        times = await booking.find_times(tx, _on(query, day)) if day else []
        places = {one.id: one.name for one in await practice.locations(tx)} if self.modality == "in_person" else {}
        zones = {time: chart.zone if self.modality == "video" else time.zone for time in times}
        next_free = await self._next_free(tx, _query(chosen, self.modality, fits))
        self.visit_type = str(chosen.id)
        self._lead_on(person)
        with i18n.use(self._locale()):
            self.visit_types = [rows.type_row(one) for one in types]
            self.person = rows.person_row(person, chart.general_practitioner_id)
            first_own = sorted(fits, key=lambda one: one.id != chart.general_practitioner_id)
            said_in = chart.zone if self.modality == "video" else ""
            self.people = rows.people_rows(first_own, chart.general_practitioner_id, next_free, said_in)
            self.reason = rows.reason_row(reason)["label"] if reason else ""
            self.urgent = (await self.get_state(Frame)).emergency_phone if reason and reason.is_urgent else ""
            self._show_days(pages, day)
            self.parts = rows.part_rows(times, zones, {one.id: one for one in people}, places)
            self.zone_note = _zone_note(times, list(zones.values()))

    async def _next_free(self, tx: db.Transaction, query: TimeQuery) -> dict[UUID, FreeTime] | None:
        """Return whoever of these is free soon, and when, in one look; None while nobody has opened the list."""
        if not self._says_next or not query.practitioner_ids:
            return None
        soon = await booking.find_soonest(tx, replace(query, days=NEXT_DAYS))
        return {one.practitioner_id: one for one in soon}

    def _lead_on(self, person: PractitionerView | None) -> None:
        """Say where to go when none of these times fits: to the list of those who wait, or to a person."""
        wish = {"type": self.visit_type, "how": self.modality} | ({"who": str(person.id)} if person else {})
        self.wait_href = f"{i18n.localized_path(self._locale(), '/waiting/ask')}?{urlencode(wish)}"
        self.ask_href = f"{i18n.localized_path(self._locale(), '/requests/ask')}?{urlencode(wish)}"

    def _show_days(self, pages: list[list[FreeDay]], day: FreeDay | None) -> None:
        self.days = rows.day_rows(pages[self._page] if pages else [])
        self.chosen_day = day.day.isoformat() if day else ""
        self.day_title = words.opening(i18n.format_day(day.day)) if day else ""
        self.has_earlier, self.has_later = self._page > 0, self._page + 1 < len(pages)


def _type_for(types: Sequence[VisitTypeView], wanted: str, reason: Reason | None) -> VisitTypeView:
    """Return the kind of visit that was chosen, else the first that fits the reason, else the first."""
    codes = reason.visit_types if reason else ()
    chosen = [one for one in types if str(one.id) == wanted]
    return next(iter([*chosen, *(one for code in codes for one in types if one.code == code), *types]))


def _query(chosen: VisitTypeView, modality: str, people: Sequence[PractitionerView]) -> TimeQuery:
    how: Modality = "video" if modality == "video" else "in_person"
    return TimeQuery(chosen.id, how, None, SEARCH_DAYS, tuple(one.id for one in people))


def _on(query: TimeQuery, day: FreeDay) -> TimeQuery:
    return TimeQuery(query.visit_type_id, query.modality, day.day, 1, query.practitioner_ids)


def _zone_note(times: Sequence[FreeTime], zones: Sequence[str]) -> str:
    if len(set(zones)) > 1:
        return _("Each time is in the time zone of its location.")
    return _("Times are {zone}.").format(zone=words.zone_words(times[0].starts_at, zones[0])) if times else ""
