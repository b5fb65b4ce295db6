"""A payment plan: begun, seen, stopped; and the cards that somebody keeps for paying."""

from uuid import uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_, _
from portal_app.features.billing import questions
from portal_app.features.billing import service as billing
from portal_app.features.payments import methods
from portal_app.features.payments import service as payments
from portal_app.features.practice import service as practice
from portal_app.state import plan_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

STOPPED = N_("The plan is stopped. Nothing more is charged; what is owed stays as it was.")
RESUMED = N_("The plan goes on. We write to you before each payment, or charge what is late now.")
REMOVED = N_("Removed. It cannot be used for paying any more.")


class PayPlan(PortalState, rx.State):
    """The page of a payment plan."""

    is_ready: bool = False
    can_begin: bool = False
    can_stop: bool = False
    can_resume: bool = False
    is_practice: bool = False
    title: str = ""
    detail: str = ""
    parts: list[dict[str, str]] = []
    ways: list[dict[str, str]] = []
    kept: list[dict[str, str]] = []
    phone: str = ""
    news: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    form_key: str = ""
    _may_pay: bool = False
    """Whether they may do more than look at it."""

    @handles("payments.see_plan")
    async def on_load(self) -> None:
        """Show the plan or what it could be, and the cards that are kept."""
        self.is_ready, self.form_key = False, str(uuid4())
        self.news = self.error = self.error_field = ""
        async with db.opened().act_as(self._credential(), "payments.see_plan") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._may_pay = await questions.can_ask(tx)
            self.phone = (await practice.phone_line(tx, "billing")).number
        self._watch(f"bills:{tx.actor.patient_id}")
        await self._refresh()
        if self._may_pay:
            await self._list_kept()
        self.is_ready = True

    @handles("payments.pay", writes=True)
    async def on_begin(self, form: dict[str, str]) -> None:
        """Begin a plan and go to where its first part is paid; the key of the form makes two taps one."""
        self.error, self.error_field, self.attempt = "", "", clock.now().isoformat()
        try:
            count, key = say.picked(form)
            processor = payments.processor()
            async with db.opened().act_as(self._credential(), "payments.pay") as tx:
                attempt_id = await payments.begin_plan(tx, count, key, self._locale())
            await self._leave_for(await payments.open_page(db.opened(), processor, attempt_id))
        except InputRefused as error:
            self._complain(error.reason)
        except (billing.KeyUsedOtherwise, *payments.NOT_BEGUN) as error:
            self._complain(error.message)

    @handles("payments.pay", writes=True)
    async def on_stop(self) -> None:
        """Stop the plan."""
        async with db.opened().act_as(self._credential(), "payments.pay") as tx:
            await payments.stop_plan(tx)
        await self._say(STOPPED)

    @handles("payments.pay", writes=True)
    async def on_resume(self) -> None:
        """Go on with a plan that waits."""
        async with db.opened().act_as(self._credential(), "payments.pay") as tx:
            await payments.resume_plan(tx)
        await self._say(RESUMED)

    @handles("payments.pay", writes=True)
    async def on_remove(self, method_id: str) -> None:
        """Remove a card that is kept."""
        try:
            processor = payments.processor()
            async with db.opened().act_as(self._credential(), "payments.pay") as tx:
                customer_id = await methods.payer(tx)
            kept = await methods.kept_methods(processor, customer_id)
            async with db.opened().act_as(self._credential(), "payments.pay") as tx:
                await methods.let_go(tx, kept, method_id)
            await processor.forget_method(method_id)
        except (NotFound, *payments.NOT_BEGUN) as error:
            self._complain(error.message)
        else:
            await self._list_kept()
            await self._say(REMOVED)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "payments.see_plan") as tx:
            plan = await payments.plan(tx)
            found = await payments.payable(tx) if self._may_pay else ()
        processor, due = payments.processor_in_use(), found[0] if len(found) == 1 else None
        is_running = plan is not None and plan.status in ("active", "paused")
        self.can_stop = is_running and self._may_pay
        self.can_resume = (
            self._may_pay and plan is not None and plan.status == "paused" and plan.paused_because != "unclear"
        )
        self.is_practice = processor is not None and processor.is_standin
        with i18n.use(self._locale()):
            offered = payments.ways(due.online_minor, due.currency) if due and processor and not is_running else ()
            self.ways = [say.way_row(one, due.currency) for one in offered] if due else []
            self.title, self.detail = say.title_of(plan) if plan else ("", "")
            self.parts = [say.part_row(one, plan.currency) for one in plan.parts] if plan else []
        self.can_begin = bool(self.ways)

    async def _list_kept(self) -> None:
        self.kept = []
        processor = payments.processor_in_use()
        async with db.opened().act_as(self._credential(), "payments.pay") as tx:
            customer_id = await methods.payer(tx)
        if processor is None or not customer_id:
            return
        try:
            found = await methods.kept_methods(processor, customer_id)
        except (payments.ProcessorAway, payments.ProcessorRefused):
            return
        with i18n.use(self._locale()):
            self.kept = [say.kept_row(one) for one in found]

    async def _say(self, message: str) -> None:
        self.error = self.error_field = ""
        await self._refresh()
        with i18n.use(self._locale()):
            self.news = _(message)

    def _complain(self, reason: str) -> None:
        self.news, self.form_key = "", str(uuid4())
        with i18n.use(self._locale()):
            self.error_field, self.error = "count", _(reason)
