"""What patients ask about their bills, for billing. Live."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import reflex as rx

from portal_app.core import clock, db, i18n
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.billing import questions
from portal_app.features.billing.errors import QuestionOver
from portal_app.features.tasks import service as tasks
from portal_app.features.tasks.service import TaskMovedOn, TaskView
from portal_app.state import bill_question_words as say
from portal_app.state.base import PortalState, handles
from portal_app.state.frame import Frame
from portal_app.state.ids import known_id

SENT = N_("Sent: the patient reads it on the bill.")
SETTLED = N_("Noted: you have spoken about it.")
TAKEN = N_("It is yours now.")


class StaffBillQuestions(PortalState, rx.State):
    """Billing's page of questions."""

    is_ready: bool = False
    open: list[dict[str, str]] = []
    ended: list[dict[str, str]] = []
    answering: str = ""
    answering_about: str = ""
    answering_words: str = ""
    answer_error: str = ""
    attempt: str = ""
    news: str = ""
    problem: str = ""

    @handles("billing.keep_books")
    async def on_load(self) -> None:
        """Show what waits, the most urgent first; the one that the address names is opened."""
        self.news = self.problem = self.answering = self.answer_error = ""
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await (await self.get_state(Frame))._fill(tx)
            await self._show(tx, is_repeated=False)
        self._begin(self.router.url.query_parameters.get("id", ""))
        self._watch("charges", "tasks:all")

    @handles("billing.keep_books")
    async def on_begin_answer(self, question_id: str) -> None:
        """Ask what to answer."""
        self._begin(question_id)

    @handles("billing.keep_books")
    async def on_stop_answer(self) -> None:
        """Answer nothing yet."""
        self.answering = ""

    @handles("billing.keep_books", writes=True)
    async def on_answer(self, form: dict[str, str]) -> None:
        """Send the answer to the question that the form is about."""
        self.attempt = clock.now().isoformat()

        async def answer(tx: Transaction, question_id: UUID) -> None:
            await questions.answer_question(tx, question_id, str(form.get("answer", "")))

        try:
            await self._change(answer, str(form.get("question", "")), SENT)
        except InputRefused as error:
            with i18n.use(self._locale()):
                self.answer_error = _(error.reason)
            return
        self.answering = ""

    @handles("billing.keep_books", writes=True)
    async def on_settle(self, question_id: str) -> None:
        """Note that it was settled by speaking about it."""
        await self._change(questions.close_question, question_id, SETTLED)

    @handles("billing.keep_books", writes=True)
    async def on_take(self, question_id: str) -> None:
        """Take a question, from whoever the page shows as having it."""

        async def take(tx: Transaction, question: UUID) -> None:
            found = await _task_of(tx)
            if question not in found:
                raise TaskMovedOn
            await tasks.claim_task(tx, found[question].id, found[question].owner_id)

        await self._change(take, question_id, TAKEN)

    def _begin(self, question_id: str) -> None:
        row = next((one for one in self.open if one["id"] == question_id), None)
        if row is not None:
            self.answering, self.answer_error = question_id, ""
            self.answering_about = " · ".join(filter(None, (row["bill"], row["kind"], row["about"])))
            self.answering_words = row["words"]

    async def _change(self, act: Callable[[Transaction, UUID], Awaitable[None]], given: str, done: str) -> None:
        self.news, refused = "", ""
        try:
            async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
                await act(tx, known_id(given))
        except (QuestionOver, TaskMovedOn) as error:
            refused = error.message
        await self._refresh()
        with i18n.use(self._locale()):
            self.news, self.problem = "" if refused else _(done), _(refused) if refused else ""

    async def _refresh(self) -> None:
        async with db.opened().act_as(self._credential(), "billing.keep_books") as tx:
            await self._show(tx, is_repeated=True)

    async def _show(self, tx: Transaction, *, is_repeated: bool) -> None:
        found = await questions.questions(tx, is_repeated=is_repeated)
        owners, me, locale = await _task_of(tx), tx.actor.person_id, self._locale()
        with i18n.use(locale):
            rows = []
            for one in found:
                task = owners.get(one.id)
                owner = task.owner_name if task and task.status == "accepted" else ""
                is_mine = bool(owner) and task is not None and task.owner_id == me
                rows.append(say.desk_row(one, owner, is_mine=is_mine, locale=locale))
        self.open = [one for one in rows if one["is_open"]]
        self.ended = [one for one in rows if not one["is_open"]]
        self.is_ready = True


async def _task_of(tx: Transaction) -> dict[UUID, TaskView]:
    found = await tasks.list_tasks(tx, codes=[questions.TASK], is_repeated=True)
    return {one.focus_id: one for one in found if one.closed_at is None}
