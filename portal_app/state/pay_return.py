"""Where people come back to from paying: what became of it, asked of whoever took the money."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.payments import service as payments
from portal_app.features.payments.service import AttemptView
from portal_app.features.practice import service as practice
from portal_app.state import bill_words, payment_words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.from_check_in import open_check_in
from portal_app.state.ids import known_id
from portal_app.state.payment_words import ASKING, UNCLEAR, said_of


class PayReturn(PortalState, rx.State):
    """The page of one payment: its outcome, and later its receipt."""

    is_ready: bool = False
    is_missing: bool = False
    tone: str = "info"
    title: str = ""
    detail: str = ""
    why: str = ""
    step: str = ""
    again: str = ""
    items: list[dict[str, str]] = []
    phone: str = ""
    error: str = ""
    check_in_href: str = ""
    _id: str = ""
    _is_away: bool = False
    _is_unclear: bool = False

    @handles("payments.see_outcome")
    async def on_load(self) -> None:
        """Ask how the payment stands, say it, and follow what comes later."""
        self._id = self.router.url.query_parameters.get("attempt", "")[:40]
        self.is_ready, self.error, self._is_away, self._is_unclear = False, "", False, False
        async with db.opened().act_as(self._credential(), "payments.see_outcome") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            attempt = await self._found(tx)
        if attempt is not None:
            await self._ask(attempt)
            self._watch(f"bills:{attempt.patient_id}")
        await self._refresh()
        self.is_ready = True

    @handles("payments.pay", writes=True)
    async def on_again(self) -> None:
        """Go back to where this payment is made."""
        async with db.opened().act_as(self._credential(), "payments.pay") as tx:
            attempt = await self._found(tx)
        if attempt is None:
            return
        try:
            await self._leave_for(await payments.open_page(db.opened(), payments.processor(), attempt.id))
        except payments.NOT_BEGUN as error:
            await self._refresh()
            with i18n.use(self._locale()):
                self.error = _(error.message)

    async def _ask(self, attempt: AttemptView) -> None:
        if attempt.status == "paid":
            return
        try:
            self._is_unclear = await payments.outcome(db.opened(), attempt.id) == "unclear"
        except (payments.ProcessorAway, payments.ProcessorRefused, payments.NoProcessor):
            self._is_away = True

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "payments.see_outcome") as tx:
            attempt = await self._found(tx)
            visit_id = attempt.appointment_id if attempt else None
            self.check_in_href = await open_check_in(tx, self._locale(), visit_id)
        self.is_missing = attempt is None
        if attempt is not None:
            with i18n.use(self._locale()):
                self._say(attempt)

    async def _found(self, tx: db.Transaction) -> AttemptView | None:
        try:
            return await payments.attempt(tx, known_id(self._id))
        except NotFound:
            return None

    def _say(self, attempt: AttemptView) -> None:
        said, amount = said_of(attempt), bill_words.money(attempt.amount_minor, attempt.currency)
        if (self._is_away or self._is_unclear) and said.step:
            said = ASKING if self._is_away else UNCLEAR
        self.tone, self.step = said.tone, said.step
        self.title, self.detail = _(said.title).format(amount=amount), _(said.detail)
        self.why = payment_words.why(attempt.problem) if said.step else ""
        self.again = _("Pay {amount}").format(amount=amount)
        self.items = [payment_words.item_row(one, attempt.currency, self._locale()) for one in attempt.items]
