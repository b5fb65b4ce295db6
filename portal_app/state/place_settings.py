"""What the manager keeps true of one place: when its desk is open, the way there, where to park."""

from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import _
from portal_app.features.practice import rules
from portal_app.features.practice import service as practice
from portal_app.features.practice.errors import HoursUnreadable
from portal_app.features.practice.views import PlaceFacts
from portal_app.state import practice_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class PlaceSettings(PortalState, rx.State):
    """One place; its id is in the address."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    days: list[dict[str, str]] = []
    hours_checked: str = ""
    hours_errors: list[dict[str, str]] = []
    ways: list[dict[str, str]] = []
    parking: list[dict[str, str]] = []
    way_checked: str = ""
    way_error: str = ""
    news: str = ""
    attempt: str = ""
    _id: str = ""

    @handles("practice.view_checks")
    async def on_load(self) -> None:
        """Show one place."""
        self._id = self.router.url.query_parameters.get("id", "")
        self.is_ready = self.is_missing = False
        self.news = self.way_error = ""
        self.hours_errors = []
        try:
            await self._refresh()
        except NotFound:
            self.is_missing = True
        self.is_ready = True

    @handles("practice.change_facts", writes=True)
    async def on_hours(self, form: dict[str, str]) -> None:
        """Write when the desk is open on each weekday."""
        typed = {day: str(form.get(f"hours-{day}", "")) for day in range(1, 8)}
        self.hours_errors, self.attempt = [], clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
                await practice.set_hours(tx, self._place_id(), typed)
        except HoursUnreadable as error:
            with i18n.use(self._locale()):
                self.hours_errors = [{"field": error.field, "text": _(error.reason)}]
            return
        await self._saved()

    @handles("practice.change_facts", writes=True)
    async def on_hours_checked(self) -> None:
        """Note that the hours are still right."""
        async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
            await practice.check_fact(tx, self._place_id(), "hours")
        await self._saved()

    @handles("practice.change_facts", writes=True)
    async def on_way(self, form: dict[str, str]) -> None:
        """Write the way there and where to park."""
        ways, parking = (
            {locale: str(form.get(f"{field}-{locale}", "")) for locale in i18n.LOCALES} for field in ("way", "parking")
        )
        self.way_error = ""
        try:
            async with db.opened().act_as(self._credential(), "practice.change_facts") as tx:
                await practice.set_way(tx, self._place_id(), ways, parking)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.way_error = _(error.reason)
            return
        await self._saved()

    async def _saved(self) -> None:
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _("Saved. Everyone sees it from now on.")

    def _place_id(self) -> UUID:
        return known_id(self._id)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "practice.view_checks") as tx:
            await (await self.get_state(Frame))._fill(tx)
            places = [one for one in await practice.locations(tx) if one.id == self._place_id()]
            if not places:
                raise NotFound
            (facts,) = await practice.place_facts(tx, places)
        with i18n.use(self._locale()):
            self._fill(facts)

    def _fill(self, facts: PlaceFacts) -> None:
        place = facts.place
        self.name = place.name
        self.days = [
            {
                "field": f"hours-{day}",
                "label": words.weekday_words(day),
                "value": rules.written_hours(facts.hours.get(day, ())),
            }
            for day in range(1, 8)
        ]
        ways = place.ways or {"en": place.directions}
        self.ways = [
            {
                "label": _("How to get there ({language})").format(language=language.own_name),
                "value": ways.get(code, ""),
            }
            for code, language in i18n.LOCALES.items()
        ]
        self.parking = [
            {"field": f"parking-{code}", "label": language.own_name, "value": place.parking.get(code, "")}
            for code, language in i18n.LOCALES.items()
        ]
        self.hours_checked = words.checked_words(facts.hours_check, place.zone)
        self.way_checked = words.checked_words(facts.way_check, place.zone)
