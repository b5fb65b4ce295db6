"""The forms that come with the portal, and which of them are asked before every visit; for managers."""

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.db import Transaction
from portal_app.core.i18n import _
from portal_app.features.intake import service as intake
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame


class FormLibrary(PortalState, rx.State):
    """The manager's list of forms."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    news: str = ""
    problem: str = ""

    @handles("intake.choose_forms")
    async def on_load(self) -> None:
        """Show every form, where it is from, and whether it is asked."""
        self.news = self.problem = ""
        async with db.opened().act_as(self._credential(), "intake.choose_forms") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True

    @handles("intake.choose_forms", writes=True)
    async def on_ask(self, url: str, answer: str) -> None:
        """Ask a form before every visit from now on ("yes"), or no more."""
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "intake.choose_forms") as tx:
                await intake.ask_before_visits(tx, url, is_asked=answer == "yes")
                await self._show(tx)
        except intake.FormUnknown as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        with i18n.use(self._locale()):
            self.news = _("Saved. It counts from now on; what somebody has begun stays as it is.")

    async def _show(self, tx: Transaction) -> None:
        found = await intake.kept_forms(tx)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]


def _row(one: intake.LibraryForm) -> dict[str, str]:
    form, locale = one.questionnaire, i18n.current()
    spoken = [language.own_name for code, language in i18n.LOCALES.items() if code in form.languages()]
    title = intake.said(form.title, locale, form.language)
    said = _("Stop asking: {title}") if one.is_asked else _("Ask before each visit: {title}")
    return {
        "url": form.url,
        "form_title": title,
        "lang": locale if locale in form.title else form.language,
        "source": form.source,
        "licence": form.licence,
        "languages": " · ".join(spoken),
        "next": "no" if one.is_asked else "yes",
        "is_asked": "yes" if one.is_asked else "",
        "action": said.format(title=title),
    }
