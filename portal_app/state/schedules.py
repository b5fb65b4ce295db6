"""When people are there: weekly hours, single days, time away; each change is looked at before it is saved."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.actor import Role
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.practice import service as practice
from portal_app.features.schedules import service as schedules
from portal_app.features.schedules.errors import ScheduleChanged
from portal_app.state import schedule_forms as forms
from portal_app.state import schedule_rows as rows
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id

FORMS: dict[str, Callable[[dict[str, str], str], schedules.Change]] = {
    "hours": forms.hours_change,
    "end": forms.end_change,
    "day": lambda form, _rule: forms.day_change(form),
    "leave": lambda form, _rule: forms.leave_change(form),
}
MANAGERS_FORMS = ("hours", "end")


class Schedules(PortalState, rx.State):
    """The page on which hours are kept. `view` is what of it is shown: the list, a form, or what a change does."""

    is_ready: bool = False
    is_manager: bool = False
    who: str = ""
    people: list[dict[str, str]] = []
    person: str = ""
    rules: list[dict[str, str]] = []
    days: list[dict[str, str]] = []
    leaves: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    view: str = "list"
    typed: dict[str, str] = {}
    about: str = ""
    weekdays: list[dict[str, str]] = []
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    facts: list[dict[str, str]] = []
    hits: list[dict[str, str]] = []
    more_hits: str = ""
    note: str = ""
    save: str = ""
    news: str = ""
    problem: str = ""
    _rule: str = ""
    _form: str = "list"
    _edition: int = 0
    _change: schedules.Change | None = None

    @handles("schedules.edit")
    async def on_load(self) -> None:
        """Show a clinician their own schedule, and a manager the first one."""
        self._to_list()
        self.news = self.problem = ""
        self.who = self.router.url.query_parameters.get("who", "")
        await self._refresh(with_frame=True)

    @handles("schedules.edit")
    async def on_who(self, who: str) -> None:
        """Show somebody's schedule."""
        self.who = who
        self.news = self.problem = ""
        self._to_list()
        await self._refresh()

    @handles("schedules.edit")
    async def on_form(self, form: str, target: str) -> None:
        """Open a form: for new hours, for a rule that changes or ends, for a day, for a time away."""
        if form not in FORMS or (form in MANAGERS_FORMS and not self.is_manager):
            raise InputRefused("form", N_("Choose one from the list."))
        self.news = self.problem = self.error = self.error_field = ""
        self._rule, self._form, self._change = "", form, None
        async with db.opened().act_as(self._credential(), "schedules.edit") as tx:
            found = await schedules.schedule(tx, self._who())
            self.typed = self._first_words(found, target)
        self._edition, self.view = found.edition, form

    @handles("schedules.edit")
    async def on_look(self, form: dict[str, Any]) -> None:
        """Show what a form would change, or what in it needs another look."""
        if self._form not in FORMS:
            raise NotFound
        kept = {name: yes for name, yes in self.typed.items() if self._rule and name.startswith("weekday-")}
        self.typed = {name: str(value) for name, value in form.items()} | kept
        self.problem = self.error = self.error_field = ""
        self.attempt = clock.now().isoformat()
        try:
            change = FORMS[self._form](self.typed, self._rule)
            await self._preview(change)
        except InputRefused as error:
            self.error_field = error.field
            with i18n.use(self._locale()):
                self.error = _(error.reason)

    @handles("schedules.edit")
    async def on_usual(self, target: str) -> None:
        """Show what it would change if a day had its usual hours again."""
        place, _bar, day = target.partition("|")
        await self._drop(schedules.ForgetDay(picked_id(place, "id"), _day(day)))

    @handles("schedules.edit")
    async def on_back_early(self, leave_id: str) -> None:
        """Show what it would change if a time away were taken back."""
        await self._drop(schedules.DropLeave(picked_id(leave_id, "id")))

    @handles("schedules.edit")
    async def on_correct(self) -> None:
        """Go back to the form, or to the list where there was none."""
        self.view = self._form

    @handles("schedules.edit")
    async def on_leave_it(self) -> None:
        """Leave everything as it is."""
        self._to_list()

    @handles("schedules.edit", writes=True)
    async def on_save(self) -> None:
        """Make the change that was looked at; a second tap finds nothing left to do."""
        change = self._change
        if change is None:
            return
        try:
            async with db.opened().act_as(self._credential(), "schedules.edit") as tx:
                impact = await schedules.save_change(tx, self._who(), change, self._edition)
            with i18n.use(self._locale()):
                self.news = _("Saved. The visits that cannot be kept are in the inbox.") if impact.lost else _("Saved.")
        except (ScheduleChanged, NotFound, InputRefused) as error:
            with i18n.use(self._locale()):
                self.problem = _refusal(error)
        self._change = None  # and not before: while the records are away it can be saved once more
        self._to_list()
        await self._refresh()

    async def _drop(self, change: schedules.Change) -> None:
        self.news = self.problem = ""
        self._rule, self._form = "", "list"
        async with db.opened().act_as(self._credential(), "schedules.edit") as tx:
            self._edition = (await schedules.schedule(tx, self._who())).edition
        await self._preview(change)

    async def _preview(self, change: schedules.Change) -> None:
        async with db.opened().act_as(self._credential(), "schedules.edit") as tx:
            impact = await schedules.preview_change(tx, self._who(), change)
        self._change = change
        with i18n.use(self._locale()):
            rows.show_impact(self, impact)
        self.attempt = clock.now().isoformat()
        self.view = "preview"

    async def _refresh(self, *, with_frame: bool = False) -> None:
        async with db.opened().act_as(self._credential(), "schedules.edit") as tx:
            if with_frame:
                await (await self.get_state(Frame))._fill(tx)
            self.is_manager = Role.manager in tx.actor.roles
            await self._show(tx)
        self.is_ready = True

    async def _show(self, tx: db.Transaction) -> None:
        own = await practice.own_practitioner_id(tx)
        people = [one for one in await practice.practitioners(tx) if self.is_manager or one.id == own]
        if not people:
            self.people, self.person = [], ""
            return
        chosen = next((one for one in people if str(one.id) == self.who), None)
        chosen = chosen or next((one for one in people if one.id == own), people[0])
        self.who = str(chosen.id)
        found = await schedules.schedule(tx, chosen.id)
        places = {one.id: one for one in await practice.locations(tx) if one.id in chosen.location_ids}
        with i18n.use(self._locale()):
            self.people = [{"value": str(one.id), "label": f"{one.title} {one.name}".strip()} for one in people]
            self.person = f"{chosen.title} {chosen.name}".strip()
            self.places = [
                {"value": str(one.id), "label": one.name, "detail": i18n.zone_city(one.zone)} for one in places.values()
            ]
            self.rules = [rows.rule_row(one, places) for one in found.rules]
            self.days = [rows.day_row(one, places) for one in found.days]
            self.leaves = [rows.leave_row(one) for one in found.leaves]
        self._watch(f"practitioner:{chosen.id}")

    def _first_words(self, found: schedules.ScheduleView, target: str) -> dict[str, str]:
        """Return what a form begins with; several days of a week are chosen for new hours only."""
        tomorrow = (clock.now().date() + timedelta(days=1)).isoformat()
        only = self.places[0]["value"] if len(self.places) == 1 else ""
        rule = next((one for one in found.rules if str(one.id) == target), None)
        chosen = rule.hours.weekday if rule else 0
        with i18n.use(self._locale()):
            self.about = rows.rule_row(rule, {})["name"] if rule else ""
            self.weekdays = [
                {"value": f"weekday-{n}", "label": rows.weekday_words(n), "is_on": "yes" if n == chosen else ""}
                for n in forms.WEEKDAYS
            ]
        if rule is None:
            return {"place": only, "grid": forms.EVERY_DEFAULT, "from": tomorrow}
        self._rule = target
        one = rule.hours
        return {
            "place": str(one.location_id), "opens": f"{one.opens:%H:%M}", "closes": f"{one.closes:%H:%M}",
            "grid": str(one.grid_min), "from": max(tomorrow, one.valid_from.isoformat()),
            "until": one.valid_until.isoformat() if one.valid_until else "",
            "release": "" if one.release_days is None else str(one.release_days),
            "release-at": f"{one.release_at:%H:%M}" if one.release_at else "", f"weekday-{chosen}": "yes",
            **dict.fromkeys(one.modalities, "yes"),
        }  # fmt: skip

    def _to_list(self) -> None:
        self.view = self._form = "list"
        self._change, self._rule, self.error, self.error_field = None, "", "", ""

    def _who(self) -> UUID:
        return picked_id(self.who, "id")


def _refusal(error: PortalError) -> str:
    if isinstance(error, ScheduleChanged) and error.by and error.at:
        return _(
            "{name} changed this schedule a moment ago. Nothing of yours was saved. Here is how it is now."
        ).format(name=error.by)
    return _(error.reason if isinstance(error, InputRefused) else error.message)


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InputRefused("day", N_("Choose one from the list.")) from error
