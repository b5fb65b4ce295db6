"""What to know of a patient before one visit: forms with what their scores mean and whether that has changed. Live."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.errors import NotFound
from portal_app.core.i18n import _, ngettext
from portal_app.features.intake import service as intake
from portal_app.features.notes import service as notes
from portal_app.state import booking_words
from portal_app.state.base import PortalState, handles
from portal_app.state.documents import Documents
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id
from portal_app.state.staff_form import answer_rows, sent_words, total_rows
from portal_app.state.visit_readings import VisitReadings

FORMS_MOST = 8
"""So many forms are shown, the newest of each kind."""


class StaffBefore(PortalState, rx.State):
    """The page before one visit."""

    is_ready: bool = False
    is_missing: bool = False
    name: str = ""
    when: str = ""
    reason: str = ""
    about: str = ""
    forms: list[dict[str, str | list[dict[str, str]]]] = []
    can_mark: bool = False
    news: str = ""
    _id: str = ""
    _patient: str = ""
    _unread: list[str] = []

    @handles("intake.read")
    async def on_load(self) -> None:
        """Show what is known before the visit of the address."""
        self._id, self.news = self.router.url.query_parameters.get("id", ""), ""
        self.is_missing = False
        async with db.opened().act_as(self._credential(), "intake.read") as tx:
            await (await self.get_state(Frame))._fill(tx)
            try:
                visit = await notes.visit_at_work(tx, known_id(self._id))
            except NotFound:
                self.is_missing = self.is_ready = True
                return
            self._patient = str(visit.patient_id)
            with i18n.use(self._locale()):
                self._about(visit)
            await (await self.get_state(Documents))._fill_chart(tx, visit.patient_id)
            await (await self.get_state(VisitReadings))._fill(tx, visit.patient_id)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{self._patient}", f"note:{self._id}")

    @handles("intake.read")
    async def on_load_beside(self) -> None:
        """Show the forms beside the picture; the page of the room shows the rest of what is known by itself."""
        self._id, self.news, self.forms, self._unread = self.router.url.query_parameters.get("id", ""), "", [], []
        self.can_mark = False
        async with db.opened().act_as(self._credential(), "intake.read") as tx:
            try:
                visit = await notes.visit_at_work(tx, known_id(self._id), is_repeated=True)
            except NotFound:
                self.is_missing = self.is_ready = True
                return
            self.is_missing, self._patient = False, str(visit.patient_id)
            await self._show(tx, is_repeated=False)
        self._watch(f"patient:{self._patient}", f"note:{self._id}")

    @handles("intake.read", writes=True)
    async def on_review(self) -> None:
        """Mark every form on the page as read, as far as it was shown."""
        async with db.opened().act_as(self._credential(), "intake.read") as tx:
            for form_id in self._unread:
                await intake.review_form(tx, known_id(form_id))
            await self._show(tx, is_repeated=True)
        with i18n.use(self._locale()):
            self.news = _("Marked as read.")

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "intake.read") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: db.Transaction, *, is_repeated: bool) -> None:
        rows = await intake.sent_forms(tx, known_id(self._patient), is_repeated=True)
        found = []
        for newest, before in _pairs(rows)[:FORMS_MOST]:
            form = await intake.sent_form(tx, newest.response_id, is_repeated=is_repeated)
            last = await intake.sent_form(tx, before.response_id, is_repeated=True) if before else None
            found.append((form, last))
        self._unread = [str(form.response_id) for form, _last in found if form.reviewed_at is None]
        self.can_mark = bool(self._unread)
        with i18n.use(self._locale()):
            self.forms = [_form(form, last) for form, last in found]
        self.is_ready = True

    def _about(self, visit: notes.VisitAtWork) -> None:
        age = i18n.format_number(booking_words.age_on(visit.birth_date, clock.now().date()))
        said = (_("{age} years").format(age=age), i18n.language_list([visit.language]), visit.pronouns)
        self.name, self.reason = visit.said_name, visit.reason
        self.when = booking_words.moment_words(visit.starts_at, visit.zone)
        self.about = " · ".join(filter(None, (self.when, *said)))


def _pairs(rows: Sequence[intake.FormRow]) -> list[tuple[intake.FormRow, intake.FormRow | None]]:
    """Return the newest form of each kind with the one before it; what nobody has read comes first."""
    kinds: dict[str, list[intake.FormRow]] = {}
    for row in rows:  # the newest first
        kinds.setdefault(row.questionnaire.url, []).append(row)
    found = [(same[0], same[1] if len(same) > 1 else None) for same in kinds.values()]
    return sorted(found, key=lambda pair: pair[0].is_reviewed)


def _form(form: intake.SentForm, last: intake.SentForm | None) -> dict[str, str | list[dict[str, str]]]:
    answers = answer_rows(form)
    empty = sum(1 for row in answers if row["is_empty"])
    unanswered = ngettext("{count} question without an answer", "{count} questions without an answer", empty)
    title = intake.said(form.questionnaire.title, i18n.current(), form.questionnaire.language)
    trend = _trend(form, last) if last else ""
    changed = _changed(answers, answer_rows(last)) if last else []
    return {
        "id": str(form.response_id), "form_title": title, "sent": sent_words(form), "scores": total_rows(form),
        "trend": trend, "unanswered": unanswered.format(count=i18n.format_number(empty)) if empty else "",
        "answers": answers, "changed": changed,
        "mark": "" if form.reviewed_at else _("Not read yet"),
    }  # fmt: skip


def _trend(form: intake.SentForm, last: intake.SentForm) -> str:
    """Say how a total stands to the one before; "" where one of them is missing."""
    said = []
    for link, total in form.totals.items():
        before = last.totals.get(link)
        if total is None or before is None:
            continue
        day = i18n.format_brief_date(booking_words.local_day(last.submitted_at, last.zone))
        words = _("Higher than {number} on {day}") if total > before else _("Lower than {number} on {day}")
        words = _("The same as on {day}: {number}") if total == before else words
        said.append(words.format(number=i18n.format_number(before), day=day))
    return " · ".join(said)


def _changed(now: list[dict[str, str]], before: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the questions whose answer is another than the last time."""
    known: dict[str, Any] = {row["question"]: row["answer"] for row in before}
    return [
        {"term": row["question"], "fact": _("{answer} (before: {before})").format(
            answer=row["answer"], before=known[row["question"]])}
        for row in now if row["question"] in known and known[row["question"]] != row["answer"]
    ]  # fmt: skip
