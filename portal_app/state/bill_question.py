"""Ask billing about a bill, or for help to pay."""

from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import _
from portal_app.features.billing import questions, views
from portal_app.features.billing import service as billing
from portal_app.features.billing.service import BillView
from portal_app.features.practice import service as practice
from portal_app.state import bill_question_words as say
from portal_app.state import bill_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.bill_voice import said
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

LIMIT = "20/hour"


class BillQuestion(PortalState, rx.State):
    """The page on which a question about a bill is written."""

    is_ready: bool = False
    is_missing: bool = False
    title: str = ""
    number: str = ""
    left: str = ""
    kinds: list[dict[str, str]] = []
    kind: str = ""
    lines: list[dict[str, str]] = []
    sent: str = ""
    back: str = ""
    phone: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    form_key: str = ""
    _bill: str = ""

    @handles("billing.ask")
    async def on_load(self) -> None:
        """Show the bill that the address names, or none, and what can be asked."""
        asked = self.router.url.query_parameters
        self._bill, self.kind = asked.get("bill", "")[:40], asked.get("kind", "")
        self.kind = self.kind if self.kind in say.KINDS else ""
        self.is_ready, self.form_key = False, str(uuid4())
        self.sent = self.error = self.error_field = ""
        async with db.opened().act_as(self._credential(), "billing.ask") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
            await self._show(tx)

    @handles("billing.ask", writes=True)
    async def on_ask(self, form: dict[str, str]) -> None:
        """Send the question; the key that came with the form makes two taps one."""
        self.attempt, self.error, self.error_field = clock.now().isoformat(), "", ""
        line, kind = str(form.get("line", "")), str(form.get("kind", "")) or self.kind
        try:
            question = views.BillQuestion(
                self._bill_id(), kind, "" if line == "all" else line, str(form.get("words", "")),
                known_id(str(form.get("key", ""))),
            )  # fmt: skip
            async with db.opened().act_as(self._credential(), "billing.ask") as tx:
                await limits.count(LIMIT, "bill-question", str(tx.actor.patient_id))
                asked = await questions.ask_about_bill(tx, question)
            with i18n.use(self._locale()):
                self.sent = say.promise(asked)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error_field, self.error = error.field, _(error.reason)

    def _bill_id(self) -> UUID | None:
        return known_id(self._bill) if self._bill else None

    async def _show(self, tx: db.Transaction) -> None:
        try:
            bill = (await billing.bill(tx, known_id(self._bill)))[0] if self._bill else None
        except NotFound:
            self.is_missing, self.is_ready = True, True
            return
        self.is_missing, self.is_ready = False, True
        with i18n.use(self._locale()):
            self.back = i18n.localized_path(self._locale(), f"/bills/{bill.id}" if bill else "/bills")
            self.kinds = [{"value": kind, "label": _(said)} for kind, said in say.KINDS.items()]
            self._fill(bill, (await self.get_state(Frame))._whose)

    def _fill(self, bill: BillView | None, name: str) -> None:
        if bill is None:
            self.title = self.number = self.left = ""
            self.lines, self.kind = [], "help"
            return
        self.title = words.title_of(bill)
        self.number = _("Bill {number}").format(number=bill.number)
        self.left = words.money(max(bill.owed_minor, 0), bill.currency)
        self.lines = [
            *(
                {"value": one["value"], "label": one["term"], "detail": one["fact"]}
                for one in words.lines_of(bill, name)
            ),
            {"value": "owed", "label": said("Left for you to pay", name), "detail": self.left},
            {"value": "all", "label": _("All of this bill"), "detail": ""},
        ]
