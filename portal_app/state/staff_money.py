"""The money that is online, for billing: what differs, what there is to look at, what went to the bank. Live."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.reconciling import service as reconciling
from portal_app.state import money_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

ASKED: Final = N_("We are asking the processor. What it says appears here by itself.")
SEEN: Final = N_("Noted that it was seen.")
RESOLVED: Final = N_("Settled. It stands below with the reason.")


class StaffMoney(PortalState, rx.State):
    """Billing's page of what is online."""

    is_ready: bool = False
    looks: list[dict[str, str]] = []
    parts: list[dict[str, str]] = []
    open: list[dict[str, str]] = []
    settled: list[dict[str, str]] = []
    payouts: list[dict[str, str]] = []
    journal_href: str = ""
    resolving: str = ""
    resolving_about: str = ""
    why_error: str = ""
    attempt: str = ""
    news: str = ""

    @handles("reconciling.work")
    async def on_load(self) -> None:
        """Show how both sides stand, and follow it."""
        self.news = self.resolving = self.why_error = ""
        async with db.opened().act_as(self._credential(), "reconciling.work") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch("money")

    @handles("reconciling.work", writes=True)
    async def on_look(self) -> None:
        """Have the books held against the processor now."""
        async with db.opened().act_as(self._credential(), "reconciling.work") as tx:
            await reconciling.ask_to_look(tx)
        self._say(ASKED)

    @handles("reconciling.work", writes=True)
    async def on_see(self, matter_id: str) -> None:
        """Note that somebody has seen it."""
        await self._change(reconciling.see, matter_id)
        self._say(SEEN)

    @handles("reconciling.work")
    async def on_begin(self, matter_id: str) -> None:
        """Ask what was done about it."""
        row = next((one for one in self.open if one["id"] == matter_id), None)
        if row is not None:
            self.resolving, self.why_error = matter_id, ""
            self.resolving_about = " · ".join(filter(None, (row["title"], row["amount"], row["patient"])))

    @handles("reconciling.work")
    async def on_stop(self) -> None:
        """Settle nothing yet."""
        self.resolving = ""

    @handles("reconciling.work", writes=True)
    async def on_resolve(self, form: dict[str, str]) -> None:
        """Settle the matter that the form is about."""
        self.attempt = clock.now().isoformat()
        why = str(form.get("why", ""))

        async def settle(tx: Transaction, matter_id: UUID) -> None:
            await reconciling.resolve(tx, matter_id, why)

        try:
            await self._change(settle, str(form.get("matter", "")))
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.why_error = _(error.reason)
            return
        self.resolving = ""
        self._say(RESOLVED)

    async def _change(self, act: Callable[[Transaction, UUID], Awaitable[None]], given: str) -> None:
        async with db.opened().act_as(self._credential(), "reconciling.work") as tx:
            await act(tx, known_id(given))
            await self._show(tx, is_repeated=True)

    def _say(self, news: str) -> None:
        with i18n.use(self._locale()):
            self.news = _(news)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "reconciling.work") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: Transaction, *, is_repeated: bool) -> None:
        looks, zone = await reconciling.looks(tx), await reconciling.zone(tx)
        matters = await reconciling.matters(tx, is_repeated=is_repeated)
        settled = await reconciling.matters(tx, is_open=False, is_repeated=True)
        payouts = await reconciling.payouts(tx)
        with i18n.use(self._locale()):
            self.looks = [words.look_row(one, zone) for one in looks]
            self.parts = [row for one in looks for row in words.part_rows(one)]
            self.open = [words.matter_row(one, zone) for one in matters]
            self.settled = [words.matter_row(one, zone) for one in settled]
            self.payouts = [words.payout_row(one, zone) for one in payouts]
        self.journal_href = f"/staff/money/journal.csv?month={clock.now():%Y-%m}"
        self.is_ready = True
