"""Charges that wait for their bill, and bills on which something is owed."""

from typing import Final
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.billing import service as billing
from portal_app.features.billing.service import BillView, ChargeMovedOn, FeeMissing, ToBillView
from portal_app.state import bill_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

MADE: Final = N_("The bill is made. The patient sees it now.")


class StaffBills(PortalState, rx.State):
    """Billing's list."""

    is_ready: bool = False
    waiting: list[dict[str, str]] = []
    bills: list[dict[str, str]] = []
    found_none: bool = False
    news: str = ""
    problem: str = ""
    _number: int = 0

    @handles("billing.keep_books")
    async def on_load(self) -> None:
        """Fill both lists and follow their changes."""
        self.news = self.problem = ""
        self._number = 0
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch("charges")

    @handles("billing.keep_books", writes=True)
    async def on_make(self, charge_id: str, corrections: str) -> None:
        """Make a bill of a charge."""
        self.news = self.problem = ""
        said, error = MADE, None
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            try:
                await billing.issue_bill(tx, known_id(charge_id), int(corrections) if corrections.isdecimal() else -1)
            except (ChargeMovedOn, FeeMissing) as refused:
                error = refused
            await self._show(tx, is_repeated=True)
        self._say("" if error else said, error)

    @handles("billing.keep_books", supersedes=True)
    async def on_find(self, typed: str) -> None:
        """Find a bill by its number; without one, list what is owed."""
        digits = "".join(one for one in typed if one.isdecimal())[:15]
        self._number = int(digits or 0)
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await self._show(tx, is_repeated=False)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        waiting = await billing.charges_to_bill(tx, is_repeated=is_repeated)
        found = await billing.open_bills(tx, self._number, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.waiting = [_charge(one) for one in waiting]
            self.bills = [self._bill(name, one) for name, one in found]
        self.found_none = not found and self._number > 0
        self.is_ready = True

    def _bill(self, name: str, bill: BillView) -> dict[str, str]:
        said, tone = words.status_of(bill, clock.now().astimezone(ZoneInfo(bill.zone)).date())
        return {
            "name": name,
            "number": str(bill.number),
            "visit": words.title_of(bill),
            "due": i18n.format_short_day(bill.due_on),
            "status": said,
            "tone": tone,
            "href": i18n.localized_path(self._locale(), f"/staff/bills/{bill.id}"),
        }

    def _say(self, news: str, error: PortalError | None) -> None:
        with i18n.use(self._locale()):
            self.news, self.problem = _(news), _(error.message) if error else ""


def _charge(one: ToBillView) -> dict[str, str]:
    day = i18n.format_short_day(one.served_at.astimezone(ZoneInfo(one.zone)).date())
    return {
        "id": str(one.charge_id),
        "corrections": str(one.corrections),
        "name": one.patient_name,
        "visit": _("{day} with {who}").format(day=day, who=one.practitioner),
        "service": one.service_words,
        "amount": words.money(one.amount_minor, one.currency) if one.amount_minor else "",
    }
