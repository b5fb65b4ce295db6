"""A form that a patient sent, and the forms of a chart, for whoever treats the patient."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import reflex as rx

from portal_app.core import db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _
from portal_app.features.intake import service as intake
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class StaffForm(PortalState, rx.State):
    """One form that was sent."""

    is_ready: bool = False
    is_missing: bool = False
    title: str = ""
    who: str = ""
    sent: str = ""
    totals: list[dict[str, str]] = []
    answers: list[dict[str, str]] = []
    signature: str = ""
    signed_words: str = ""
    drawn: str = ""
    reviewed: str = ""
    chart_href: str = ""
    _id: str = ""

    @handles("intake.read")
    async def on_load(self) -> None:
        """Show what was answered; that it was looked at is recorded."""
        self._id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        async with db.opened().act_as(self._credential(), "intake.read") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._watch(f"form:{self._id}")

    @handles("intake.read", writes=True)
    async def on_review(self) -> None:
        """Mark it as read."""
        async with db.opened().act_as(self._credential(), "intake.read") as tx:
            await intake.review_form(tx, known_id(self._id))
            await self._show(tx, is_repeated=True)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "intake.read") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: Transaction, *, is_repeated: bool) -> None:
        self.is_ready = True
        try:
            form = await intake.sent_form(tx, known_id(self._id), is_repeated=is_repeated)
        except NotFound:
            self.is_missing = True
            return
        self.is_missing = False
        with i18n.use(self._locale()):
            self._fill(form)

    def _fill(self, form: intake.SentForm) -> None:
        asked = form.questionnaire
        self.title, self.who = intake.said(asked.title, i18n.current(), asked.language), form.patient_name
        self.sent = sent_words(form)
        self.totals, self.answers = total_rows(form), answer_rows(form)
        self.chart_href = i18n.localized_path(self._locale(), f"/staff/patients/{form.patient_id}")
        self.reviewed = self.signature = self.signed_words = self.drawn = ""
        if form.reviewed_at is not None:
            moment = i18n.format_moment(form.reviewed_at, form.zone)
            self.reviewed = _("Read by {name}, {moment}").format(name=form.reviewed_by, moment=moment)
        if form.signature is not None:
            moment = i18n.format_moment(form.signature.at, form.zone)
            self.signature = _("Signed as {name}, {moment}").format(name=form.signature.name, moment=moment)
            self.signed_words, self.drawn = form.signature.words, form.signature.drawn
            if not form.signature.is_bound:
                self.signature = _("This signature was not given under this form. Ask the patient to sign again.")
                self.drawn = ""


class ChartForms(PortalState, rx.State):
    """The forms of a chart, on the page of the patient."""

    forms: list[dict[str, str]] = []
    ask_href: str = ""

    @handles("patients.view")
    async def on_load(self) -> None:
        """Show the forms of the chart of the address, none to whoever does not read answers."""
        self.forms, self.ask_href = [], ""
        try:
            patient_id = UUID(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])
        except ValueError:
            return
        async with db.opened().act_as(self._credential(), "patients.view") as tx:
            found, may_ask = await intake.sent_forms(tx, patient_id), intake.may_ask(tx)
        if may_ask:
            self.ask_href = i18n.localized_path(self._locale(), f"/staff/outstanding?patient={patient_id}")
        with i18n.use(self._locale()):
            self.forms = [_row(one) for one in found]


def _row(one: intake.FormRow) -> dict[str, str]:
    form = one.questionnaire
    return {
        "href": i18n.localized_path(i18n.current(), f"/staff/forms/{one.response_id}"),
        "form_title": intake.said(form.title, i18n.current(), form.language),
        "detail": i18n.format_moment(one.submitted_at, one.zone),
        "mark": "" if one.is_reviewed else _("Not read yet"),
    }


def sent_words(form: intake.SentForm) -> str:
    """Say who sent a form, and when."""
    moment = i18n.format_moment(form.submitted_at, form.zone)
    if form.is_by_patient:
        return _("Sent by the patient, {moment}").format(moment=moment)
    return _("Sent by {name} for the patient, {moment}").format(name=form.submitted_by, moment=moment)


def total_rows(form: intake.SentForm | intake.OwnForm) -> list[dict[str, str]]:
    """Say each total with what it means; an unanswered question means that there is none."""
    base, rows = form.questionnaire.language, []
    for item in form.questionnaire.every():
        if item.link_id in form.totals:
            total = form.totals[item.link_id]
            band = next((one for one in reversed(item.bands) if total is not None and total >= one.low), None)
            meaning = intake.said(band.words, i18n.current(), base) if band else ""
            number = _("None: not every question was answered") if total is None else i18n.format_number(total)
            fact = " · ".join(filter(None, (number, meaning)))
            rows.append({"term": intake.said(item.words, i18n.current(), base), "fact": fact})
    return rows


def answer_rows(form: intake.SentForm | intake.OwnForm) -> list[dict[str, str]]:
    """Return each question with its answer, in the reader's language and in the one it was answered in."""
    base = form.questionnaire.language
    rows = []
    for place in intake.Sheet(form.questionnaire, form.answers).places():
        item = place.item
        if not item.is_asked():
            continue
        own, theirs = (intake.said(item.words, one, base) for one in (i18n.current(), form.locale))
        values = form.answers.get(place.key, ())
        row = {
            "question": own,
            "theirs": theirs if theirs != own else "",
            "lang": form.locale,
            "answer": _words(item, values, base) or _("Not answered"),
            "answer_theirs": _words_in(form.locale, item, values, base),
            "is_empty": "" if values else "yes",
            "file_href": "",
        }  # fmt: skip
        files = values if item.type == "attachment" else ()
        rows += [row | {"answer": one["name"], "file_href": _file(form, one["file"])} for one in files] or [row]
    return rows


def _words(item: intake.Item, values: Sequence[Any], base: str) -> str:
    return "; ".join(_value(item, one, base) for one in values)


def _words_in(locale: str, item: intake.Item, values: Sequence[Any], base: str) -> str:
    """Return an answer as it read to whoever gave it; "" where it reads the same."""
    with i18n.use(locale):
        theirs = _words(item, values, base)
    return theirs if theirs != _words(item, values, base) else ""


def _file(form: intake.SentForm | intake.OwnForm, key: str) -> str:
    """Return where a file that was sent can be had; "" on the patient's own list, which only names it."""
    return f"/files/{intake.file_of(form.response_id, key)}" if isinstance(form, intake.SentForm) else ""


def _value(item: intake.Item, value: Any, base: str) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if item.type in ("attachment", "reference"):
        return str(value["name" if item.type == "attachment" else "display"])
    if isinstance(value, dict):
        return str(
            value.get("text") or f"{value.get('value', '')} {_named(item.units, value.get('unit', ''), base)}".strip()
        )
    return _named(item.options, str(value), base)


def _named(options: Sequence[intake.Option], key: str, base: str) -> str:
    return next((intake.said(one.words, i18n.current(), base) for one in options if one.key == key), key)
