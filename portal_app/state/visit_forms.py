"""The forms of a visit, on its page: what is asked, what is begun, what is sent."""

import contextlib

import reflex as rx
from reflex_base.event import EventSpec

from portal_app.core import db, i18n
from portal_app.core.errors import NotAllowed, NotFound, PortalError, StepUpNeeded
from portal_app.core.i18n import _
from portal_app.features.intake import service as intake
from portal_app.state.base import PortalState, handles
from portal_app.state.ids import known_id


class VisitForms(PortalState, rx.State):
    """The forms of the visit of the address, for whoever may fill them in or see them."""

    is_settled: bool = False
    forms: list[dict[str, str]] = []
    problem: str = ""
    _id: str = ""

    @handles("booking.view")
    async def on_load(self) -> None:
        """Show the forms of the visit of the address, none to whoever may not see them."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.forms, self.problem = [], ""
        await self._refresh()
        self.is_settled = True

    @handles("intake.fill_in", writes=True)
    async def on_open(self, url: str) -> EventSpec | None:
        """Begin a form, or go on with it."""
        self.problem = ""
        try:
            async with db.opened().act_as(self._credential(), "intake.fill_in") as tx:
                form_id = await intake.open_form(tx, known_id(self._id), url)
        except (NotFound, intake.OnlyOneself) as error:
            self._refuse(error)
            return None
        return rx.redirect(i18n.localized_path(self._locale(), f"/forms/{form_id}"))

    def _refuse(self, error: PortalError) -> None:
        with i18n.use(self._locale()):
            self.problem = _(error.message)

    async def _refresh(self) -> None:
        with contextlib.suppress(NotFound, NotAllowed, StepUpNeeded):
            async with db.opened().act_as(self._credential(), "intake.see") as tx:
                found = await intake.forms_for_visit(tx, known_id(self._id))
            with i18n.use(self._locale()):
                self.forms = [_row(one) for one in found]


def _row(one: intake.FormDue) -> dict[str, str]:
    questionnaire, locale = one.questionnaire, i18n.current()
    has_language = locale in questionnaire.languages()
    hint = "" if has_language else _("This form is there in English only.")
    status = {"new": _("Not yet started"), "in-progress": _("In progress"), "completed": _("Completed")}[one.status]
    return {
        "url": one.url,
        "form_title": intake.said(questionnaire.title, locale, questionnaire.language),
        "lang": locale if has_language else questionnaire.language,
        "status": status,
        "is_done": "yes" if one.status == "completed" else "",
        "is_open": "yes" if one.is_for_them and not one.is_only_seen else "",
        "href": href_of(one),
        "hint": hint_of(hint, is_for_them=one.is_for_them, is_only_seen=one.is_only_seen),
    }


def hint_of(hint: str, *, is_for_them: bool, is_only_seen: bool) -> str:
    """Return what stands under the name of a form: why it cannot be answered, or what was to be said otherwise."""
    if not is_for_them:
        return _("Only the patient can answer this.")
    return _("You may see this, not fill it in.") if is_only_seen else hint


def href_of(one: intake.FormDue | intake.AskedForm) -> str:
    """Return where whoever may only see a form reads what is answered so far; "" if nothing is."""
    if not (one.is_only_seen and one.is_for_them and one.response_id):
        return ""
    return i18n.localized_path(i18n.current(), f"/forms/{one.response_id}")
