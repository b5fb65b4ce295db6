"""What the manager keeps of bills: the practice's words about help with money, and what billing may give back."""

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.billing import desk_rules
from portal_app.features.billing.desk_rules import DeskRules
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame

SAVED = N_("Saved. Patients read it now.")


class BillSettings(PortalState, rx.State):
    """The manager's page about bills; `typed` holds the words by language, and the limit."""

    is_ready: bool = False
    typed: dict[str, str] = {}
    moment: str = ""
    error_field: str = ""
    error: str = ""
    attempt: str = ""
    news: str = ""

    @handles("billing.set_up")
    async def on_load(self) -> None:
        """Show how things are kept."""
        self.news = self.error = self.error_field = ""
        async with db.opened().act_as(self._credential(), "billing.set_up") as tx:
            await (await self.get_state(Frame))._fill(tx)
            kept = await desk_rules.desk_rules(tx)
        self.typed = {f"help-{locale}": kept.help_words.get(locale, "") for locale in i18n.LOCALES}
        self.typed["limit"], self.moment, self.is_ready = str(kept.refund_limit), clock.now().isoformat(), True

    @handles("billing.set_up", writes=True)
    async def on_save(self, form: dict[str, str]) -> None:
        """Keep what was typed."""
        self.news, self.attempt, self.error, self.error_field = "", clock.now().isoformat(), "", ""
        words = {locale: str(form.get(f"help-{locale}", "")) for locale in i18n.LOCALES}
        limit = str(form.get("limit", "")).strip()
        rules = DeskRules(words, int(limit) if limit.isdecimal() and len(limit) < 9 else -1)
        try:
            async with db.opened().act_as(self._credential(), "billing.set_up") as tx:
                await desk_rules.set_desk_rules(tx, rules)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.error_field, self.error = error.field, _(error.reason)
            return
        with i18n.use(self._locale()):
            self.news = _(SAVED)
