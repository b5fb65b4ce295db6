"""What each kind of visit usually is, and estimates that wait for it."""

from typing import Final

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.estimates import service as estimates
from portal_app.features.practice.views import name_in
from portal_app.state import coverage_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import picked_id

SET: Final = N_("Kept. Estimates that waited for it are being given.")


class StaffEstimates(PortalState, rx.State):
    """Billing's page of estimates."""

    is_ready: bool = False
    waiting: list[dict[str, str]] = []
    kinds: list[dict[str, str]] = []
    rows: list[dict[str, str]] = []
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    moment: str = ""
    news: str = ""

    @handles("estimates.keep")
    async def on_load(self) -> None:
        """Fill the page and follow its changes."""
        self.news = self.error = self.error_field = ""
        self.moment = clock.now().isoformat()
        async with db.opened().act_as(self._credential(), "estimates.keep") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch("coverages")

    @handles("estimates.keep", writes=True)
    async def on_set(self, form: dict[str, str]) -> None:
        """Say what a kind of visit usually is; two taps say the same."""
        self.news = self.error = self.error_field = ""
        try:
            async with db.opened().act_as(self._credential(), "estimates.keep") as tx:
                await estimates.expect_service(
                    tx, picked_id(str(form.get("kind", "")), "kind"), str(form.get("code", ""))
                )
                await self._show(tx)
        except InputRefused as error:
            self.attempt = clock.now().isoformat()
            with i18n.use(self._locale()):
                self.error_field, self.error = error.field, _(error.reason)
            return
        self.moment = clock.now().isoformat()
        with i18n.use(self._locale()):
            self.news = _(SET)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "estimates.keep") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        found = await estimates.expected_services(tx)
        waiting = await estimates.waiting_estimates(tx, is_repeated=is_repeated)
        locale = self._locale()
        with i18n.use(locale):
            self.rows = [
                {
                    "id": str(one.visit_type_id), "name": name_in(one.names, locale), "code": one.service_code,
                    "words": one.service_words,
                    "amount": words.money(one.amount_minor, one.currency) if one.currency else "",
                }
                for one in found
            ]  # fmt: skip
            self.kinds = [{"value": row["id"], "label": row["name"], "detail": row["code"]} for row in self.rows]
            self.waiting = [
                {
                    "id": str(one.id), "name": one.patient_name, "kind": name_in(one.names, locale),
                    "by": i18n.format_day(one.give_by),
                }
                for one in waiting
            ]  # fmt: skip
        self.is_ready = True
