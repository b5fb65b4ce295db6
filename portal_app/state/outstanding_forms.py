"""Forms that were asked of people and are not sent yet, and asking one of a patient; for whoever treats them."""

import contextlib
from typing import Any
from uuid import UUID, uuid4

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound, PortalError
from portal_app.core.i18n import N_, _, ngettext
from portal_app.features.intake import service as intake
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.schedule_forms import day_of


class OutstandingForms(PortalState, rx.State):
    """The list, of all charts in reach or of the one in the address, where a form can be asked."""

    is_ready: bool = False
    rows: list[dict[str, str]] = []
    choices: list[dict[str, str]] = []
    typed: dict[str, str] = {}
    key: str = ""
    has_patient: bool = False
    chart_href: str = ""
    news: str = ""
    error: str = ""
    error_field: str = ""
    attempt: str = ""
    _patient: str = ""

    @handles("intake.assign")
    async def on_load(self) -> None:
        """Show what stands out."""
        self._patient = self.router.url.query_parameters.get("patient", "")
        self.news = self.error = self.error_field = self.chart_href = ""
        self.typed, self.key, self.has_patient = {}, str(uuid4()), bool(self._patient)
        async with db.opened().act_as(self._credential(), "intake.assign") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self.is_ready = True

    @handles("intake.assign", writes=True)
    async def on_ask(self, form: dict[str, Any]) -> None:
        """Ask a form of the patient, now or by a schedule; a second tap is the first one again."""
        self.news = self.error = self.error_field = ""
        self.typed = {name: str(value) for name, value in form.items()}
        try:
            async with db.opened().act_as(self._credential(), "intake.assign") as tx:
                await intake.assign_form(tx, _wanted(self._patient, self.typed))
                await self._show(tx)
        except (InputRefused, NotFound, intake.FormUnknown) as error:
            self._refuse(error)
            return
        self.typed, self.key = {}, str(uuid4())
        with i18n.use(self._locale()):
            self.news = _("Asked. The patient is told that something waits in the portal, not what.")

    @handles("intake.assign", writes=True)
    async def on_end(self, assignment_id: str) -> None:
        """Ask a form no more."""
        self.news = self.error = self.error_field = ""
        async with db.opened().act_as(self._credential(), "intake.assign") as tx:
            with contextlib.suppress(NotFound):  # ended already, by a colleague or an earlier tap; the list shows it
                await intake.end_assignment(tx, known_id(assignment_id))
            await self._show(tx)
        with i18n.use(self._locale()):
            self.news = _("This form is asked no more. What was answered stays.")

    def _refuse(self, error: PortalError) -> None:
        self.attempt = clock.now().isoformat()
        self.error_field = error.field if isinstance(error, InputRefused) else "url"
        with i18n.use(self._locale()):
            self.error = _(error.reason if isinstance(error, InputRefused) else error.message)

    async def _show(self, tx: Transaction, *, is_repeated: bool = True) -> None:
        patient_id = _id(self._patient) if self._patient else None
        found = await intake.outstanding(tx, patient_id, is_repeated=is_repeated)
        forms = await intake.forms_to_ask(tx) if patient_id else ()
        locale = self._locale()
        with i18n.use(locale):
            self.rows = [_row(one) for one in found]
            self.choices = [{"value": url, "label": intake.said(one.title, locale, one.language)} for url, one in forms]
        self.chart_href = i18n.localized_path(locale, f"/staff/patients/{patient_id}") if patient_id else ""


def _id(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _wanted(patient: str, typed: dict[str, str]) -> intake.NewAssignment:
    """Return what was asked for. Raises NotFound and InputRefused."""
    if not typed.get("url"):
        raise InputRefused("url", N_("Choose a form."))
    key, patient_id = known_id(typed.get("key", "")), known_id(patient)
    is_private = typed.get("private") == "yes"
    if not typed.get("every", "").strip():
        return intake.NewAssignment(key, patient_id, typed["url"], is_private=is_private)
    every = typed["every"].strip()
    if not (every.isascii() and every.isdigit() and len(every) <= len("366")):
        raise InputRefused("every", N_("Write a number of days from 1 to 366."))
    return intake.NewAssignment(key, patient_id, typed["url"], int(every), day_of(typed, "until"), is_private)


def _row(one: intake.Assignment) -> dict[str, str]:
    title = intake.said(one.questionnaire.title, i18n.current(), one.questionnaire.language)
    again = ""
    if one.every_days is not None and one.until is not None:
        days = ngettext("Every {count} day until {day}", "Every {count} days until {day}", one.every_days)
        again = days.format(count=i18n.format_number(one.every_days), day=i18n.format_long_date(one.until))
    return {
        "id": str(one.id),
        "patient": one.patient_name,
        "href": i18n.localized_path(i18n.current(), f"/staff/patients/{one.patient_id}"),
        "form_title": title,
        "state": _("Overdue") if one.is_overdue else _("Outstanding"),
        "tone": "caution" if one.is_overdue else "info",
        "due": _("Until {moment}").format(moment=i18n.format_moment(one.due_at, one.zone)),
        "begun": _("In progress") if one.status == "in-progress" else _("Not yet started"),
        "again": again,
        "end": _("Ask no more: {title}, {name}").format(title=title, name=one.patient_name),
    }
