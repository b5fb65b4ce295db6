"""The forms that come with the portal, and which of them are asked before which visits; for managers."""

from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.intake import service as intake
from portal_app.features.practice import service as practice
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class FormLibrary(PortalState, rx.State):
    """The manager's list of forms."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    kinds: list[dict[str, str]] = []
    kind: str = ""
    """The kind of visit whose forms are shown, "" for what is asked before every visit."""
    news: str = ""
    problem: str = ""

    @handles("intake.choose_forms")
    async def on_load(self) -> None:
        """Show every form, where it is from, and whether it is asked."""
        self.news = self.problem = self.kind = ""
        async with db.opened().act_as(self._credential(), "intake.choose_forms") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx)
        self.is_ready = True

    @handles("intake.choose_forms")
    async def on_kind(self, kind: str) -> None:
        """Show what is asked before one kind of visit, or before every visit ("")."""
        self.news = self.problem = ""
        self.kind = kind if kind in {one["id"] for one in self.kinds} else ""
        async with db.opened().act_as(self._credential(), "intake.choose_forms") as tx:
            await self._show(tx)

    @handles("intake.choose_forms", writes=True)
    async def on_ask(self, url: str, answer: str) -> None:
        """Ask a form before the visits that are shown from now on ("yes"), or no more."""
        self.news = self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "intake.choose_forms") as tx:
                await intake.ask_before_visits(tx, url, is_asked=answer == "yes", visit_type_id=self._kind_id())
                await self._show(tx)
        except (intake.FormUnknown, NotFound) as error:
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return
        with i18n.use(self._locale()):
            self.news = _("Saved. It counts from now on; what somebody has begun stays as it is.")

    def _kind_id(self) -> UUID | None:
        return known_id(self.kind) if self.kind else None

    async def _show(self, tx: Transaction) -> None:
        found, types = await intake.kept_forms(tx, self._kind_id()), await practice.visit_types(tx)
        with i18n.use(self._locale()):
            own = i18n.current()
            self.kinds = [{"id": "", "name": _("Every visit")}]
            self.kinds += [{"id": str(one.id), "name": one.names.get(own) or one.names["en"]} for one in types]
            name = next((one["name"] for one in self.kinds if one["id"] == self.kind != ""), "")
            self.rows = [_row(one, name) for one in found]


def _row(one: intake.LibraryForm, kind: str) -> dict[str, str]:
    form, locale = one.questionnaire, i18n.current()
    spoken = [language.own_name for code, language in i18n.LOCALES.items() if code in form.languages()]
    title = intake.said(form.title, locale, form.language)
    asks = _("Ask before {kind}: {title}") if kind else _("Ask before each visit: {title}")
    said = _("Stop asking: {title}") if one.is_asked else asks
    return {
        "url": form.url,
        "form_title": title,
        "lang": locale if locale in form.title else form.language,
        "source": form.source,
        "licence": form.licence,
        "languages": " · ".join(spoken),
        "next": "no" if one.is_asked else "yes",
        "is_asked": "yes" if one.is_asked else "",
        "is_always": "yes" if one.is_always else "",
        "label": _("Ask before {kind}").format(kind=kind) if kind else _("Ask before each visit"),
        "action": said.format(title=title, kind=kind),
    }
