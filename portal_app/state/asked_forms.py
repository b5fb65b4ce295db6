"""The forms that the care team asks somebody to fill in, without a visit."""

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.intake import service as intake
from portal_app.state import visit_forms
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class AskedForms(PortalState, rx.State):
    """What waits to be filled in, for whoever may fill it in or see it."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    problem: str = ""

    @handles("intake.see")
    async def on_load(self) -> None:
        """Show what waits, and follow changes."""
        self.problem = ""
        async with db.opened().act_as(self._credential(), "intake.see") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self.is_ready = True
        self._watch(f"patient:{tx.actor.patient_id}")

    @handles("intake.fill_in", writes=True)
    async def on_open(self, assignment_id: str) -> EventSpec | None:
        """Begin a form, or go on with it."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "intake.fill_in") as tx:
                form_id = await intake.open_asked(tx, known_id(assignment_id))
        except (NotFound, intake.OnlyOneself) as error:
            await self._refresh()
            with i18n.use(self._locale()):
                self.problem = _(error.message)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), f"/forms/{form_id}"))

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "intake.see") as tx:
            await self._show(tx)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool = True) -> None:
        found = await intake.asked_forms(tx, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.rows = [_row(one) for one in found]


def _row(one: intake.AskedForm) -> dict[str, str]:
    form, locale = one.questionnaire, i18n.current()
    has_language = locale in form.languages()
    hint = "" if has_language else _("This form is there in English only.")
    return {
        "id": str(one.id),
        "form_title": intake.said(form.title, locale, form.language),
        "lang": locale if has_language else form.language,
        "hint": visit_forms.hint_of(hint, is_for_them=one.is_for_them, is_only_seen=one.is_only_seen),
        "status": _("In progress") if one.status == "in-progress" else _("Not yet started"),
        "is_open": "yes" if one.is_for_them and not one.is_only_seen else "",
        "href": visit_forms.href_of(one),
    }
