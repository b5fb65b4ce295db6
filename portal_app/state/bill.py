"""One bill: how it comes to what is left, and what happened to it."""

from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.billing import desk_rules, paying_back, questions
from portal_app.features.billing import service as billing
from portal_app.features.payments import service as payments
from portal_app.features.practice import service as practice
from portal_app.state import bill_question_words as say
from portal_app.state import bill_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.bill_voice import said
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class Bill(PortalState, rx.State):
    """The page of one bill, for the patient's side."""

    is_ready: bool = False
    is_missing: bool = False
    heading: str = ""
    """What the page is called where the bill is another person's."""
    left_words: str = ""
    title: str = ""
    number: str = ""
    what: str = ""
    left: str = ""
    status: str = ""
    tone: str = "info"
    by: str = ""
    lines: list[dict[str, str]] = []
    history: list[dict[str, str]] = []
    questions: list[dict[str, str]] = []
    pause: str = ""
    ask: str = ""
    help: str = ""
    help_words: str = ""
    pay: str = ""
    phone: str = ""
    _id: str = ""

    @handles("billing.see_bills")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            await self._show(tx, is_repeated=False)
        self._watch(f"bills:{tx.actor.patient_id}")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.see_bills") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            bill, postings = await billing.bill(tx, known_id(self._id), is_repeated=is_repeated)
        except NotFound:
            self.is_missing = True
            return
        refunds = await paying_back.refunds_of_bill(tx, bill.id)
        asked, can_ask = await questions.questions_of_bill(tx, bill.id), await questions.can_ask(tx)
        self.help_words = (await desk_rules.desk_rules(tx)).help_in(self._locale())
        self.is_missing, whose = False, (await self.get_state(Frame))._whose
        with i18n.use(self._locale()):
            self.heading = said("Your bill", whose) if whose else ""
            self.left_words = said("Left for you to pay", whose)
            self.title = words.title_of(bill)
            self.number = _("Bill {number}").format(number=bill.number)
            self.what = bill.service_words
            today = clock.now().astimezone(ZoneInfo(bill.zone)).date()
            self.status, self.tone = words.status_of(bill, today)
            self.left = words.money(max(bill.owed_minor, 0), bill.currency)
            due = i18n.format_long_date(bill.due_on)
            self.questions = [say.asked_row(one, whose) for one in asked]
            self.pause = say.paused(asked)
            is_due = bill.owed_minor > 0 and not self.pause
            self.by = _("Pay or ask for help by {day}.").format(day=due) if is_due else ""
            self.ask = i18n.localized_path(self._locale(), f"/bill-question?bill={bill.id}") if can_ask else ""
            self.help = f"{self.ask}&kind=help" if self.ask else ""
            can_pay = can_ask and bill.owed_minor > 0 and payments.processor_in_use() is not None
            self.pay = i18n.localized_path(self._locale(), f"/pay?bill={bill.id}") if can_pay else ""
            self.lines = words.lines_of(bill, whose)
            self.history = words.history_of(bill, list(postings), refunds, name=whose)
