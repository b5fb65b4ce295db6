"""Bills: what is owed now, by when, and what for."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.i18n import _
from portal_app.features.billing import desk_rules, questions
from portal_app.features.billing import service as billing
from portal_app.features.billing.service import BillView, Shelf, Shelves
from portal_app.features.payments import service as payments
from portal_app.features.practice import service as practice
from portal_app.state import bill_question_words as say
from portal_app.state import bill_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.bill_voice import said
from portal_app.state.frame import Frame


class Bills(PortalState, rx.State):
    """The list of a patient's bills."""

    is_ready: bool = False
    heading: str = ""
    """What the page is called where the bills are another person's."""
    owes: str = ""
    nothing: str = ""
    nothing_more: str = ""
    owed: str = ""
    by: str = ""
    is_late: bool = False
    open: list[dict[str, str]] = []
    paid: list[dict[str, str]] = []
    phone: str = ""
    questions: list[dict[str, str]] = []
    help: str = ""
    help_words: str = ""
    pay: str = ""
    has_later: bool = False
    has_older: bool = False
    _later_than: tuple[date, int] = (date.min, 0)
    _older_than: tuple[datetime, int] | None = None

    @handles("billing.see_bills")
    async def on_load(self) -> None:
        """Fill the list and follow its changes."""
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"bills:{tx.actor.patient_id}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            await self._show(tx, is_repeated=True)

    @handles("billing.see_bills")
    async def on_later(self) -> None:
        """Show the next bills to pay."""
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            found = await billing.later_bills(tx, self._later_than)
        self._put(found, None)

    @handles("billing.see_bills")
    async def on_older(self) -> None:
        """Show the next settled bills."""
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            found = await billing.older_bills(tx, self._older_than)
        self._put(None, found)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        most = Shelves(max(len(self.open), billing.SHELF), max(len(self.paid), billing.SHELF))
        found = await billing.my_bills(tx, most=most if is_repeated else billing.FIRST_SHELVES, is_repeated=is_repeated)
        self.phone = (await practice.phone_line(tx, "billing")).number
        asked, can_ask = await questions.my_help(tx), await questions.can_ask(tx)
        self.help_words = (await desk_rules.desk_rules(tx)).help_in(self._locale())
        self.help = i18n.localized_path(self._locale(), "/bill-question?kind=help") if can_ask else ""
        can_pay = can_ask and payments.processor_in_use() is not None
        self.pay = i18n.localized_path(self._locale(), "/pay") if can_pay else ""
        self.open, self.paid = [], []
        self._put(found.to_pay, found.settled)
        whose = (await self.get_state(Frame))._whose
        with i18n.use(self._locale()):
            self._name(whose)
            self.questions = [say.asked_row(one, whose) for one in asked]
            self.owed = " + ".join(words.money(amount, currency) for currency, amount in found.owed)
            self._say_when(found.to_pay.bills)
        self.is_ready = True

    def _name(self, whose: str) -> None:
        """Say whose bills these are."""
        self.heading = said("Your bills", whose) if whose else ""
        self.owes, self.nothing = said("You owe", whose), said("You owe nothing", whose)
        self.nothing_more = said(
            "When a visit costs you something, the bill stands here, with how it came about.", whose
        )

    def _put(self, to_pay: Shelf | None, settled: Shelf | None) -> None:
        """Add bills to the lists, and remember where the next ones begin."""
        with i18n.use(self._locale()):
            if to_pay is not None:
                self.open = [*self.open, *(self._row(one) for one in to_pay.bills)]
                self.has_later = to_pay.has_more
                if to_pay.bills:
                    self._later_than = (to_pay.bills[-1].due_on, to_pay.bills[-1].number)
            if settled is not None:
                self.paid = [*self.paid, *(self._row(one) for one in settled.bills)]
                self.has_older = settled.has_more
                if settled.bills:
                    self._older_than = (settled.bills[-1].served_at, settled.bills[-1].number)

    def _say_when(self, owing: Sequence[BillView]) -> None:
        self.by, self.is_late = "", False
        if owing:
            first = owing[0]
            self.is_late = first.due_on < clock.now().astimezone(ZoneInfo(first.zone)).date()
            say = (
                _("This was due on {day}. Pay, or ask us for help: we find a way with you.")
                if self.is_late
                else _("Pay or ask for help by {day}.")
            )
            self.by = say.format(day=i18n.format_long_date(first.due_on))

    def _row(self, bill: BillView) -> dict[str, str]:
        said, tone = words.status_of(bill, clock.now().astimezone(ZoneInfo(bill.zone)).date())
        return {
            "title": words.title_of(bill),
            "detail": _("Bill {number}").format(number=bill.number),
            "status": said,
            "tone": tone,
            "href": i18n.localized_path(self._locale(), f"/bills/{bill.id}"),
        }
