"""Ask to be called, take it back, call: each a row that survives everything, and a task with a clock for staff."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.actor import Role
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.callback import policies, rules
from portal_app.features.callback.errors import CallBackOver
from portal_app.features.callback.views import CallBackRequest, CallBackView
from portal_app.features.practice import service as practice
from portal_app.features.profile import service as profile
from portal_app.features.schedules import service as schedules
from portal_app.features.tasks import service as tasks

__all__ = ["CallBackOver", "CallBackRequest", "CallBackView", "answer", "ask", "last_one", "open_ones", "take_back"]

TASK: Final = "call_back"
PROVED: Final = 2
"""The assurance of whoever proved more than a code by mail: before, the number is shown in part."""
SHOWN_FOR: Final = timedelta(days=2)
"""How long somebody is told that they have been called."""

_COLUMNS: Final = (
    "b.id, b.patient_id, b.status, b.purpose, b.number, b.words, b.asked_at, b.due_at, b.zone, b.tried_at, b.tries,"
    " b.ended_at, b.confidentiality <> 'N' as is_private"
)
_ADD: Final = """
insert into call_back (id, patient_id, confidentiality, purpose, number, words, status, request_key, asked_by,
  asked_at, due_at, zone)
select :id, c.id, said_in_confidence(c.id, c.birth_date, c.confidentiality), :purpose, :number, :words, 'requested',
  :request_key, :person_id, :now, :due_at, :zone
from patient c where c.id = :patient_id
on conflict do nothing
"""
_OWN_PLACE: Final = """
select w.location_id from patient c join practitioner_location w on w.practitioner_id = c.general_practitioner_id
where c.id = :patient_id order by 1 limit 1
"""
_TAKE_BACK: Final = """
update call_back set status = 'cancelled', ended_at = :now, ended_by = :person_id
where id = :id and patient_id = :patient_id and status = 'requested'
"""
_LOCK: Final = "select status, patient_id from call_back where id = :id for update"
_REACHED: Final = """
update call_back set status = 'completed', ended_at = :now, ended_by = :person_id, tried_at = :now, tries = tries + 1
where id = :id
"""
_TRIED: Final = "update call_back set tried_at = :now, tries = tries + 1 where id = :id"


def _readable(sql: str) -> Any:
    return text(sql).columns(number=EncryptedText, words=EncryptedText)


_LAST: Final = _readable(f"""
select {_COLUMNS} from call_back b
where b.patient_id = :patient_id and b.status <> 'cancelled' and (b.ended_at is null or b.ended_at > :since)
order by b.ended_at desc nulls first limit 1
""")  # noqa: S608 - the columns above
_OPEN: Final = _readable(f"""
select {_COLUMNS}, coalesce(said_name(c.given_name, c.called), '') as given_name,
  coalesce(c.family_name, '') as family_name, coalesce(c.language, '') as language
from call_back b left join patient c on c.id = b.patient_id
where b.status = 'requested' order by b.due_at, b.id
""")  # noqa: S608 - the columns above


async def ask(tx: Transaction, request: CallBackRequest) -> CallBackView:
    """Promise the patient a call and give staff a task for it; while one is open, return that one.

    What a teen who signs in asks for themself is hidden from whoever acts for them, by the rule of their age.

    Raises:
        InputRefused: if nobody could be called under the number, or the words are too long.
    """
    policy.require(tx.actor, policies.ASK.name)
    if request.purpose not in ("bookings", "billing", "nurse"):
        raise InputRefused("purpose", N_("Choose what we should call you about."))
    words = request.words.strip()
    if len(words) > rules.WORDS_MAX:
        raise InputRefused("words", N_("Say it in 300 characters or fewer."))
    us, places = await practice.practice(tx), await practice.locations(tx)
    number = practice.readable_number(request.number, us.country)
    own: UUID | None = await tx.scalar(_OWN_PLACE, {"patient_id": tx.actor.patient_id})
    place = next((one for one in places if one.id == own), places[0])
    (facts,) = await practice.place_facts(tx, [place])
    now, call_back_id = clock.now(), uuid4()
    closed = frozenset(one.day for one in await schedules.closed_days(tx, place.id))
    due_at = rules.due_at(now, facts.hours, place.zone, closed)
    params = {
        "id": call_back_id, "patient_id": tx.actor.patient_id, "purpose": request.purpose,
        "number": crypto.encrypt(number), "words": crypto.encrypt(words) if words else None,
        "request_key": request.request_key, "person_id": tx.actor.person_id, "now": now, "due_at": due_at,
        "zone": place.zone,
    }  # fmt: skip
    if await tx.execute(_ADD, params):
        await tasks.open_task(
            tx, TASK, call_back_id, patient_id=tx.actor.patient_id, location_id=place.id, due_at=due_at
        )
        await _record(tx, "callback.ask", tx.actor.patient_id, call_back_id)
    found = await last_one(tx, is_repeated=True)
    if found is None:
        raise NotFound
    return found


async def last_one(tx: Transaction, *, is_repeated: bool = False) -> CallBackView | None:
    """Return the patient's open call-back, else one answered in the last two days; after a code, its number in part.

    That a caregiver looked is recorded, unless an open page looks again.
    """
    policy.require(tx.actor, policies.VIEW.name)
    row: Any = await tx.first(_LAST, {"patient_id": tx.actor.patient_id, "since": clock.now() - SHOWN_FOR})
    if row is not None and not is_repeated:
        await audit.record_view(tx, "callback.view", patient_id=tx.actor.patient_id, entity="Task", entity_id=row.id)
    if row is None:
        return None
    found = _view(row, has_words=True)
    return found if tx.actor.assurance >= PROVED else replace(found, number=profile.masked_number(found.number))


async def take_back(tx: Transaction, call_back_id: UUID) -> None:
    """Take the wish back; nothing happens if it is over."""
    policy.require(tx.actor, policies.ASK.name)
    params = {"id": call_back_id, "now": clock.now(), "person_id": tx.actor.person_id}
    if await tx.execute(_TAKE_BACK, params | {"patient_id": tx.actor.patient_id}):
        await tasks.close_task(tx, TASK, call_back_id, "withdrawn")
        await _record(tx, "callback.take_back", tx.actor.patient_id, call_back_id)


async def open_ones(tx: Transaction, *, seen: frozenset[UUID] = frozenset()) -> Sequence[CallBackView]:
    """Return the call-backs that the actor may answer, the most urgent first; clinical staff read the words as well.

    That each was looked at is recorded, but not again for those that this open page has `seen`.
    """
    policy.require(tx.actor, policies.ANSWER.name)
    has_words = bool(tx.actor.roles & {Role.nurse, Role.clinician})
    found = [_view(row, has_words=has_words) for row in await tx.all(_OPEN)]
    for one in found:
        if one.id not in seen:
            await _record(tx, "callback.view", one.patient_id, one.id)
    return found


async def answer(tx: Transaction, call_back_id: UUID, *, is_reached: bool) -> None:
    """Note that the patient was called, and whether they were reached; if not, they are called again.

    Raises:
        NotFound: if there is none for the actor.
        CallBackOver: if it is over by now.
    """
    policy.require(tx.actor, policies.ANSWER.name)
    found: Any = await tx.first(_LOCK, {"id": call_back_id})
    if found is None:
        raise NotFound
    if found.status != "requested":
        raise CallBackOver
    params: dict[str, Any] = {"id": call_back_id, "now": clock.now()}
    if is_reached:
        await tx.execute(_REACHED, params | {"person_id": tx.actor.person_id})
        await tasks.close_task(tx, TASK, call_back_id, "reached")
    else:
        await tx.execute(_TRIED, params)
    await _record(tx, "callback.answer", found.patient_id, call_back_id)


async def _record(tx: Transaction, action: str, patient_id: UUID | None, call_back_id: UUID) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="Task", entity_id=call_back_id)


def _view(row: Any, *, has_words: bool) -> CallBackView:
    columns = row._asdict()
    return CallBackView(**columns | {"words": (columns["words"] or "") if has_words else ""})
