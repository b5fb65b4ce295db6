"""Join the line, leave it, and see it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.waiting import jobs, messages, policies, rules, statements
from portal_app.features.waiting.errors import AlreadyWaiting
from portal_app.features.waiting.looking import record_look
from portal_app.features.waiting.views import LineView, WaitingView, Wish

PRIORITIES = (1, 2, 3)
LINE_SHOWN = 200


async def ask_for_earlier(tx: Transaction, wish: Wish) -> UUID:
    """Put the patient on the list and return the entry's id; the same key returns the same one.

    With an appointment, the wish is for an earlier time instead of it.

    Raises:
        AlreadyWaiting: if the patient waits for this already.
        NotFound: if the patient has no such appointment ahead.
        InputRefused: if something was not chosen from the lists.
    """
    policy.require(tx.actor, policies.ASK.name)
    return await _ask(tx, tx.actor.patient_id, wish, "mail", tx.actor.locale)


async def ask_for(tx: Transaction, patient_id: UUID, wish: Wish) -> UUID:
    """Put somebody on the list who asks by phone or at the desk; as `ask_for_earlier` does.

    Where nobody can be written to for them, an offer becomes a call that the front desk makes.
    """
    policy.require(tx.actor, policies.ASK_FOR.name)
    return await _ask(tx, patient_id, wish, "phone", None)


async def _ask(tx: Transaction, patient_id: UUID | None, wish: Wish, channel: str, language: str | None) -> UUID:
    if wish.modality not in ("in_person", "video") or wish.notice_h not in rules.NOTICE_CHOICES_H:
        raise InputRefused("notice", N_("Choose one from the list."))
    now, entry_id = clock.now(), uuid4()
    params = {
        "id": entry_id, "patient_id": patient_id, "person_id": tx.actor.person_id,
        "visit_type_id": wish.visit_type_id, "modality": wish.modality, "practitioner_id": wish.practitioner_id,
        "location_id": wish.location_id, "weekdays": rules.weekday_bits(wish.weekdays),
        "parts": rules.part_bits(wish.parts), "notice_min": wish.notice_h * 60, "appointment_id": wish.appointment_id,
        "until_at": now + rules.WAITING_LIFE, "language": language, "channel": channel,
        "request_key": wish.request_key, "now": now,
    }  # fmt: skip
    await tx.execute(statements.WAIT_FOR_PATIENT, {"patient_id": patient_id})
    standing = await tx.first(statements.STANDING, params)
    if standing is None and await tx.execute(statements.ASK, params) == 0:
        standing = await tx.first(statements.STANDING, params)  # the same tap, a moment earlier on another connection
        if standing is None:
            raise NotFound
    if standing is not None:
        if standing.request_key != wish.request_key:
            raise AlreadyWaiting
        return UUID(str(standing.id))
    await audit.record(tx, "waiting.ask", patient_id=patient_id, entity="Appointment", entity_id=wish.appointment_id)
    return entry_id


async def stop_waiting(tx: Transaction, entry_id: UUID) -> None:
    """Take the patient off the list, if they are on it, and let go what was just offered to them."""
    policy.require(tx.actor, policies.ASK.name)
    params = {"id": entry_id, "patient_id": tx.actor.patient_id, "now": clock.now()}
    found = await tx.first(statements.WITHDRAW, params)
    if found is None:
        return
    if found.offer_id is not None:
        await enqueue(tx, jobs.close_offers)
    await audit.record(
        tx, "waiting.withdraw", patient_id=tx.actor.patient_id, entity="WaitlistEntry", entity_id=entry_id
    )


async def take_off(tx: Transaction, entry_id: UUID, why: str) -> None:
    """Take somebody off the list for one of the reasons of `messages.TAKEN_OFF`, and tell them.

    What was just offered to them is let go.

    Raises:
        NotFound: if the actor sees nobody waiting under this id.
        InputRefused: if there is no such reason.
    """
    policy.require(tx.actor, policies.TAKE_OFF.name)
    if why not in messages.TAKEN_OFF:
        raise InputRefused("why", N_("Choose one from the list."))
    found = await tx.first(statements.TAKE_OFF, {"id": entry_id, "now": clock.now()})
    if found is None:
        raise NotFound
    if found.offer_id is not None:
        await enqueue(tx, jobs.close_offers)
    number = list(messages.TAKEN_OFF).index(why)
    await enqueue(tx, jobs.tell_taken_off, entry_id=entry_id, patient_id=found.patient_id, why_number=number)
    await audit.record(
        tx, "waiting.take_off", patient_id=found.patient_id, entity="WaitlistEntry", entity_id=entry_id,
        detail={"why": why},
    )  # fmt: skip


async def my_waiting(tx: Transaction, *, is_repeated: bool = False) -> Sequence[WaitingView]:
    """Return what the patient waits for now; recorded for a caregiver, unless an open page looks again."""
    policy.require(tx.actor, policies.VIEW.name)
    if not is_repeated:
        await record_look(tx)
    rows: Sequence[Any] = await tx.all(statements.MY_WAITING, {"patient_id": tx.actor.patient_id, "now": clock.now()})
    return [WaitingView(**row._asdict()) for row in rows]


async def line(tx: Transaction, *, is_repeated: bool = False) -> Sequence[LineView]:
    """Return who waits, in the order in which they are asked, as far as the actor may see their charts.

    That each chart was seen is recorded, unless the same open page only keeps itself up to date.
    """
    policy.require(tx.actor, policies.VIEW_LINE.name)
    rows: Sequence[Any] = await tx.all(statements.LINE, {"now": clock.now(), "limit": LINE_SHOWN})
    if not is_repeated:
        await audit.record_each(
            tx, "waiting.view_line", dict.fromkeys(row.patient_id for row in rows), entity="WaitlistEntry"
        )
    return [LineView(**row._asdict()) for row in rows]


async def set_priority(tx: Transaction, entry_id: UUID, priority: int) -> None:
    """Say how soon somebody has to be seen: 1 first, 3 as everybody. Clinical staff only.

    Raises:
        NotFound: if the actor sees nobody waiting under this id.
        InputRefused: if there is no such priority.
    """
    policy.require(tx.actor, policies.SET_PRIORITY.name)
    if priority not in PRIORITIES:
        raise InputRefused("priority", N_("Choose one from the list."))
    found = await tx.first(statements.SET_PRIORITY, {"id": entry_id, "priority": priority, "now": clock.now()})
    if found is None:
        raise NotFound
    await audit.record(
        tx, "waiting.set_priority", patient_id=found.patient_id, entity="WaitlistEntry", entity_id=entry_id,
        detail={"priority": str(priority)},
    )  # fmt: skip
