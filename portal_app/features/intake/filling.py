"""Fill in a form: begun once for a visit, each answer kept as it is given, gone on with on any device."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from portal_app.core import audit, clock, policy
from portal_app.core.actor import Section
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound, OutOfScope
from portal_app.core.files import existing_files
from portal_app.features.alerts import service as alerts
from portal_app.features.intake import policies, statements
from portal_app.features.intake.checking import fault_of_answer, find_item, is_urgent
from portal_app.features.intake.errors import AnswersOutOfOrder, FormAlreadySent, OnlyOneself
from portal_app.features.intake.items import Item, Questionnaire, file_of
from portal_app.features.intake.offering import as_called, offered
from portal_app.features.intake.parsing import read_questionnaire
from portal_app.features.intake.views import Conflict, FormDue, FormView, GivenAnswer, Saved
from portal_app.features.profile import service as profile

OPENS: Final = timedelta(days=14)
"""How long before a visit its forms can be filled in."""
MOST_AT_ONCE: Final = 200
LONGEST_KEY: Final = 1_000


@lru_cache(maxsize=128)
def known(questionnaire_id: UUID, resource: str) -> Questionnaire:
    """Return a version of a questionnaire; versions never change, so it is read once."""
    del questionnaire_id  # found by it without comparing the whole text
    return read_questionnaire(resource)


async def forms_for_visit(tx: Transaction, appointment_id: UUID) -> Sequence[FormDue]:
    """Return the forms of a visit of the chart acted for; new ones only while they can be filled in.

    Raises:
        NotFound: if the actor has no such visit, or its forms were not shared with them.
    """
    policy.require(tx.actor, policies.SEE.name)
    visit = await _visit(tx, appointment_id)
    if not visit.sees_forms:
        raise NotFound
    rows: list[Any] = list(await tx.all(statements.STARTED, {"appointment_id": appointment_id}))
    if _is_open(visit):
        params = {"appointment_id": appointment_id, "visit_type_id": visit.visit_type_id}
        begun = {row.url for row in rows}
        rows += [row for row in await tx.all(statements.DUE, params) if row.url not in begun]
    is_own = await profile.acts_for_self(tx)
    return [_due(row, is_own=is_own, is_only_seen=not visit.fills_in) for row in rows]


def _due(row: Any, *, is_own: bool, is_only_seen: bool) -> FormDue:
    questionnaire = known(row.id, row.resource)
    is_for_them = is_own or not questionnaire.self_report
    return FormDue(
        row.url, questionnaire, row.status or "new", row.response_id, row.submitted_at, is_for_them, is_only_seen
    )


async def _visit(tx: Transaction, appointment_id: UUID) -> Any:
    found = await tx.first(statements.VISIT, {"id": appointment_id, "patient_id": tx.actor.patient_id})
    if found is None:
        raise NotFound
    return found


def _is_open(visit: Any) -> bool:
    is_ahead = visit.starts_at - OPENS <= clock.now() <= visit.ends_at
    return visit.status in ("booked", "arrived") and is_ahead


async def open_form(tx: Transaction, appointment_id: UUID, url: str) -> UUID:
    """Begin a form for a visit, or return the one that was begun, whoever began it.

    Raises:
        NotFound: if the actor has no such visit, or no such form is asked for it now.
        OnlyOneself: if only the patient may answer it.
        OutOfScope: if the actor may only see it.
    """
    policy.require(tx.actor, policies.FILL_IN.name)
    due = next((one for one in await forms_for_visit(tx, appointment_id) if one.url == url), None)
    if due is None:
        raise NotFound
    if not due.is_for_them:
        raise OnlyOneself
    if due.is_only_seen:
        raise OutOfScope(Section.forms)
    if due.response_id is not None:
        return due.response_id
    visit = await _visit(tx, appointment_id)
    row: Any = next(
        one
        for one in await tx.all(statements.DUE, {"appointment_id": visit.id, "visit_type_id": visit.visit_type_id})
        if one.url == url
    )
    params = {"id": uuid4(), "questionnaire_id": row.id, "url": url, "patient_id": visit.patient_id,
              "confidentiality": visit.confidentiality, "appointment_id": visit.id, "locale": tx.actor.locale,
              "person_id": tx.actor.person_id, "now": clock.now()}  # fmt: skip
    if await tx.execute(statements.START, params):
        await _record(tx, "intake.start", params["id"])
        return UUID(str(params["id"]))
    started = await tx.all(statements.STARTED, {"appointment_id": visit.id})  # by another tap, at the same time
    return UUID(str(next(one.response_id for one in started if one.url == url)))


async def form(tx: Transaction, response_id: UUID) -> FormView:
    """Return a form to go on with, or to see, or one that was sent.

    Whoever looks as the patient sees it reads no answer that was not sent, nor how far it is: at work nobody does.

    Raises:
        NotFound: if the chart acted for has no such form.
        OnlyOneself: if only the patient may answer it.
    """
    policy.require(tx.actor, policies.SEE.name)
    row = await form_row(tx, response_id)
    questionnaire = known(row.questionnaire_id, row.resource)
    is_draft_of_others = tx.actor.is_onlooker() and row.status != "completed"
    answers: Sequence[Any] = () if is_draft_of_others else await tx.all(statements.ANSWERS, {"id": response_id})
    await _record(tx, "intake.view", response_id)
    place = "" if is_draft_of_others else row.place  # to be asked a question can tell an answer
    return FormView(
        row.id, row.appointment_id, questionnaire, row.status, place, row.latest,
        {one.key: one.value["values"] for one in answers}, {one.key: one.number for one in answers}, row.submitted_at,
        is_only_seen=not row.fills_in,
    )  # fmt: skip


async def form_row(tx: Transaction, response_id: UUID) -> Any:
    """Return the row of a form of the chart acted for. Raises NotFound and OnlyOneself."""
    row: Any = await tx.first(statements.FORM, {"id": response_id, "patient_id": tx.actor.patient_id})
    if row is None:
        raise NotFound
    if known(row.questionnaire_id, row.resource).self_report and not await profile.acts_for_self(tx):
        raise OnlyOneself
    return row


async def form_to_fill_in(tx: Transaction, response_id: UUID) -> Any:
    """Return the row of a form that the actor may answer. Raises as `form_row`, and OutOfScope."""
    row = await form_row(tx, response_id)
    if not row.fills_in:
        raise OutOfScope(Section.forms)
    return row


async def save_answers(
    tx: Transaction, response_id: UUID, client_id: UUID, given: Sequence[GivenAnswer], place: str = ""
) -> Saved:
    """Keep answers in the order in which a device gave them; what has come before is not kept again.

    `place` is the key of what the person is at now, "" where the device does not know. It moves without an answer too.

    Raises:
        NotFound, OnlyOneself: as `form`.
        OutOfScope: if the actor may only see it.
        FormAlreadySent: if the form was sent meanwhile.
        AnswersOutOfOrder: if one before the first is missing; nothing is kept.
    """
    policy.require(tx.actor, policies.FILL_IN.name)
    row = await form_to_fill_in(tx, response_id)
    locked: Any = await tx.first(statements.LOCK_FORM, {"id": response_id})
    if locked is None:  # what was sent is no longer theirs to lock
        raise FormAlreadySent
    before = int(await tx.scalar(statements.BEFORE, {"id": response_id, "client_id": client_id}))
    questionnaire = known(row.questionnaire_id, row.resource)
    fresh = await _as_called(tx, questionnaire, [one for one in given[:MOST_AT_ONCE] if one.sequence > before])
    for expected, one in enumerate(fresh, before + 1):
        if one.sequence != expected:
            raise AnswersOutOfOrder(expected)
    keeper = _Keeper(tx, row, client_id, locked.latest)
    await keeper.look(fresh)
    for one in fresh:
        await keeper.keep(one)
    place = place[:LONGEST_KEY] or row.place
    if fresh or place != row.place:
        await tx.execute(statements.MOVE_ON, {"id": response_id, "latest": keeper.number, "place": place})
    if before == 0 and fresh:
        await _record(tx, "intake.answer", response_id)
    return keeper.saved(before + len(fresh))


async def _as_called(
    tx: Transaction, questionnaire: Questionnaire, given: Sequence[GivenAnswer]
) -> Sequence[GivenAnswer]:
    """Return answers with what they refer to called as the portal calls it, whatever the device did."""

    def is_reference(item: Item | None, one: GivenAnswer) -> bool:
        return item is not None and item.type == "reference" and not fault_of_answer(item, one.values)

    named = {n for n, one in enumerate(given) if is_reference(find_item(questionnaire, one.key), one)}
    if not named:
        return given
    known_now = await offered(tx, questionnaire)
    return [replace(one, values=as_called(one.values, known_now)) if n in named else one for n, one in enumerate(given)]


class _Keeper:
    """Adds answers to one form, and remembers what stands."""

    def __init__(self, tx: Transaction, row: Any, client_id: UUID, latest: int) -> None:
        self._tx, self._row, self._client_id, self.number = tx, row, client_id, latest
        self._questionnaire = known(row.questionnaire_id, row.resource)
        self._standing: dict[str, tuple[int, Sequence[Any], UUID]] = {}
        self._conflicts: dict[str, Conflict] = {}
        self._refused: list[str] = []
        self._files: frozenset[UUID] = frozenset()
        self._now = clock.now()

    async def look(self, given: Sequence[GivenAnswer]) -> None:
        """Remember what stands for the questions that are answered now, and which files they name that are there."""
        named = [file for one in given for file in self._files_of(one)]
        self._files = await existing_files(self._tx, named) if named else frozenset()
        keys = list({one.key for one in given if find_item(self._questionnaire, one.key) is not None})
        rows: Sequence[Any] = await self._tx.all(statements.STANDING, {"id": self._row.id, "keys": keys})
        self._standing = {one.key: (one.number, one.value["values"], one.client_id) for one in rows}

    async def keep(self, one: GivenAnswer) -> None:
        """Add one answer: as what counts, as one of two that differ, or as refused."""
        standing = self._standing_of(one)
        self.number += 1
        is_known = standing != "refused"
        params = {"id": self._row.id, "number": self.number, "patient_id": self._row.patient_id,
                  "confidentiality": self._row.confidentiality, "client_id": self._client_id,
                  "sequence": one.sequence, "key": one.key if is_known else "", "standing": standing,
                  "value": {"values": list(one.values) if is_known else []}, "person_id": self._tx.actor.person_id,
                  "given_at": min(one.given_at, self._now), "now": self._now}  # fmt: skip
        await self._tx.execute(statements.ADD_ANSWER, params)
        if standing == "kept":
            self._standing[one.key] = (self.number, one.values, self._client_id)
            self._conflicts.pop(one.key, None)
        if is_known:
            await self._tell(one)

    async def _tell(self, one: GivenAnswer) -> None:
        """Have somebody look at once at what cannot wait, also where another device says otherwise."""
        item = find_item(self._questionnaire, one.key)
        if item is not None and is_urgent(item, one.values):
            source_id = uuid5(self._row.id, f"{self._client_id}:{one.sequence}")
            alert = alerts.NewAlert(
                self._row.patient_id, "forms", "forms.self_harm", "critical", source_id, self._row.confidentiality
            )
            await alerts.raise_alert(self._tx, alert)

    def _files_of(self, one: GivenAnswer) -> list[UUID]:
        item = find_item(self._questionnaire, one.key)
        if item is None or item.type != "attachment" or fault_of_answer(item, one.values):
            return []
        return [file_of(self._row.id, value["file"]) for value in one.values]

    def _standing_of(self, one: GivenAnswer) -> str:
        is_wrong = bool(fault_of_answer(find_item(self._questionnaire, one.key), one.values))
        if is_wrong or not self._files.issuperset(self._files_of(one)):
            self._refused.append(one.key)
            return "refused"
        number, values, client_id = self._standing.get(one.key, (0, (), self._client_id))
        if number == one.base or client_id == self._client_id or list(values) == list(one.values):
            return "kept"
        self._conflicts[one.key] = Conflict(one.key, values, number)
        return "conflict"

    def saved(self, sequence: int) -> Saved:
        """Return what came of it, up to the how-manieth answer of the device."""
        numbers = {key: number for key, (number, _values, _client) in self._standing.items()}
        return Saved(sequence, self.number, numbers, tuple(self._conflicts.values()), tuple(self._refused))


async def current_answers(tx: Transaction, response_id: UUID) -> Mapping[str, Sequence[Any]]:
    """Return the answers that stand now, by key."""
    rows: Sequence[Any] = await tx.all(statements.ANSWERS, {"id": response_id})
    return {one.key: one.value["values"] for one in rows}


async def _record(tx: Transaction, action: str, response_id: Any) -> None:
    await audit.record(
        tx, action, patient_id=tx.actor.patient_id, entity="QuestionnaireResponse", entity_id=response_id
    )
