"""What people need to know of the practice: where, when, how to get there, whom to call. For visitors too."""

from collections.abc import Sequence

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.i18n import _
from portal_app.features.practice import service as practice
from portal_app.features.practice.views import PhoneLine, PlaceFacts, words_in
from portal_app.features.schedules import service as schedules
from portal_app.features.schedules.views import ClosedDayView
from portal_app.state import practice_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.booking_words import opening
from portal_app.state.frame import Frame

CLOSED_SHOWN = 5
"""How many of the closed days to come are shown."""


class About(PortalState, rx.State):
    """The page about the practice."""

    is_ready: bool = False
    lines: list[dict[str, str]] = []
    places: list[dict[str, str | list[dict[str, str]]]] = []

    @handles("practice.view_name")
    async def on_load(self) -> None:
        """Show every place, and follow changes."""
        await self._refresh()
        self._watch("practice")

    async def _refresh(self) -> None:
        async with db.opened().act_as_visitor(self._browser_secret(), "practice.view_name") as tx:
            await (await self.get_state(Frame))._fill(tx)
            places = await practice.locations(tx)
            facts = await practice.place_facts(tx, places)
            lines = await practice.practice_lines(tx)
            closed = await schedules.closed_days(tx)
        with i18n.use(self._locale()):
            self._fill(facts, lines, closed)

    def _fill(self, facts: list[PlaceFacts], lines: tuple[PhoneLine, ...], closed: Sequence[ClosedDayView]) -> None:
        zone = facts[0].place.zone if facts else "UTC"
        self.lines = [words.line_row(line, zone) for line in lines]
        self.places = [_place(one, [day for day in closed if day.location_id == one.place.id]) for one in facts]
        self.is_ready = True


def _place(facts: PlaceFacts, closed: Sequence[ClosedDayView]) -> dict[str, str | list[dict[str, str]]]:
    place = facts.place
    way, way_lang = place.way_in(i18n.current())
    parking, parking_lang = words_in(place.parking, i18n.current())
    now, tone = words.open_words(facts, frozenset(one.day for one in closed))
    return {
        "id": str(place.id),
        "name": place.name,
        "address": place.address,
        "now": now,
        "tone": tone,
        "hours": words.week_rows(facts),
        "closed": [
            {
                "term": opening(i18n.format_day(one.day)),
                "fact": _("Closed: {name}").format(name=schedules.in_words(one, i18n.current())),
            }
            for one in closed[:CLOSED_SHOWN]
        ],
        "hours_checked": words.checked_words(facts.hours_check, place.zone),
        "directions": way,
        "directions_lang": way_lang,
        "parking": parking,
        "parking_lang": parking_lang,
        "directions_url": place.directions_url,
        "way_checked": words.checked_words(facts.way_check, place.zone),
        "lines": [words.line_row(line, place.zone) for line in facts.lines],
    }
