"""What the manager keeps true: numbers to call and who has called them, places, and whom people can choose."""

from collections.abc import Sequence
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.practice import rules
from portal_app.features.practice import service as practice
from portal_app.features.practice.errors import NumberChanged
from portal_app.features.practice.rules import CheckState, LinePurpose
from portal_app.features.practice.views import Check, PhoneLine, PlaceFacts, PlaceUse, PractitionerView
from portal_app.state import practice_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

Row = dict[str, str]


class PracticeSettings(PortalState, rx.State):
    """The manager's start: what is stale stands first."""

    is_ready: bool = False
    summary: str = ""
    lines: list[dict[str, str]] = []
    places: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    rooms: list[dict[str, str]] = []
    country: str = ""
    country_error: str = ""
    idle: str = ""
    idles: list[dict[str, str]] = []
    editing: str = ""
    testing: str = ""
    title: str = ""
    number: str = ""
    number_error: str = ""
    problem: str = ""
    news: str = ""

    @handles("practice.view_checks")
    async def on_load(self) -> None:
        """Show everything, and follow what colleagues change."""
        self.editing = self.testing = self.problem = self.news = self.country_error = ""
        await self._refresh()
        self._watch("practice")

    @handles("practice.change_facts")
    async def on_edit(self, key: str) -> None:
        """Ask for the number of a line."""
        self.number_error = ""
        self.editing, self.testing = self._choose(key), ""

    @handles("practice.change_facts")
    async def on_test(self, key: str) -> None:
        """Ask whether a person answers under the number of a line."""
        self.testing, self.editing = self._choose(key), ""

    @handles("practice.change_facts")
    async def on_close(self) -> None:
        """Change nothing."""
        self.editing = self.testing = ""

    @handles("practice.change_facts", writes=True)
    async def on_number(self, form: dict[str, str]) -> None:
        """Write the number; every page that shows it follows."""
        purpose, location_id = _line_of(self.editing)
        try:
            async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
                written = await practice.set_number(tx, purpose, location_id, str(form.get("number", "")))
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.number_error = _(error.reason)
            return
        self.editing = ""
        with i18n.use(self._locale()):
            self.news = _("Saved: {phone}. Call it once, to be sure that it is right.").format(phone=written)
        await self._refresh()

    @handles("practice.change_facts", writes=True)
    async def on_answered(self, answer: str) -> None:
        """Note whether a person answered the test call: "yes" or "no"."""
        (purpose, location_id), number = _line_of(self.testing), self.number
        self.testing = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
                await practice.check_line(tx, purpose, location_id, number, is_answered=answer == "yes")
        except NumberChanged as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        await self._refresh()

    @handles("practice.change_facts", writes=True)
    async def on_country(self, form: dict[str, str]) -> None:
        """Say in which country the practice is."""
        self.country_error = ""
        try:
            async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
                await practice.set_country(tx, str(form.get("country", "")).strip().upper())
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.country_error = _(error.reason)
            return
        with i18n.use(self._locale()):
            self.news = _("Saved. Everyone sees it from now on.")
        await self._refresh()

    @handles("practice.change_facts", writes=True)
    async def on_idle(self, minutes: str) -> None:
        """Say after how long without anybody at the screen staff are locked out."""
        async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
            await practice.set_staff_idle(tx, next((one for one in rules.STAFF_IDLE_MIN if str(one) == minutes), 0))
        with i18n.use(self._locale()):
            self.news = _("Saved. Everyone sees it from now on.")
        await self._refresh()

    def _choose(self, key: str) -> str:
        found = [row for row in self.lines if row["key"] == key]
        if not found:
            raise NotFound
        self.title, self.number = found[0]["name"], found[0]["number"]
        return key

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "practice.view_checks") as tx:
            await (await self.get_state(Frame))._fill(tx)
            facts = await practice.place_facts(tx, await practice.locations(tx))
            main = await practice.practice_lines(tx)
            people = await practice.practitioners(tx)
            self.country, kept = await practice.country(tx), await practice.kept_places(tx)
            self.idle = str(await practice.staff_idle(tx))
        with i18n.use(self._locale()):
            self._fill(facts, main)
            self.people = [_person_row(one) for one in people]
            self.rooms = [_rooms_row(one) for one in kept]
            self.idles = [_idle_row(one) for one in rules.STAFF_IDLE_MIN]
        self.is_ready = True

    def _fill(self, facts: Sequence[PlaceFacts], main: tuple[PhoneLine, ...]) -> None:
        zone = facts[0].place.zone if facts else "UTC"
        self.lines = _line_rows(main, None, _("Whole practice"), zone)
        for one in facts:
            self.lines += _line_rows(one.lines, one.place.id, one.place.name, one.place.zone)
        stale = sum(row["tone"] == "caution" for row in self.lines)
        self.summary = (
            ngettext("{count} number is to be checked", "{count} numbers are to be checked", stale).format(
                count=i18n.format_number(stale)
            )
            if stale
            else _("Every number has been checked")
        )
        self.places = [_place_row(one) for one in facts]


def _line_of(key: str) -> tuple[str, UUID | None]:
    purpose, _separator, place = key.partition("|")
    try:
        return purpose, UUID(place) if place else None
    except ValueError as error:
        raise InputRefused("purpose", N_("Choose one from the list.")) from error


def _line_rows(lines: Sequence[PhoneLine], location_id: UUID | None, place: str, zone: str) -> list[Row]:
    known = {line.purpose: line for line in lines}
    return [_line_row(known.get(one), one, location_id, place, zone) for one in LinePurpose]


def _line_row(line: PhoneLine | None, purpose: LinePurpose, location_id: UUID | None, place: str, zone: str) -> Row:
    name = f"{words.purpose_words(purpose)} · {place}"
    row = {"key": f"{purpose}|{location_id or ''}", "purpose": words.purpose_words(purpose), "place": place,
           "name": name}  # fmt: skip
    if line is None:
        return row | {"number": "", "state": _("None of its own"), "tone": "plain", "checked": ""}
    state, tone = words.state_words(rules.check_state(line.check.at, clock.now(), is_answered=line.is_answered))
    checked = words.checked_words(line.check, zone)
    return row | {"number": line.number, "state": state, "tone": tone, "checked": checked}


def _place_row(facts: PlaceFacts) -> Row:
    # Outside an f-string, where the collector of messages sees it.
    detail = _("Hours: {hours} · The way here: {way}")
    return {
        "title": facts.place.name,
        "detail": detail.format(hours=_fresh(facts.hours_check), way=_fresh(facts.way_check)),
        "href": i18n.localized_path(i18n.current(), f"/staff/settings/place?id={facts.place.id}"),
    }


def _rooms_row(one: PlaceUse) -> Row:
    closed = _("Closed from {day}").format(day=i18n.format_brief_date(one.closed_from)) if one.closed_from else ""
    return {
        "title": one.name,
        "detail": closed or i18n.zone_city(one.zone),
        "href": i18n.localized_path(i18n.current(), f"/staff/settings/rooms?id={one.id}"),
    }


def _idle_row(minutes: int) -> Row:
    said = ngettext("{count} minute", "{count} minutes", minutes).format(count=i18n.format_number(minutes))
    return {"value": str(minutes), "label": said}


def _fresh(check: Check) -> str:
    state = rules.check_state(check.at, clock.now())
    return words.state_words(CheckState(state))[0]


def _person_row(one: PractitionerView) -> Row:
    news = _("New patients welcome") if one.accepts_new else _("No new patients")
    return {
        "title": one.called,
        "detail": f"{one.specialty_in(i18n.current())} · {news}",
        "href": i18n.localized_path(i18n.current(), f"/staff/settings/clinician?id={one.id}"),
    }
