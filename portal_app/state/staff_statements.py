"""The statements of a month: begin, see how far they are, stop. Live."""

from datetime import date, timedelta
from typing import Final
from uuid import uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.billing import account_statements, statement_batches
from portal_app.features.billing.errors import BatchRunning
from portal_app.features.billing.statement_batches import BatchView
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

MONTHS: Final = 6
BEGUN: Final = N_("Begun. You may leave this page: it goes on by itself.")
STOPPED: Final = N_("Stopped. What was made stays, and is not made again.")
_STATUS: Final = {
    "running": (N_("Being made"), "info"), "done": (N_("All made"), "good"), "cancelled": (N_("Stopped"), "plain"),
}  # fmt: skip


class StaffStatements(PortalState, rx.State):
    """Billing's page of statements."""

    is_ready: bool = False
    is_running: bool = False
    running_id: str = ""
    progress: str = ""
    done: int = 0
    total: int = 0
    months: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    form_key: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    news: str = ""

    @handles("billing.keep_books")
    async def on_load(self) -> None:
        """Show the months that are over and what was made, and follow what is being made."""
        self.news = self.error = self.error_field = ""
        self.form_key = str(uuid4())
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._offer(await account_statements.zone_of(tx))
            await self._show(tx)
        self._watch("statements")

    @handles("billing.keep_books", writes=True)
    async def on_start(self, form: dict[str, str]) -> None:
        """Begin a month; the key that came with the form makes two taps one."""
        self.news, self.attempt, self.error, self.error_field = "", clock.now().isoformat(), "", ""
        try:
            month, key = _month(str(form.get("month", ""))), known_id(str(form.get("key", "")))
            async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
                await statement_batches.start_batch(tx, month, key)
        except (InputRefused, BatchRunning) as error:
            with i18n.use(self._locale()):
                self.error_field = "month"
                self.error = _(error.reason if isinstance(error, InputRefused) else error.message)
        else:
            self._say(BEGUN)
        await self._refresh()

    @handles("billing.keep_books", writes=True)
    async def on_cancel(self, batch_id: str) -> None:
        """Stop what is being made."""
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await statement_batches.cancel_batch(tx, known_id(batch_id))
            await self._show(tx)
        self._say(STOPPED)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        found = await statement_batches.batches(tx)
        running = next((one for one in found if one.status == "running"), None)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]
            self.progress = _progress(running) if running else ""
        self.is_running, self.running_id = running is not None, str(running.id) if running else ""
        self.done, self.total = (running.done, running.total) if running else (0, 0)
        self.is_ready = True

    def _offer(self, zone: str) -> None:
        period = account_statements.month_of(clock.now().date().replace(day=1) - timedelta(days=1), zone)
        with i18n.use(self._locale()):
            self.months = []
            for _n in range(MONTHS):
                label = i18n.format_month_and_year(period.from_on)
                self.months.append({"value": period.from_on.isoformat(), "label": label})
                period = account_statements.month_of(period.from_on - timedelta(days=1), zone)

    def _say(self, message: str) -> None:
        self.form_key = str(uuid4())
        with i18n.use(self._locale()):
            self.news = _(message)


def _month(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputRefused("month", N_("Choose a month that is over.")) from None


def _progress(one: BatchView) -> str:
    return _("{done} of {total} accounts").format(
        done=i18n.format_number(one.done), total=i18n.format_number(one.total)
    )


def _row(one: BatchView) -> dict[str, str]:
    said, tone = _STATUS[one.status]
    return {
        "id": str(one.id),
        "month": i18n.format_month_and_year(one.month),
        "detail": _progress(one),
        "made": _("Statements made: {count}").format(count=i18n.format_number(one.made)),
        "status": _(said),
        "tone": tone,
    }
