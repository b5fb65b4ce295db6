"""A plan as its patient sees it: each of the last days, without blame, and when to be reminded."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import _
from portal_app.features.vitals import service as vitals
from portal_app.features.vitals.service import MEASURES
from portal_app.state import measuring_words
from portal_app.state import vital_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class VitalsPlan(PortalState, rx.State):
    """The page of one plan."""

    is_ready: bool = False
    measure: str = ""
    plan: dict[str, str] = {}
    days: list[dict[str, str]] = []
    times: list[str] = []
    news: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""

    @handles("vitals.log")
    async def on_load(self) -> None:
        """Fill the page of the measure that the address says, and follow its changes."""
        asked = self.router.url.query_parameters.get("what", "")
        self.measure = asked if asked in MEASURES else next(iter(MEASURES))
        self.news = self.error = self.error_field = ""
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self._watch(f"vitals:{tx.actor.patient_id}")

    @handles("vitals.log", writes=True)
    async def on_remind(self, form: dict[str, str]) -> None:
        """Be reminded at these times; an empty field is no reminder."""
        self.news = self.error = self.error_field = ""
        self.attempt = clock.now().isoformat()
        try:
            said = [vitals.clock_time(str(form.get(f"at-{n}", ""))) for n in range(vitals.REMINDERS_MOST)]
            async with db.opened().act_as(self._credential(), "vitals.log") as tx:
                await vitals.remind_at(tx, self.measure, [one for one in said if one is not None])
                await self._show(tx)
        except InputRefused as error:
            self.error_field = error.field
            with i18n.use(self._locale()):
                self.error = _(error.reason)
            return
        with i18n.use(self._locale()):
            self.news = _("Saved.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "vitals.log") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction) -> None:
        found = await vitals.plans_of(tx, await vitals.chart_of(tx))
        plan = next((one for one in found if one.measure == self.measure), None)
        times = await vitals.reminders(tx, self.measure)
        with i18n.use(self._locale()):
            self.plan = {"title": _(words.NAMES[self.measure])}
            self.days = []
            if plan is not None:
                log = i18n.localized_path(i18n.current(), f"/vitals/log?what={self.measure}")
                self.plan = measuring_words.plan_row(plan) | {"log": log}
                self.days = measuring_words.day_rows(plan)
        self.times = [f"{one:%H:%M}" for one in times] + [""] * (vitals.REMINDERS_MOST - len(times))
        self.is_ready = True
