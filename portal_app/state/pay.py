"""Pay what is owed, all or a part: the sum is on the button, and the card is given to the payment service alone."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.features.billing import service as billing
from portal_app.features.estimates import service as estimates
from portal_app.features.payments import service as payments
from portal_app.features.payments.service import Copay, Payable, WantedPayment
from portal_app.features.practice import service as practice
from portal_app.state import bill_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.bill_voice import said
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

LIMIT = "30/hour"
"""Of one chart: nobody pays so often, and whoever tries stolen cards does."""


class Pay(PortalState, rx.State):
    """The page on which a payment begins."""

    is_ready: bool = False
    is_open: bool = False
    is_practice: bool = False
    owes: str = ""
    amount: str = ""
    whole: str = ""
    part: str = ""
    unit: str = ""
    rest: str = ""
    count: str = ""
    credit: str = ""
    credit_title: str = ""
    credit_why: str = ""
    is_copay: bool = False
    news: str = ""
    phone: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    form_key: str = ""
    _bill: str = ""
    _visit: str = ""

    @handles("payments.pay")
    async def on_load(self) -> None:
        """Show what can be paid: the co-pay of the visit or the bill that the address names, or all bills."""
        asked = self.router.url.query_parameters
        self._bill, self._visit = asked.get("bill", "")[:40], asked.get("visit", "")[:40]
        self.is_ready, self.form_key = False, str(uuid4())
        self.part = self.error = self.error_field = self.news = ""
        async with db.opened().act_as(self._credential(), "payments.pay") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            await self._show(tx)
        self._watch(f"bills:{tx.actor.patient_id}")

    @handles("payments.pay")
    async def on_part(self, typed: str) -> None:
        """Say on the button what a part comes to."""
        minor = billing.typed_amount(typed, self.unit)
        with i18n.use(self._locale()):
            self.part = _("Pay {amount}").format(amount=words.money(minor, self.unit)) if minor else ""

    @handles("payments.pay", writes=True)
    async def on_pay(self, form: dict[str, str]) -> None:
        """Begin the payment and go to where it is made; the key that came with the form makes two taps one."""
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        try:
            wanted = self._wanted(form)
            processor = payments.processor()
            async with db.opened().act_as(self._credential(), "payments.pay") as tx:
                await limits.count(LIMIT, "pay", str(tx.actor.patient_id))
                if self._visit:
                    visit_id = known_id(self._visit)
                    attempt_id = await estimates.start_visit_copay(tx, visit_id, wanted.request_key, wanted.locale)
                else:
                    attempt_id = await payments.start_payment(tx, wanted)
            await self._leave_for(await payments.open_page(db.opened(), processor, attempt_id))
        except InputRefused as error:
            self._complain(error.field, error.reason)
        except (billing.KeyUsedOtherwise, TooManyTries, *payments.NOT_BEGUN) as error:
            self._complain("amount" if "amount" in form else "", error.message)

    @handles("payments.pay", writes=True)
    async def on_use_credit(self, form: dict[str, str]) -> None:
        """Pay with what is with us already; the key that came with the form makes two taps one."""
        self.error = self.error_field = self.news = ""
        try:
            key = known_id(str(form.get("key", "")))
            async with db.opened().act_as(self._credential(), "payments.pay") as tx:
                wish = await payments.ask_to_use_credit(tx, self._bills(), key)
            spent = await payments.use_credit(db.opened(), wish)
        except payments.NothingOwed as error:
            self._complain("", error.message)
            return
        unit, self.form_key = self.unit, str(uuid4())
        await self._refresh()
        with i18n.use(self._locale()):
            whose, amount = (await self.get_state(Frame))._whose, words.money(spent, unit)
            self.news = said("Paid from your credit: {amount}. Thank you.", whose, amount=amount)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "payments.pay") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        due = await self._due(tx)
        credit = {} if self._visit else await payments.my_credit(tx)
        processor = payments.processor_in_use()
        self.is_open, self.is_copay = due is not None and processor is not None, self._visit != ""
        self.is_practice = processor is not None and processor.is_standin
        whose = (await self.get_state(Frame))._whose
        with i18n.use(self._locale()):
            self._fill(due if self.is_open else None)
            left = min(credit.get(due.currency, 0), due.amount_minor) if due and self.is_open else 0
            amount = words.money(left, due.currency) if due and left else ""
            self.credit = said("Pay {amount} from your credit", whose, amount=amount) if amount else ""
            self._name(whose)
        self.is_ready = True

    def _name(self, whose: str) -> None:
        """Say whose bills these are, and whose credit."""
        self.owes, self.credit_title = said("You owe", whose), said("You have money with us", whose)
        self.credit_why = said(
            "You paid more than a bill came to, or before it was made. Nothing is charged to a card.", whose
        )
        if self.is_copay:
            self.count = said("Your co-pay for a visit, as your insurance told us", whose)

    async def _due(self, tx: db.Transaction) -> Payable | Copay | None:
        if self._visit:
            return await estimates.copay_now(tx, known_id(self._visit))
        found = await payments.payable(tx, self._bills())
        return found[0] if len(found) == 1 else None

    def _fill(self, due: Payable | Copay | None) -> None:
        self.amount = words.money(due.amount_minor, due.currency) if due else ""
        online = (due.online_minor or due.amount_minor) if due else 0
        self.whole = _("Pay {amount}").format(amount=words.money(online, due.currency) if due else "")
        coins = due.amount_minor - online if due else 0
        desk = _("The smallest coins, {amount}, can be paid at our desk only.")
        self.rest = desk.format(amount=words.money(coins, due.currency)) if due and coins else ""
        self.unit = due.currency if due else ""
        count = len(due.bills) if isinstance(due, Payable) else 0
        bills = i18n.ngettext("For one bill", "For {count} bills", count)
        self.count = bills.format(count=i18n.format_number(count))

    def _bills(self) -> tuple[UUID, ...]:
        return (known_id(self._bill),) if self._bill else ()

    def _wanted(self, form: dict[str, str]) -> WantedPayment:
        key, amount = known_id(str(form.get("key", ""))), None
        if "amount" in form:
            amount = billing.typed_amount(str(form["amount"])[:40], self.unit)
            if amount is None:
                raise InputRefused("amount", N_("Type an amount above nothing, like 25.00."))
        return WantedPayment(key, self._bills(), amount, form.get("keep") == "yes", self._locale())

    def _complain(self, field: str, reason: str) -> None:
        self.form_key = str(uuid4())
        with i18n.use(self._locale()):
            self.error_field, self.error = field, _(reason)
