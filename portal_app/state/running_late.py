"""Who runs late today, and the way to say so."""

from collections.abc import Sequence
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.booking import service as booking
from portal_app.features.practice.views import PractitionerView
from portal_app.state.base import PortalState, handles

STEPS = (10, 20, 30, 45, 60, 90)


class RunningLate(PortalState, rx.State):
    """The part of the day page about delays; the day's state fills it in its own transaction."""

    is_open: bool = False
    late: list[str] = []
    people: list[dict[str, str]] = []
    person: str = ""
    steps: list[dict[str, str]] = []

    @handles("booking.say_delay")
    async def on_open(self) -> None:
        """Ask who runs late and how much."""
        self.is_open = True

    @handles("booking.say_delay")
    async def on_close(self) -> None:
        """Say nothing."""
        self.is_open = False

    @handles("booking.say_delay")
    async def on_person(self, person: str) -> None:
        """Choose who."""
        self.person = person

    @handles("booking.say_delay", writes=True)
    async def on_say(self, minutes: str) -> None:
        """Tell everybody who waits; the day page looks again by itself."""
        try:
            who, late = UUID(self.person), int(minutes)
        except ValueError as error:
            raise InputRefused("minutes", N_("Choose one from the list.")) from error
        async with db.opened().act_as(self._credential(), "booking.say_delay") as tx:
            await booking.say_delay(tx, who, late)
        self.is_open = False

    async def _fill(self, tx: db.Transaction, people: Sequence[PractitionerView], own: str) -> None:
        late = await booking.current_delays(tx)
        names = {one.id: f"{one.title} {one.name}".strip() for one in people}
        self.people = [{"value": str(id_), "label": name} for id_, name in names.items()]
        if self.person not in {row["value"] for row in self.people}:
            self.person = own or (self.people[0]["value"] if self.people else "")
        with i18n.use(self._locale()):
            self.late = [
                _("{name} runs about {late} late").format(name=names[id_], late=minutes_words(minutes))
                for id_, minutes in late.items()
                if id_ in names
            ]
            self.steps = [
                {"value": "0", "label": _("On time")},
                *({"value": str(step), "label": minutes_words(step)} for step in STEPS),
            ]


def minutes_words(minutes: int) -> str:
    """Say a number of minutes."""
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=i18n.format_number(minutes))
