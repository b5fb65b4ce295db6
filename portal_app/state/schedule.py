"""The day of a clinician or a location: who comes, who is here, who did not come. Live."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.booking import service as booking
from portal_app.features.booking.views import DayAppointment, DayView
from portal_app.features.notes import service as notes
from portal_app.features.practice import service as practice
from portal_app.state import booking_words as words
from portal_app.state import check_in_words
from portal_app.state.base import PortalState, handles
from portal_app.state.board_rows import day_of
from portal_app.state.board_scope import Scope, choose_scope, scope_options
from portal_app.state.frame import Frame
from portal_app.state.running_late import RunningLate
from portal_app.web.next_path import is_open

FILTERS = {
    "open": ("booked", "arrived"),
    "here": ("arrived",),
    "done": ("fulfilled", "noshow", "cancelled"),
    "all": ("booked", "arrived", "fulfilled", "noshow", "cancelled"),
}


class Schedule(PortalState, rx.State):
    """The staff's day page."""

    is_ready: bool = False
    title: str = ""
    subtitle: str = ""
    day: str = ""
    is_today: bool = True
    scope: str = ""
    people: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    rooms: list[dict[str, str]] = []
    shown: str = "open"
    filters: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    writes_notes: bool = False
    reads_forms: bool = False
    news: str = ""
    problem: str = ""
    cancelling: str = ""
    cancelling_who: str = ""
    _own: str = ""
    _looked_at: str = ""

    @handles("booking.view_day")
    async def on_load(self) -> None:
        """Show the day of the address: whose (`who`) and which (`day`); else one's own or the first place's, today."""
        asked = self.router.url.query_parameters
        self.news = self.problem = self.cancelling = self._looked_at = ""
        self.scope, self.day = asked.get("who", ""), day_of(asked.get("day", ""))
        async with db.opened().act_as(self._credential(), "booking.view_day") as tx:
            await (await self.get_state(Frame))._fill(tx)
            own = await practice.own_practitioner_id(tx)
            self._own = str(own) if own else ""
            self.writes_notes = notes.can_write(tx)
            self.reads_forms = is_open("/staff/before", tx.actor)
            await self._show(tx)

    @handles("booking.view_day")
    async def on_scope(self, scope: str) -> None:
        """Show somebody's, some place's or some room's day."""
        self.scope = scope
        await self._refresh()

    @handles("booking.view_day")
    async def on_filter(self, shown: str) -> None:
        """Show some of the day."""
        self.shown = shown if shown in FILTERS else "open"
        await self._refresh()

    @handles("booking.view_day")
    async def on_turn(self, step: int) -> None:
        """Go to the day before or after, or with 0 back to today."""
        if step == 0:
            self.day = ""
        elif self.day and abs(step) == 1:
            self.day = (date.fromisoformat(self.day) + timedelta(days=step)).isoformat()
        await self._refresh()

    @handles("booking.change_day", writes=True)
    async def on_arrive(self, appointment_id: str) -> None:
        """Mark a patient as here."""
        await self._change(booking.mark_arrived, appointment_id)

    @handles("booking.change_day", writes=True)
    async def on_noshow(self, appointment_id: str) -> None:
        """Mark a patient as not come."""
        await self._change(booking.mark_noshow, appointment_id)

    @handles("booking.change_day", writes=True)
    async def on_finish(self, appointment_id: str) -> None:
        """Mark a visit as over."""
        await self._change(booking.mark_fulfilled, appointment_id)

    @handles("booking.change_day", writes=True)
    async def on_undo(self, appointment_id: str) -> None:
        """Take back an arrival or a no-show."""
        await self._change(booking.undo_arrival, appointment_id)

    @handles("booking.change_day")
    async def on_ask_cancel(self, appointment_id: str) -> None:
        """Ask once before cancelling: the patient is told."""
        found = [row for row in self.rows if row["id"] == appointment_id]
        self.cancelling = appointment_id if found else ""
        self.cancelling_who = words.together(found[0]["patient"], found[0]["time"]) if found else ""

    @handles("booking.change_day")
    async def on_keep(self) -> None:
        """Keep the appointment."""
        self.cancelling = ""

    @handles("booking.change_day", writes=True)
    async def on_cancel(self) -> None:
        """Cancel on the practice's behalf; the patient is told."""
        appointment_id, self.cancelling = self.cancelling, ""
        await self._change(booking.cancel_appointment, appointment_id)

    async def _change(self, act: Callable[[db.Transaction, UUID], Awaitable[object]], appointment_id: str) -> None:
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "booking.change_day") as tx:
                await act(tx, _uuid(appointment_id))
        except PortalError as error:
            if error.code not in ("appointment_moved_on", "not_found"):
                raise
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        await self._refresh()

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "booking.view_day") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        options = await scope_options(tx)
        found = choose_scope(self.scope, self._own, options)
        self.scope, place = found.value, options.place_of(found)
        today = words.local_day(clock.now(), place.zone)
        on = date.fromisoformat(self.day) if self.day else today
        looked_at = f"{self.scope} {on} {clock.now():%F %H}"
        is_repeated, self._looked_at = looked_at == self._looked_at, looked_at
        day = await booking.day(tx, on, **found.filters(), is_repeated=is_repeated)
        self._watch(*options.topics_of(found))
        at_work = [one for one in options.people if place.id in one.location_ids or str(one.id) == self._own]
        await (await self.get_state(RunningLate))._fill(tx, at_work, self._own)
        with i18n.use(self._locale()):
            self.people, self.places, self.rooms = options.people_rows(), options.place_rows(), options.room_rows()
            name = _("My day") if found == Scope.of_practitioner(self._own) else options.name_of(found)
            self._fill(day, name, is_today=on == today)

    def _fill(self, day: DayView, name: str, *, is_today: bool) -> None:
        self.day, self.is_today = day.day.isoformat(), is_today
        self.title = _("{name}, today").format(name=name) if is_today else name
        found = day.appointments
        counts = {key: sum(one.status in statuses for one in found) for key, statuses in FILTERS.items()}
        self.subtitle = _("{day} · {here} here · {remaining} to come").format(
            day=words.opening(i18n.format_day(day.day)),
            here=i18n.format_number(counts["here"]),
            remaining=i18n.format_number(counts["open"] - counts["here"]),
        )
        labels = {"open": _("Here and to come"), "here": _("Here"), "done": _("Over"), "all": _("All")}
        self.filters = [
            {"value": key, "label": f"{label} {i18n.format_number(counts[key])}"} for key, label in labels.items()
        ]
        self.rows = [_row(one) for one in found if one.status in FILTERS[self.shown]]
        self.is_ready = True


def _row(one: DayAppointment) -> dict[str, str]:
    has_begun = one.starts_at <= clock.now()
    actions = {
        "booked": ("arrive", "noshow" if has_begun else "", "cancel"),
        "arrived": ("finish", "undo", ""),
        "noshow": ("arrive", "undo", ""),
    }.get(one.status, ("", "", ""))
    names = one.visit_type_names
    return {
        "id": str(one.id),
        "time": i18n.format_clock(one.starts_at, one.zone),
        "patient": f"{one.given_name} {one.family_name}",
        "age": i18n.format_number(words.age_on(one.birth_date, clock.now().date())),
        "visit": names.get(i18n.current()) or names["en"],
        "how": words.modality_words(one.modality),
        "who": " · ".join(filter(None, (one.practitioner_name, one.room_name))),
        "reason": one.reason,
        "language": i18n.language_list([one.language]),
        "status": words.status_words(one.status),
        "tone": words.status_tone(one.status),
        "mark": _("Overbooked") if one.is_overbooked else "",
        "is_over": "yes" if one.status in ("fulfilled", "cancelled", "noshow") else "",
        "first": actions[0],
        "second": actions[1],
        "third": actions[2],
        "arrived": _since(one),
        "check_in_href": _check_in_href(one),
        "check_in": check_in_words.desk_words(one),
        "check_in_left": check_in_words.missing_words(one.missing) if one.checking_in_at is not None else "",
        "note_href": _note_href(one),
        "before_href": _before_href(one),
    }


def _note_href(one: DayAppointment) -> str:
    has_taken_place = one.status in ("arrived", "fulfilled") or (
        one.status == "booked" and one.starts_at <= clock.now()
    )
    return i18n.localized_path(i18n.current(), f"/staff/visits/{one.id}/note") if has_taken_place else ""


def _before_href(one: DayAppointment) -> str:
    is_ahead = one.status in ("booked", "arrived")
    return i18n.localized_path(i18n.current(), f"/staff/before?id={one.id}") if is_ahead else ""


def _check_in_href(one: DayAppointment) -> str:
    is_open = one.status in ("booked", "arrived") and one.ends_at > clock.now()
    return i18n.localized_path(i18n.current(), f"/staff/check-in?id={one.id}") if is_open else ""


def _since(one: DayAppointment) -> str:
    if one.status == "booked" and one.confirmed_at is not None:
        return _("says they will come")
    if one.status != "arrived":
        return ""
    return _("since {time}").format(time=i18n.format_clock(one.arrived_at or one.starts_at, one.zone))


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise InputRefused("appointment", N_("Choose an appointment from the list.")) from error
