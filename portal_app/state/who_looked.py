"""Who looked at the chart acted for, and who changed it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

import reflex as rx

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import Looker, LookPage, LookQuery, Who
from portal_app.state import who_looked_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

_WHO: Final[dict[Who, str]] = {"all": N_("Everything"), "people": N_("People"), "portal": N_("The portal itself")}
EVERYBODY: Final = ""
QUESTIONS: Final = "20/day"


class WhoLooked(PortalState, rx.State):
    """The page of who looked."""

    is_ready: bool = False
    who: str = "all"
    kinds: list[dict[str, str]] = []
    person: str = EVERYBODY
    people: list[dict[str, str]] = []
    days: list[dict[str, str | list[dict[str, str]]]] = []
    has_more: bool = False
    asking: str = ""
    asking_about: str = ""
    words_error: str = ""
    attempt: str = ""
    news: str = ""
    questions: list[dict[str, str]] = []
    _before: str = ""
    _key: str = ""
    _zone: str = "UTC"

    @handles("privacy.who_looked")
    async def on_load(self) -> None:
        """Show the newest days."""
        self.who, self.person, self.days, self._before = "all", EVERYBODY, [], ""
        self.asking = self.news = ""
        async with db.opened().act_as(self._credential(), "privacy.who_looked") as tx:
            await (await self.get_state(Frame))._fill(tx)
            page = await privacy.who_looked(tx, LookQuery())
            people = await privacy.lookers(tx)
            await self._show_questions(tx, page.zone)
        self._watch(f"patient:{tx.actor.patient_id}")
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

    @handles("privacy.ask")
    async def on_doubt(self, line_id: str) -> None:
        """Ask what looks wrong about a line."""
        row = next((one for one in self._lines() if one["id"] == line_id), None)
        if row is not None:
            self.asking, self.asking_about = line_id, f"{row['who_given']}: {row['what']}"
            self._key, self.words_error, self.news = str(uuid4()), "", ""

    @handles("privacy.ask")
    async def on_no_doubt(self) -> None:
        """Ask nothing."""
        self.asking = ""

    @handles("privacy.ask", writes=True)
    async def on_ask(self, form: dict[str, str]) -> None:
        """Ask the practice; the key made with the dialog makes two taps one."""
        self.attempt = clock.now().isoformat()
        try:
            async with db.opened().act_as(self._credential(), "privacy.ask") as tx:
                await limits.count(QUESTIONS, "privacy", str(tx.actor.person_id))
                await privacy.ask_about(tx, _number(self.asking), str(form.get("words", "")), known_id(self._key))
                await self._show_questions(tx, self._zone)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.words_error = _(error.reason)
            return
        self.asking = ""
        with i18n.use(self._locale()):
            self.news = _("Sent. Whoever looks after privacy here looks into it; the answer comes to this page.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "privacy.who_looked") as tx:
            await self._show_questions(tx, self._zone)

    async def _show_questions(self, tx: db.Transaction, zone: str) -> None:
        self._zone = zone
        asked = await privacy.own_questions(tx)
        with i18n.use(self._locale()):
            self.questions = [words.question_row(one, zone) for one in asked]

    def _lines(self) -> list[dict[str, str]]:
        return [one for day in self.days for one in day["lines"] if isinstance(one, dict)]

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
        except ValueError:
            raise NotFound from None
        return LookQuery(who, known_id(self.person) if self.person else None, before)

    def _fill_choices(self, people: Sequence[Looker]) -> None:
        self.kinds = [{"value": value, "label": _(label)} for value, label in _WHO.items()]
        named = [{"value": str(one.person_id), "label": words.looker_words(one.name, one.roles)} for one in people]
        self.people = [{"value": EVERYBODY, "label": _("Everybody")}, *named] if len(named) > 1 else []

    def _fill(self, page: LookPage) -> None:
        self.days = [*self.days, *(words.day_row(one, page.zone) for one in page.days)]
        self.has_more = page.next_before is not None
        self._before = page.next_before.isoformat() if page.next_before else ""


def _number(given: str) -> int:
    if not given.isdecimal() or len(given) > 18:
        raise NotFound
    return int(given)
