"""Privacy for the manager: charts opened in an emergency, and what patients ask about who looked. Live."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.practice import service as practice
from portal_app.features.privacy import service as privacy
from portal_app.features.privacy.service import OpeningView, QuestionView
from portal_app.state import who_looked_words as words
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id


class Privacy(PortalState, rx.State):
    """The manager's page of privacy."""

    is_ready: bool = False
    openings: list[dict[str, str]] = []
    questions: list[dict[str, str]] = []
    answering: str = ""
    answering_about: str = ""
    answer_error: str = ""
    attempt: str = ""
    news: str = ""
    _zone: str = "UTC"

    @handles("privacy.review")
    async def on_load(self) -> None:
        """Show what waits to be looked into first."""
        self.news = self.answering = self.answer_error = ""
        async with db.opened().act_as(self._credential(), "privacy.review") as tx:
            await (await self.get_state(Frame))._fill(tx)
            self._zone = next((one.zone for one in await practice.locations(tx)), "UTC")
            await self._show(tx, is_repeated=False)
        self.is_ready = True
        self._watch("privacy:all")

    @handles("privacy.review", writes=True)
    async def on_reviewed(self, opening_id: str) -> None:
        """Note that an opening was looked into."""
        await self._change(privacy.review_opening, opening_id, N_("Noted: you have looked into it."))

    @handles("privacy.review", writes=True)
    async def on_end(self, opening_id: str) -> None:
        """Close a chart that is still open."""
        await self._change(privacy.end_opening, opening_id, N_("The chart is closed again."))

    @handles("privacy.review")
    async def on_begin_answer(self, question_id: str) -> None:
        """Ask what to answer."""
        row = next((one for one in self.questions if one["id"] == question_id), None)
        if row is not None:
            self.answering, self.answering_about, self.answer_error = question_id, row["about"], ""

    @handles("privacy.review")
    async def on_stop_answer(self) -> None:
        """Answer nothing yet."""
        self.answering = ""

    @handles("privacy.review", writes=True)
    async def on_answer(self, form: dict[str, str]) -> None:
        """Send the answer."""
        self.attempt = clock.now().isoformat()

        async def answer(tx: Transaction, question_id: UUID) -> None:
            await privacy.answer_question(tx, question_id, str(form.get("answer", "")))

        try:
            await self._change(answer, self.answering, N_("Sent: the patient reads it on their page."))
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.answer_error = _(error.reason)
            return
        self.answering = ""

    async def _change(self, act: Callable[[Transaction, UUID], Awaitable[None]], given: str, done: str) -> None:
        about = known_id(given)
        async with db.opened().act_as(self._credential(), "privacy.review") as tx:
            await act(tx, about)
            await self._show(tx)
        with i18n.use(self._locale()):
            self.news = _(done)

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "privacy.review") as tx:
            await self._show(tx)

    async def _show(self, tx: Transaction, *, is_repeated: bool = True) -> None:
        openings = await privacy.openings(tx, is_repeated=is_repeated)
        questions = await privacy.questions(tx, is_repeated=is_repeated)
        with i18n.use(self._locale()):
            self.openings = [_opening_row(one, self._zone) for one in openings]
            self.questions = [_question_row(one, self._zone) for one in questions]


def _opening_row(one: OpeningView, zone: str) -> dict[str, str]:
    is_open = one.ended_at is None and one.valid_until > clock.now()
    until = i18n.format_moment(one.valid_until, zone)
    return {
        "id": str(one.id),
        "who_given": one.person_name,
        "chart_given": one.patient_name,
        "why": _(words.GIVEN_REASONS[one.kind][0]),
        "typed": one.reason,
        "when": i18n.format_moment(one.opened_at, zone),
        "stands": _("Open until {moment}").format(moment=until) if is_open else _("Closed"),
        "tone": "caution" if is_open else "plain",
        "state": " ".join(filter(None, ("open" if is_open else "", "done" if one.reviewed_at else ""))),
        "reviewed": _("Looked into: {moment}").format(moment=i18n.format_moment(one.reviewed_at, zone))
        if one.reviewed_at
        else "",
    }


def _question_row(one: QuestionView, zone: str) -> dict[str, str]:
    return {
        "id": str(one.id),
        "who_given": one.patient_name,
        "about": words.line_about(one, zone),
        "typed": one.words,
        "when": i18n.format_moment(one.asked_at, zone),
        "answer_given": one.answer,
        "state": "done" if one.answered_at else "",
    }
