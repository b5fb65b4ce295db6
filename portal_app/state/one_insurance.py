"""One insurance: what the card says, its pictures, what the insurer answered, changing and ending it."""

from uuid import uuid4

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.features.coverage import service as coverages
from portal_app.features.coverage.service import CoverageMovedOn
from portal_app.features.practice import service as practice
from portal_app.state import coverage_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.web.next_path import check_in_path, for_check_in

SAVED = N_("Saved. Now take a picture of the card, front and back.")
ENDED = N_("Ended. It stays in your list of earlier insurances.")


class OneInsurance(PortalState, rx.State):
    """The page of one insurance, for the patient's side."""

    is_ready: bool = False
    is_missing: bool = False
    coverage_id: str = ""
    title: str = ""
    turn: str = ""
    status: str = ""
    tone: str = "info"
    reviewed: str = ""
    facts: list[dict[str, str]] = []
    said: str = ""
    lines: list[str] = []
    end: str = ""
    front: str = ""
    back: str = ""
    history: list[dict[str, str]] = []
    is_active: bool = False
    can_ask: bool = False
    is_ending: bool = False
    change_href: str = ""
    back_href: str = ""
    check_in_href: str = ""
    news: str = ""
    problem: str = ""
    phone: str = ""
    key: str = ""
    sequence: int = 0
    _visit: str = ""

    @handles("coverage.see")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self.coverage_id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.is_ending, self.problem, self.key = False, "", str(uuid4())
        self._visit = self.router.url.query_parameters.get("visit", "")
        self.check_in_href = check_in_path(self._locale(), self._visit)
        self.back_href = for_check_in(i18n.localized_path(self._locale(), "/insurance"), self._visit)
        with i18n.use(self._locale()):
            self.news = _(SAVED) if self.router.url.query_parameters.get("done") == "saved" else ""
        async with db.opened().act_as(self._credential(), "coverage.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            await self._show(tx, is_repeated=False)
        self._watch(f"coverage:{tx.actor.patient_id}")

    @handles("coverage.ask", writes=True)
    async def on_check(self, key: str) -> None:
        """Have the insurer asked again."""
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "coverage.ask") as tx:
                await coverages.ask_payer(tx, known_id(self.coverage_id), known_id(key))
        except TooManyTries as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
        self.key = str(uuid4())
        await self._refresh()

    @handles("coverage.see")
    async def on_ask_end(self) -> None:
        """Ask once before it ends."""
        self.is_ending = True

    @handles("coverage.see")
    async def on_keep(self) -> None:
        """Leave it as it is."""
        self.is_ending = False

    @handles("coverage.change", writes=True)
    async def on_end(self, sequence: int) -> None:
        """End it, as it was when it was shown."""
        self.is_ending, self.news, self.problem = False, "", ""
        message, is_good = ENDED, True
        try:
            async with db.opened().act_as(self._credential(), "coverage.change") as tx:
                await coverages.end_coverage(tx, known_id(self.coverage_id), sequence)
        except CoverageMovedOn as error:
            message, is_good = error.message, False
        await self._refresh()
        with i18n.use(self._locale()):
            self.news, self.problem = (_(message), "") if is_good else ("", _(message))

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "coverage.see") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            one, history = await coverages.coverage(tx, known_id(self.coverage_id), is_repeated=is_repeated)
        except NotFound:
            self.is_missing = True
            return
        self.is_missing, self.sequence = one.kind != "insurance", one.sequence
        self.is_active = one.status == "active"
        self.can_ask = self.is_active and not (one.check and one.check.status == "waiting" and one.check.is_of_now)
        # No file is handed out to whoever only looks.
        cards = (None, None) if tx.actor.is_onlooker() else (one.front_file_id, one.back_file_id)
        self.front, self.back = (_picture(card) for card in cards)
        change = i18n.localized_path(self._locale(), f"/insurance/add?id={one.id}")
        self.change_href = for_check_in(change, self._visit)
        with i18n.use(self._locale()):
            self.title, self.turn = words.title(one), words.turn(one)
            self.status, self.tone = words.standing(one)
            self.reviewed = words.reviewed(one) if self.is_active else ""
            self.facts = words.facts(one)
            told = words.covers(one)
            self.said, self.end, self.lines = str(told["said"]), str(told["end"]), list(told["lines"])
            self.history = [words.change(before, one.zone) for before in history]


def _picture(file_id: object) -> str:
    return f"/files/{file_id}" if file_id else ""
