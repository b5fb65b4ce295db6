"""Say what is true of one's lists, one answer at a time. Nothing here changes a list: it becomes a proposed change."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from portal_app.core import clock, i18n, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound, OutOfScope
from portal_app.features.chart import policies, rules, statements
from portal_app.features.chart.errors import AnswerSeen, EntryMovedOn, ListFull, ReviewIncomplete, at_field
from portal_app.features.chart.reading import change_of, lists, record
from portal_app.features.chart.views import Review
from portal_app.features.profile import service as profile

FRESH: Final = timedelta(days=7)
"""A review that somebody has finished counts for a visit so long."""
State = Literal["to_do", "begun", "done"]


async def review_state(tx: Transaction, patient_id: UUID, appointment_id: UUID | None = None) -> State:
    """Tell how far the patient's side has come with the lists for a visit; seen as far as forms are.

    A review finished in the last week counts for every visit. Without a visit it is the one at any time.
    """
    params = {"patient_id": patient_id, "appointment_id": appointment_id, "since": clock.now() - FRESH}
    row = await tx.one(statements.REVIEW_STATE, params)
    return "done" if row.is_done else "begun" if row.is_open else "to_do"


async def review(tx: Transaction, appointment_id: UUID | None = None, *, is_repeated: bool = False) -> Review:
    """Return the lists of the chart acted for, with what was answered so far.

    Raises:
        NotFound: if the visit is none of the chart acted for.
    """
    policy.require(tx.actor, policies.TELL.name)
    patient_id = await _whose(tx, appointment_id)
    if not is_repeated:
        await record(tx, "chart.see", patient_id)
    shown = await lists(tx, patient_id)
    state = await review_state(tx, patient_id, appointment_id)
    # What was said in a review that is finished stays said; a later answer takes its place.
    params = _of(patient_id, appointment_id) | {"since": clock.now() - FRESH}
    reviews = [row.id for row in await tx.all(statements.SHOWN_REVIEWS, params)]
    mine = [change_of(row) for row in await tx.all(statements.TOLD, {"reviews": reviews})]
    answers = {one.entry_id: one for one in mine if one.entry_id is not None}
    return Review(state, shown, answers, tuple(one for one in mine if one.entry_id is None))


async def answer(
    tx: Transaction, appointment_id: UUID | None, entry_id: UUID, version: int, verb: str, words: str = ""
) -> None:
    """Keep what is said of an entry, as it was when it was shown; a later answer takes the place of an earlier one.

    Raises:
        NotFound: if there is no such entry, or no such visit.
        EntryMovedOn: if the entry has changed in the meantime.
        AnswerSeen: if the care team has decided about the earlier answer.
        InputRefused: if an answer is not one of those, or misses its words.
    """
    policy.require(tx.actor, policies.TELL.name)
    patient_id = await _whose(tx, appointment_id)
    entry: Any = await tx.first(statements.ONE_ENTRY, {"id": entry_id, "patient_id": patient_id})
    if entry is None:
        raise NotFound
    if entry.version != version or entry.status != "active":
        raise EntryMovedOn
    try:
        said = rules.answer_words(entry.kind, verb, words)
    except rules.Refused as error:
        raise at_field(error) from error
    kind = "medication" if entry.kind == "medication" else "allergy"
    new = await _told(tx, patient_id, appointment_id, kind, verb, {"words": said} if said else {}, uuid4())
    new |= {"entry_id": entry_id, "entry_version": version}
    new["confidentiality"] = max(new["confidentiality"], entry.confidentiality)
    if not await tx.execute(statements.TELL, new) and not await tx.execute(statements.TELL_AGAIN, new):
        raise AnswerSeen
    await record(tx, "chart.tell", patient_id, entry_id)


async def add(tx: Transaction, appointment_id: UUID | None, kind: str, typed: Mapping[str, str], key: UUID) -> None:
    """Keep something that is on no list, in the patient's words; the same key keeps it once.

    Raises:
        NotFound: if there is no such visit or kind.
        InputRefused: if something cannot be kept, at its field.
        ListFull: if more was added than anybody takes.
    """
    policy.require(tx.actor, policies.TELL.name)
    if kind not in rules.KINDS:
        raise NotFound
    try:
        content = rules.content_of(kind, typed)
    except rules.Refused as error:
        raise at_field(error) from error
    await _say(tx, appointment_id, kind, "new", content, key)


async def say_none(tx: Transaction, appointment_id: UUID | None, key: UUID) -> None:
    """Keep that there are no allergies, where the list says nothing of any. Raises as `add`.

    Raises:
        EntryMovedOn: if there is something on the list of allergies by now.
    """
    policy.require(tx.actor, policies.TELL.name)
    patient_id = await _whose(tx, appointment_id)
    if (await lists(tx, patient_id)).standing("allergy", "no_allergies"):
        raise EntryMovedOn
    found = await review(tx, appointment_id, is_repeated=True)
    if not any(one.verb == "none" for one in found.added):
        await _say(tx, appointment_id, "allergy", "none", {}, key)


async def withdraw(tx: Transaction, change_id: UUID) -> None:
    """Take back something that was added, as long as nobody has decided about it. Twice changes nothing."""
    policy.require(tx.actor, policies.TELL.name)
    params = {"id": change_id, "patient_id": tx.actor.patient_id, "person_id": tx.actor.person_id}
    if await tx.execute(statements.WITHDRAW, params):
        assert tx.actor.patient_id  # noqa: S101 - a row of theirs was found
        await record(tx, "chart.withdraw", tx.actor.patient_id)


async def finish(tx: Transaction, appointment_id: UUID | None) -> None:
    """Say that this is all. Finishing twice changes nothing.

    Raises:
        ReviewIncomplete: if something on the lists has no answer.
        NotFound: if there is no such visit.
    """
    policy.require(tx.actor, policies.TELL.name)
    found = await review(tx, appointment_id, is_repeated=True)
    if found.state == "done":
        return  # what is said after that is with the care team already
    if any(one.id not in found.answers for one in found.lists.standing("medication", "allergy", "no_allergies")):
        raise ReviewIncomplete
    review_id, _level = await _begun(tx, found.lists.patient_id, appointment_id)
    params = {"id": review_id, "person_id": tx.actor.person_id, "name": tx.actor.display_name, "now": clock.now()}
    if await tx.execute(statements.END_REVIEW, params):
        await record(tx, "chart.finish_review", found.lists.patient_id)


async def _say(
    tx: Transaction, appointment_id: UUID | None, kind: str, verb: str, content: Mapping[str, str], key: UUID
) -> None:
    patient_id = await _whose(tx, appointment_id)
    new = await _told(tx, patient_id, appointment_id, kind, verb, content, key)
    if int(await tx.scalar(statements.ADDED, {"review_id": new["review_id"]})) >= rules.MOST:
        raise ListFull
    if await tx.execute(statements.TELL, new):
        await record(tx, "chart.tell", patient_id)


async def _told(
    tx: Transaction, patient_id: UUID, appointment_id: UUID | None, kind: str, verb: str, content: Mapping[str, str],
    key: UUID,
) -> dict[str, Any]:  # fmt: skip
    review_id, level = await _begun(tx, patient_id, appointment_id)
    if await tx.scalar(statements.LOCK_REVIEW, {"id": review_id}) is None:
        raise AnswerSeen
    return {
        "id": uuid4(), "patient_id": patient_id, "confidentiality": level, "review_id": review_id, "kind": kind,
        "entry_id": None, "entry_version": None, "verb": verb, "content": dict(content), "locale": i18n.current(),
        "person_id": tx.actor.person_id, "name": tx.actor.display_name, "is_own": await profile.acts_for_self(tx),
        "now": clock.now(), "request_key": key, "status": "noted" if verb in rules.NOTED else "proposed",
    }  # fmt: skip


async def _begun(tx: Transaction, patient_id: UUID, appointment_id: UUID | None) -> tuple[UUID, str]:
    params = _of(patient_id, appointment_id)
    row = await tx.first(statements.OPEN_REVIEW, params)
    if row is None:
        level = await tx.scalar("select c.confidentiality from patient c where c.id = :id", {"id": patient_id}) or "N"
        if appointment_id is not None:
            level = await tx.scalar(statements.VISIT, {"id": appointment_id, "patient_id": patient_id})
        new = {"id": uuid4(), "confidentiality": level, "person_id": tx.actor.person_id, "now": clock.now()}
        await tx.execute(statements.BEGIN_REVIEW, params | new)  # two taps at once: the other one's stands
        row = await tx.one(statements.OPEN_REVIEW, params)
    return row.id, row.confidentiality


async def _whose(tx: Transaction, appointment_id: UUID | None) -> UUID:
    if tx.actor.patient_id is None:
        raise NotFound
    if not await tx.scalar("select may('view', 'results', :id, 'N')", {"id": tx.actor.patient_id}):
        raise OutOfScope("results")  # an empty list would say that there is nothing on it
    params = {"id": appointment_id, "patient_id": tx.actor.patient_id}
    if appointment_id is not None and await tx.scalar(statements.VISIT, params) is None:
        raise NotFound
    return tx.actor.patient_id


def _of(patient_id: UUID, appointment_id: UUID | None) -> dict[str, Any]:
    return {"patient_id": patient_id, "appointment_id": appointment_id}
