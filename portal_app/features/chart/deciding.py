"""Decide about what patients said, one by one: taken changes the list and says from whom; declined says why."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.chart import policies, rules, statements
from portal_app.features.chart.entering import checked, locked, put, rewrite, written
from portal_app.features.chart.errors import ChangeDecided, at_field
from portal_app.features.chart.reading import record


async def take_change(tx: Transaction, change_id: UUID, version: int, typed: Mapping[str, str]) -> None:
    """Let a list say what the patient said, in the words that the care team has before them; twice changes nothing.

    `version` is that of the entry as it was shown, 0 where it is about none. What was told stays as it was told.

    Raises:
        NotFound: if the actor does not reach it.
        ChangeDecided: if a colleague has decided otherwise, or decided first.
        EntryMovedOn: if the entry has changed since it was shown.
        AllergiesKnown: if there is an allergy on the list and the change says that there are none.
        InputRefused: if something typed cannot be kept, at its field.
    """
    change = await _held(tx, change_id, "taken")
    if change is None:
        return
    told = {"change_id": change_id, "told_name": change.told_name, "told_at": change.told_at}
    if change.verb == "new":
        content, since_on = checked(change.kind, typed or change.content, None)
        await put(tx, change.patient_id, change.kind, content, change_id, since_on=since_on,
                  confidentiality=change.confidentiality, told=told)  # fmt: skip
    elif change.verb == "none":
        await put(tx, change.patient_id, "no_allergies", {}, change_id, confidentiality=change.confidentiality,
                  told=told)  # fmt: skip
    else:
        standing = await locked(tx, change.entry_id, version)
        await _apply(tx, standing, change, typed, told)
    await _decide(tx, change, "taken", None)


async def decline_change(tx: Transaction, change_id: UUID, reason: str) -> None:
    """Leave a list as it is, and say why; the patient reads it. Twice changes nothing.

    Raises:
        NotFound, ChangeDecided: as `take_change`.
        InputRefused: if no reason is written, or it is too long.
    """
    policy.require(tx.actor, policies.WRITE.name)
    try:
        said = rules.reason_words(reason)
    except rules.Refused as error:
        raise at_field(error) from error
    change = await _held(tx, change_id, "declined")
    if change is not None:
        await _decide(tx, change, "declined", said)


async def _held(tx: Transaction, change_id: UUID, wanted: str) -> Any:
    policy.require(tx.actor, policies.WRITE.name)
    change = await tx.first(statements.LOCK_CHANGE, {"id": change_id})
    if change is None:
        raise NotFound
    if change.status == wanted and change.decided_by == tx.actor.person_id:
        return None
    if change.status != "proposed":
        raise ChangeDecided
    return change


async def _apply(
    tx: Transaction, standing: Any, change: Any, typed: Mapping[str, str], told: Mapping[str, Any]
) -> None:
    if change.verb == "stopped":
        await rewrite(tx, standing, status="stopped", told=told)
        return
    part = "how" if standing.kind == "medication" else "reaction"
    said = dict(standing.content) | {part: change.content.get("words", "")} | dict(typed)
    content, since_on = checked(standing.kind, said, standing.since_on)
    await rewrite(tx, standing, content=content, since_on=since_on, told=told)


async def _decide(tx: Transaction, change: Any, status: str, reason: str | None) -> None:
    if not await tx.execute(statements.DECIDE, {"id": change.id, "status": status, "reason": reason} | written(tx)):
        raise ChangeDecided
    action = "chart.take" if status == "taken" else "chart.decline"
    await record(tx, action, change.patient_id, change.entry_id)
