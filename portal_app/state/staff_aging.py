"""Who owes what and how long, for billing. Live."""

from collections.abc import Sequence
from datetime import date

import reflex as rx

from portal_app.core import db, i18n
from portal_app.features.billing import aging
from portal_app.features.billing.aging import Aged, AgedAccount
from portal_app.state import bill_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class StaffAging(PortalState, rx.State):
    """Billing's list of accounts by how long they owe."""

    is_ready: bool = False
    totals: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    has_more: bool = False
    _after: tuple[date, int] = aging.FIRST

    @handles("billing.keep_books")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, aging.LISTED, is_repeated=False)
        self._watch("charges")

    @handles("billing.keep_books")
    async def on_more(self) -> None:
        """Show the next accounts."""
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            found, has_more = await aging.aging(tx, self._after)
        self._add(found, has_more=has_more)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await self._show(tx, max(len(self.rows), aging.LISTED), is_repeated=True)

    async def _show(self, tx: db.Transaction, most: int, *, is_repeated: bool) -> None:
        found, has_more = await aging.aging(tx, most=most, is_repeated=is_repeated)
        totals = await aging.aging_totals(tx)
        self.rows, self._after = [], aging.FIRST
        self._add(found, has_more=has_more)
        with i18n.use(self._locale()):
            self.totals = [_amounts(one) for one in totals]
        self.is_ready = True

    def _add(self, found: Sequence[AgedAccount], *, has_more: bool) -> None:
        with i18n.use(self._locale()):
            self.rows = [*self.rows, *(_row(one) for one in found)]
        self.has_more = has_more
        if found:
            self._after = found[-1].place


def _row(one: AgedAccount) -> dict[str, str]:
    return {"name": one.name, "since": i18n.format_day(one.place[0]), **_amounts(one.aged)}


def _amounts(aged: Aged) -> dict[str, str]:
    """Write the amounts under their columns; nothing where nothing is owed, so that what is owed stands out."""
    said = [words.money(amount, aged.currency) if amount else "" for amount in aged.owed_minor]
    by_column = {f"d{days}": amount for days, amount in zip(aging.BANDS, said, strict=True)}
    return {"currency": aged.currency, **by_column, "sum": words.money(aged.sum_minor(), aged.currency)}
