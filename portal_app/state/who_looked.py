"""Who looked at the chart acted for, and who changed it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import Looker, LookPage, LookQuery, Who
from portal_app.state import who_looked_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

_WHO: Final[dict[Who, str]] = {"all": N_("Everything"), "people": N_("People"), "portal": N_("The portal itself")}
EVERYBODY: Final = ""


class WhoLooked(PortalState, rx.State):
    """The page of who looked."""

    is_ready: bool = False
    who: str = "all"
    kinds: list[dict[str, str]] = []
    person: str = EVERYBODY
    people: list[dict[str, str]] = []
    days: list[dict[str, str | list[dict[str, str]]]] = []
    has_more: bool = False
    _before: str = ""

    @handles("privacy.who_looked")
    async def on_load(self) -> None:
        """Show the newest days."""
        self.who, self.person, self.days, self._before = "all", EVERYBODY, [], ""
        async with db.opened().act_as(self._credential(), "privacy.who_looked") as tx:
            await (await self.get_state(Frame))._fill(tx)
            page = await privacy.who_looked(tx, LookQuery())
            people = await privacy.lookers(tx)
        with i18n.use(self._locale()):
            self._fill_choices(people)
            self._fill(page)
        self.is_ready = True

    @handles("privacy.who_looked")
    async def on_who(self, who: str) -> None:
        """Show people, the portal itself, or both."""
        self.who, self.person = who if who in ("people", "portal") else "all", EVERYBODY
        await self._look_from_the_top()

    @handles("privacy.who_looked")
    async def on_person(self, person: str) -> None:
        """Show one person alone, or everybody again."""
        self.who, self.person = "all", person
        await self._look_from_the_top()

    @handles("privacy.who_looked")
    async def on_earlier(self) -> None:
        """Show the days before those shown."""
        if self._before:
            await self._look()

    async def _look_from_the_top(self) -> None:
        self.days, self._before = [], ""
        await self._look()

    async def _look(self) -> None:
        async with db.opened().act_as(self._credential(), "privacy.who_looked") as tx:
            page = await privacy.who_looked(tx, self._query(), is_repeated=True)
        with i18n.use(self._locale()):
            self._fill(page)

    def _query(self) -> LookQuery:
        who: Who = "people" if self.who == "people" else "portal" if self.who == "portal" else "all"
        try:
            before = datetime.fromisoformat(self._before) if self._before else None
            return LookQuery(who, UUID(self.person) if self.person else None, before)
        except ValueError:
            raise NotFound from None

    def _fill_choices(self, people: Sequence[Looker]) -> None:
        self.kinds = [{"value": value, "label": _(label)} for value, label in _WHO.items()]
        named = [{"value": str(one.person_id), "label": words.looker_words(one.name, one.roles)} for one in people]
        self.people = [{"value": EVERYBODY, "label": _("Everybody")}, *named] if len(named) > 1 else []

    def _fill(self, page: LookPage) -> None:
        self.days = [*self.days, *(words.day_row(one, page.zone) for one in page.days)]
        self.has_more = page.next_before is not None
        self._before = page.next_before.isoformat() if page.next_before else ""
