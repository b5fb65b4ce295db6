"""One bill for whoever keeps the books: what happened to it, and what else has."""

from typing import Final, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.billing import by_hand, paying_back, questions
from portal_app.features.billing import service as billing
from portal_app.features.billing.errors import BillTakenBack
from portal_app.features.billing.money import Kind
from portal_app.features.billing.service import CorrectedAlready, Posting, TooMuch
from portal_app.features.payments import service as payments
from portal_app.state import bill_words as words
from portal_app.state import plan_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

KINDS: Final = {
    "payment": N_("Paid at our desk"),
    "insurance": N_("Paid by the insurance"),
    "adjustment": N_("Lower price, or a mistake put right"),
    "write_off": N_("We let go of this part"),
}
WRITTEN: Final = N_("Written. The patient sees it now.")
ASKED: Final = N_("The patient asks about this bill. Until it is answered, nobody is reminded to pay it.")
BACK: Final = N_("Taken back. Both entries stay in the books.")


class StaffBill(PortalState, rx.State):
    """The page of one bill, for billing."""

    is_ready: bool = False
    is_missing: bool = False
    is_void: bool = False
    bill_id: str = ""
    name: str = ""
    title: str = ""
    number: str = ""
    what: str = ""
    left: str = ""
    status: str = ""
    tone: str = "info"
    by: str = ""
    unit: str = ""
    plan: str = ""
    credit: str = ""
    lines: list[dict[str, str]] = []
    history: list[dict[str, str]] = []
    kinds: list[dict[str, str]] = []
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    news: str = ""
    taking_back: str = ""
    asked: str = ""
    asked_href: str = ""
    form_key: str = ""
    _id: str = ""

    @handles("billing.keep_books")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.news = self.taking_back = self.error = self.error_field = ""
        self.form_key = str(uuid4())
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        with i18n.use(self._locale()):
            self.kinds = [{"value": kind, "label": _(said)} for kind, said in KINDS.items()]
        self._watch("charges")

    @handles("billing.keep_books", writes=True)
    async def on_post(self, form: dict[str, str]) -> None:
        """Write what happened; the key that came with the form makes two taps one entry."""
        try:
            async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
                await by_hand.post_by_hand(tx, self._posting(form))
                await self._show(tx, is_repeated=True)
        except InputRefused as error:
            self._complain(error.field, error.reason)
        except (BillTakenBack, TooMuch) as error:
            self._complain("amount", error.message)
        else:
            self._say(WRITTEN)

    @handles("billing.keep_books", writes=True)
    async def on_use_credit(self, form: dict[str, str]) -> None:
        """Pay the bill from what the patient has with us; the key that came with the form makes two taps one."""
        try:
            async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
                await payments.use_credit_at_desk(tx, known_id(self._id), known_id(str(form.get("key", ""))))
                await self._show(tx, is_repeated=True)
        except (BillTakenBack, payments.NothingOwed) as error:
            await self._refresh()
            self._complain("amount", error.message)
        else:
            self._say(WRITTEN)

    @handles("billing.keep_books")
    async def on_choose(self, posting_id: str) -> None:
        """Ask why an entry is taken back."""
        self.error = self.error_field = self.news = ""
        self.taking_back = posting_id

    @handles("billing.keep_books", writes=True)
    async def on_take_back(self, form: dict[str, str]) -> None:
        """Take back the entry that the form is about; its key makes two taps one."""
        posting_id, key = known_id(str(form.get("posting", ""))), known_id(str(form.get("key", "")))
        try:
            async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
                await billing.take_back(tx, posting_id, str(form.get("why", ""))[:2000], key)
                await self._show(tx, is_repeated=True)
        except InputRefused as error:
            self._complain("why", error.reason)
        except (BillTakenBack, CorrectedAlready) as error:
            self.taking_back = ""
            await self._refresh()
            self._complain("amount", error.message)
        else:
            self._say(BACK)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            bill, postings = await billing.bill(tx, known_id(self._id), is_repeated=is_repeated)
            self.name = await billing.billed_to(tx, bill.id)
            plan = await payments.plan(tx, bill.patient_id)
        except NotFound:
            self.is_missing = True
            return
        refunds = await paying_back.refunds_of_bill(tx, bill.id)
        credit = min(await payments.credit_of_bill(tx, bill.id), bill.owed_minor)
        open_ones = [one for one in await questions.questions_of_bill(tx, bill.id) if one.status == "new"]
        self.is_missing, self.unit, self.is_void, self.bill_id = False, bill.currency, bill.is_void, str(bill.id)
        with i18n.use(self._locale()):
            self.asked = _(ASKED) if open_ones else ""
            href = f"/staff/bill-questions?id={open_ones[0].id}" if open_ones else "/staff/bill-questions"
            self.asked_href = i18n.localized_path(self._locale(), href)
            self.title, self.what = words.title_of(bill), bill.service_words
            self.number = _("Bill {number}").format(number=bill.number)
            self.status, self.tone = words.status_of(bill, clock.now().astimezone(ZoneInfo(bill.zone)).date())
            self.left = words.money(bill.owed_minor, bill.currency)
            self.by = _("Due on {day}").format(day=i18n.format_long_date(bill.due_on))
            self.plan = plan_words.of_patient(plan) if plan else ""
            said = words.money(credit, bill.currency)
            self.credit = _("Pay {amount} from the patient's credit").format(amount=said) if credit > 0 else ""
            self.lines = words.lines_of(bill)
            self.history = words.history_of(bill, list(postings), refunds, is_staff=True)

    def _posting(self, form: dict[str, str]) -> Posting:
        kind, amount = str(form.get("kind", "")), billing.typed_amount(str(form.get("amount", "")), self.unit)
        if kind not in KINDS:
            raise InputRefused("kind", N_("Say what happened."))
        if amount is None:
            raise InputRefused("amount", N_("Type an amount above nothing, like 25.00."))
        key, reason = known_id(str(form.get("key", ""))), str(form.get("reason", ""))[:2000]
        return Posting(known_id(self._id), cast(Kind, kind), amount, key, reason)

    def _complain(self, field: str, reason: str) -> None:
        self.news, self.attempt = "", clock.now().isoformat()
        with i18n.use(self._locale()):
            self.error_field, self.error = field, _(reason)

    def _say(self, message: str) -> None:
        self.error = self.error_field = self.taking_back = ""
        self.form_key = str(uuid4())
        with i18n.use(self._locale()):
            self.news = _(message)
