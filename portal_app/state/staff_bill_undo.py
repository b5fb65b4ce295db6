"""Take a bill back, or give back of a payment, on the page of one bill."""

from typing import Final
from uuid import uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, PortalError
from portal_app.core.i18n import N_, _
from portal_app.features.billing import errors, paying_back, undoing
from portal_app.features.billing import service as billing
from portal_app.features.billing.undoing import RefundWish
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id
from portal_app.state.staff_bill import StaffBill

VOIDED: Final = N_("The bill is taken back. The patient sees that nothing is owed on it.")
GIVEN: Final = N_("Written: the money is given back. The patient sees it now.")
ASKED: Final = N_("Asked: the money goes back to where it was paid from. The patient sees how far it is.")
AGAIN: Final = {"yes": N_("Yes: it was paid twice, or by mistake"), "no": N_("No: lower the bill by as much")}
REFUSED: Final = (
    errors.BillPaidOn, errors.BillTakenBack, errors.MoreThanPaid, errors.PaymentDisputed, errors.ManagerNeeded,
    errors.CorrectedAlready,
)  # fmt: skip


class StaffBillUndo(PortalState, rx.State):
    """What undoes: forms below the bill that is open."""

    giving: str = ""
    giving_left: str = ""
    is_online: bool = False
    is_voiding: bool = False
    choices: list[dict[str, str]] = []
    form_key: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    news: str = ""

    @handles("billing.keep_books")
    async def on_load(self) -> None:
        """Begin with no form open."""
        self._close("")

    @handles("billing.keep_books")
    async def on_begin_refund(self, payment_id: str) -> None:
        """Ask how much of a payment is given back, and why."""
        page = await self.get_state(StaffBill)
        row = next((one for one in page.history if one["id"] == payment_id and one["can_give_back"]), None)
        self._close("")
        with i18n.use(self._locale()):
            self.choices = [{"value": value, "label": _(said)} for value, said in AGAIN.items()]
        if row is not None:
            self.giving, self.giving_left, self.is_online = payment_id, row["left"], row["is_online"] != ""

    @handles("billing.keep_books")
    async def on_begin_void(self) -> None:
        """Ask why the whole bill is taken back."""
        self._close("")
        self.is_voiding = True

    @handles("billing.keep_books")
    async def on_stop(self) -> None:
        """Leave all as it is."""
        self._close("")

    @handles("billing.keep_books", writes=True)
    async def on_refund(self, form: dict[str, str]) -> None:
        """Write down what was given back; the key that came with the form makes two taps one."""
        page = await self.get_state(StaffBill)
        try:
            wish = _wish(form, page.unit)
            async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
                is_online = await paying_back.give_back(tx, wish)
        except (InputRefused, *REFUSED) as error:
            await self._complain(error, "given")
        else:
            await self._done(ASKED if is_online else GIVEN)

    @handles("billing.keep_books", writes=True)
    async def on_void(self, form: dict[str, str]) -> None:
        """Take the whole bill back."""
        try:
            bill_id, key = known_id(str(form.get("bill", ""))), known_id(str(form.get("key", "")))
            async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
                await undoing.void_bill(tx, bill_id, str(form.get("because", ""))[:2000], key)
        except (InputRefused, *REFUSED) as error:
            await self._complain(error, "because")
        else:
            await self._done(VOIDED)

    async def _complain(self, error: PortalError, field: str) -> None:
        self.news, self.attempt = "", clock.now().isoformat()
        at = {"amount": "given", "reason": "because"}
        with i18n.use(self._locale()):
            if isinstance(error, InputRefused):
                self.error_field, self.error = at.get(error.field, error.field), _(error.reason)
            else:
                self.error_field, self.error = field, _(error.message)
        await (await self.get_state(StaffBill))._refresh()

    async def _done(self, message: str) -> None:
        self._close(message)
        await (await self.get_state(StaffBill))._refresh()

    def _close(self, message: str) -> None:
        self.giving, self.is_voiding, self.error_field, self.error = "", False, "", ""
        self.form_key = str(uuid4())
        with i18n.use(self._locale()):
            self.news = _(message) if message else ""


def _wish(form: dict[str, str], currency: str) -> RefundWish:
    amount, again = billing.typed_amount(str(form.get("given", "")), currency), str(form.get("again", ""))
    if amount is None:
        raise InputRefused("given", N_("Type an amount above nothing, like 25.00."))
    if again not in AGAIN:
        raise InputRefused("again", N_("Say whether it is owed again."))
    payment_id, key = known_id(str(form.get("payment", ""))), known_id(str(form.get("key", "")))
    return RefundWish(payment_id, amount, str(form.get("because", ""))[:2000], key, is_owed_again=again == "yes")
