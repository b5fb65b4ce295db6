"""Find a time: how, with whom, on which day, when."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.access import service as access
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import FreeDay, FreeTime, Modality, TimeQuery
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import PractitionerView, VisitTypeView
from portal_app.state import booking_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.confirm import confirm_path
from portal_app.state.frame import Frame

ANYONE = "anyone"
DAYS_A_PAGE = 10
SEARCH_DAYS = 60


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
    month: str = ""
    parts: list[dict[str, str | list[dict[str, str]]]] = []
    zone_note: str = ""
    soonest: str = ""
    has_earlier: bool = False
    has_later: bool = False
    chosen_time: str = ""
    _page: int = 0

    @handles("booking.find")
    async def on_load(self) -> None:
        """Show the soonest times with the patient's own clinician."""
        self.who = self.chosen_day = self.chosen_time = ""
        self._page = 0
        async with db.opened().act_as(self._credential(), "booking.find") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True

    @handles("booking.find")
    async def on_modality(self, modality: str) -> None:
        """Look for visits in person, or by video."""
        if modality not in ("in_person", "video"):
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
        async with db.opened().act_as(self._credential(), "booking.find") as tx:
            await self._show(tx)

    @handles("booking.find")
    async def on_turn(self, step: int) -> None:
        """Show the ten dates before or after these."""
        self._page = max(0, self._page + (1 if step > 0 else -1))
        self.chosen_day = ""
        async with db.opened().act_as(self._credential(), "booking.find") as tx:
            await self._show(tx)

    @handles("booking.hold")
    async def on_time(self, chosen: str) -> EventSpec:
        """Go on to confirm a time; the confirmation keeps it."""
        return rx.redirect(confirm_path(self._locale(), self.visit_type, self.modality, chosen))

    async def _look_again(self) -> None:
        self._page, self.chosen_day = 0, ""
        async with db.opened().act_as(self._credential(), "booking.find") as tx:
            await self._show(tx)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "booking.find") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        types = [one for one in await practice.visit_types(tx) if self.modality in one.modalities]
        people = await practice.practitioners(tx)
        chosen_type = next((one for one in types if str(one.id) == self.visit_type), types[0])
        own = await access.own_practitioner_id(tx)
        if not self.who:
            self.who = str(own) if own else ANYONE
        person = next((one for one in people if str(one.id) == self.who), None)
        query = _query(chosen_type, self.modality, person)
        days = await booking.find_days(tx, query)
        pages = _pages(days)
        self._page = min(self._page, max(0, len(pages) - 1))
        day = _chosen(pages[self._page] if pages else [], self.chosen_day)
        times = await booking.find_times(tx, _of_day(query, day)) if day else []
        with i18n.use(self._locale()):
            self._show_choices(types, chosen_type, people, person, own)
            self._show_days(pages, day)
            self._show_times(times, day, {one.id: one for one in people})

    def _show_choices(
        self,
        types: Sequence[VisitTypeView],
        chosen: VisitTypeView,
        people: Sequence[PractitionerView],
        person: PractitionerView | None,
        own: UUID | None,
    ) -> None:
        locale = i18n.current()
        self.visit_type = str(chosen.id)
        self.visit_types = [
            {
                "value": str(one.id),
                "label": one.name_in(locale),
                "detail": ngettext("{count} minute", "{count} minutes", _minutes(one)).format(
                    count=i18n.format_number(_minutes(one))
                ),
            }
            for one in types
        ]
        anyone = {"value": ANYONE, "label": _("Whoever is free first"), "detail": _("The soonest time with anyone")}
        self.people = [anyone, *(_person(one, own) for one in sorted(people, key=lambda one: one.id != own))]
        self.person = (
            _person(person, own)
            if person
            else {"value": ANYONE, "label": anyone["label"], "detail": anyone["detail"], "initials": "", "own": ""}
        )

    def _show_days(self, pages: list[list[FreeDay]], day: FreeDay | None) -> None:
        shown = pages[self._page] if pages else []
        self.chosen_day = day.day.isoformat() if day else ""
        self.days = [_day_row(one, shown[0].day) for one in shown]
        self.month = i18n.format_month(shown[0].day) if shown else ""
        self.day_title = i18n.format_day(day.day) if day else ""
        self.has_earlier, self.has_later = self._page > 0, self._page + 1 < len(pages)

    def _show_times(self, times: Sequence[FreeTime], day: FreeDay | None, people: dict[UUID, PractitionerView]) -> None:
        zone = times[0].zone if times else "UTC"
        groups: dict[str, list[dict[str, str]]] = {}
        seen: set[datetime] = set()
        for time in times:
            if time.starts_at in seen and self.who == ANYONE:
                continue
            seen.add(time.starts_at)
            groups.setdefault(_part_of_day(time), []).append(_time_row(time, people))
        self.parts = [{"label": label, "times": rows} for label, rows in groups.items()]
        self.zone_note = (
            _("Times are {zone}.").format(zone=words.zone_words(times[0].starts_at, zone)) if times and day else ""
        )
        first = times[0] if times else None
        self.soonest = words.brief_moment(first.starts_at, first.zone) if first else ""


def _query(chosen: VisitTypeView, modality: str, person: PractitionerView | None) -> TimeQuery:
    how: Modality = "video" if modality == "video" else "in_person"
    return TimeQuery(chosen.id, how, None, SEARCH_DAYS, (person.id,) if person else ())


def _of_day(query: TimeQuery, day: FreeDay) -> TimeQuery:
    return TimeQuery(query.visit_type_id, query.modality, day.day, 1, query.practitioner_ids)


def _pages(days: Sequence[FreeDay]) -> list[list[FreeDay]]:
    """Cut the days into pages of ten, beginning with the first free one and the full one before it."""
    first = next((at for at, one in enumerate(days) if one.free_count), len(days))
    kept = list(days[max(0, first - 1) :])
    return [kept[at : at + DAYS_A_PAGE] for at in range(0, len(kept), DAYS_A_PAGE)]


def _chosen(days: Sequence[FreeDay], wanted: str) -> FreeDay | None:
    free = [one for one in days if one.free_count]
    return next((one for one in free if one.day.isoformat() == wanted), free[0] if free else None)


def _minutes(visit_type: VisitTypeView) -> int:
    return int(visit_type.duration.total_seconds() // 60)


def _person(one: PractitionerView, own: UUID | None) -> dict[str, str]:
    languages = i18n.language_list(one.languages)
    return {
        "value": str(one.id),
        "label": f"{one.title} {one.name}".strip(),
        "detail": f"{one.specialty_in(i18n.current())} · {languages}",
        "initials": one.initials,
        "own": _("Your clinician") if one.id == own else "",
    }


def _day_row(one: FreeDay, first: date) -> dict[str, str | bool]:
    free = (
        ngettext("{count} free", "{count} free", one.free_count).format(count=i18n.format_number(one.free_count))
        if one.free_count
        else _("Full")
    )
    is_new_month = one.day != first and one.day.day < first.day and one.day.month != first.month
    return {
        "value": one.day.isoformat(),
        "weekday": i18n.format_weekday(one.day, "abbreviated"),
        "date": i18n.format_brief_date(one.day) if is_new_month else i18n.format_number(one.day.day),
        "count": free,
        "name": f"{i18n.format_day(one.day)}, {free}",
        "is_full": not one.free_count,
    }


def _time_row(time: FreeTime, people: dict[UUID, PractitionerView]) -> dict[str, str]:
    person = people.get(time.practitioner_id)
    who = f"{person.title} {person.name}".strip() if person else ""
    return {
        "value": f"{time.practitioner_id}|{time.location_id}|{time.starts_at.isoformat()}",
        "label": i18n.format_clock(time.starts_at, time.zone),
        "name": _("{when} with {who}").format(when=words.brief_moment(time.starts_at, time.zone), who=who),
    }


def _part_of_day(time: FreeTime) -> str:
    hour = time.starts_at.astimezone(ZoneInfo(time.zone)).hour
    return _("Morning") if hour < 12 else _("Afternoon") if hour < 17 else _("Evening")
