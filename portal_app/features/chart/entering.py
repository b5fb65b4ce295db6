"""Write lists: what the care team enters, changes, ends and keeps to the patient; never without the version seen."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from portal_app.core import clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.chart import policies, rules, statements
from portal_app.features.chart.errors import AllergiesKnown, EntryMovedOn, ListFull, at_field
from portal_app.features.chart.reading import record, require_reached

UNTOLD: Final[Mapping[str, Any]] = {"change_id": None, "told_name": "", "told_at": None}
"""Where an entry comes from that nobody of the patient's side told."""


async def add_entry(
    tx: Transaction, patient_id: UUID, kind: str, typed: Mapping[str, str], since_on: date | None, key: UUID
) -> None:
    """Put something on a list; the same key puts it there once.

    Raises:
        NotFound: if the actor does not reach the chart.
        InputRefused: if something cannot be kept, at its field.
        ListFull: if the list is longer than anybody's.
    """
    policy.require(tx.actor, policies.WRITE.name)
    content, since = checked(kind, typed, since_on)
    await require_reached(tx, "act", patient_id)
    await put(tx, patient_id, kind, content, key, since_on=since)


async def say_no_allergies(tx: Transaction, patient_id: UUID, key: UUID) -> None:
    """Write down that somebody has no known allergies; once said, it stands.

    Raises:
        NotFound: if the actor does not reach the chart.
        AllergiesKnown: if there is one on the list.
    """
    policy.require(tx.actor, policies.WRITE.name)
    await require_reached(tx, "act", patient_id)
    await put(tx, patient_id, "no_allergies", {}, key)


async def put(
    tx: Transaction,
    patient_id: UUID,
    kind: str,
    content: Mapping[str, str],
    key: UUID,
    *,
    since_on: date | None = None,
    confidentiality: str = "N",
    told: Mapping[str, Any] = UNTOLD,
) -> None:
    """Put an entry on a list, the one statement of no allergies and allergies in each other's way."""
    # Two people who put things on one list at once wait for each other, so that the two kinds never stand together.
    await tx.execute("select pg_advisory_xact_lock(hashtextextended(:id, 48))", {"id": str(patient_id)})
    if await tx.scalar("select exists (select from chart_entry where id = :id)", {"id": key}):
        return
    if int(await tx.scalar(statements.COUNT, {"patient_id": patient_id})) >= rules.MOST:
        raise ListFull
    if kind == "no_allergies" and await _has(tx, patient_id, "allergy"):
        raise AllergiesKnown
    chart = await tx.scalar("select c.confidentiality from patient c where c.id = :id", {"id": patient_id})
    params = {
        "id": key, "patient_id": patient_id, "confidentiality": max(confidentiality, chart or "N"), "kind": kind,
        "content": dict(content), "since_on": since_on, **written(tx), **told,
    }  # fmt: skip
    if await tx.execute(statements.ADD_ENTRY, params):
        await record(tx, "chart.add", patient_id, key)
    if kind == "allergy":
        await _end_no_allergies(tx, patient_id)


async def change_entry(
    tx: Transaction, entry_id: UUID, version: int, typed: Mapping[str, str], since_on: date | None
) -> None:
    """Write an entry anew, as it was when it was shown.

    Raises:
        NotFound: if the actor does not reach it.
        EntryMovedOn: if it has changed, or was taken off, in the meantime.
        InputRefused: if something cannot be kept, at its field.
    """
    policy.require(tx.actor, policies.WRITE.name)
    standing = await locked(tx, entry_id, version)
    if standing.kind == "no_allergies":
        raise NotFound
    content, since = checked(standing.kind, typed, since_on)
    await rewrite(tx, standing, content=content, since_on=since)


async def end_entry(tx: Transaction, entry_id: UUID, version: int, *, was_wrong: bool = False) -> None:
    """Take an entry off its list: it ended, or it should never have been there. Raises as `change_entry`."""
    policy.require(tx.actor, policies.WRITE.name)
    standing = await locked(tx, entry_id, version)
    await rewrite(tx, standing, status="entered-in-error" if was_wrong else "stopped")


async def keep_to_patient(tx: Transaction, entry_id: UUID, version: int, *, is_private: bool) -> None:
    """Keep an entry from whoever acts for the patient, or show it to them again. Raises as `change_entry`."""
    policy.require(tx.actor, policies.WRITE.name)
    standing = await locked(tx, entry_id, version)
    chart = await tx.scalar("select c.confidentiality from patient c where c.id = :id", {"id": standing.patient_id})
    level = max("R" if is_private else "N", chart or "N")
    await tx.execute(statements.HIDE_ENTRY, {"id": entry_id, "confidentiality": level, **written(tx)})
    await record(tx, "chart.keep_private", standing.patient_id, entry_id)


async def locked(tx: Transaction, entry_id: UUID, version: int) -> Any:
    """Return an entry, held for this transaction, as it was when it was shown. Raises NotFound, EntryMovedOn."""
    standing = await tx.first(statements.LOCK_ENTRY, {"id": entry_id})
    if standing is None:
        raise NotFound
    if standing.version != version or standing.status != "active":
        raise EntryMovedOn
    return standing


async def rewrite(tx: Transaction, standing: Any, *, told: Mapping[str, Any] = UNTOLD, **new: Any) -> None:
    """Write the next version of an entry that is held."""
    params = {
        "id": standing.id, "version": standing.version, "content": dict(standing.content),
        "since_on": standing.since_on, "status": standing.status, **written(tx), **told, **new,
    }  # fmt: skip
    if not await tx.execute(statements.CHANGE_ENTRY, params):
        raise EntryMovedOn
    await record(tx, "chart.change", standing.patient_id, standing.id)


def written(tx: Transaction) -> dict[str, Any]:
    """Return who writes, and when."""
    return {"person_id": tx.actor.person_id, "name": tx.actor.display_name, "now": clock.now()}


def checked(kind: str, typed: Mapping[str, str], since_on: date | None) -> tuple[dict[str, str], date | None]:
    """Return what was typed as it is kept. Raises InputRefused."""
    if kind not in rules.KINDS:
        raise NotFound
    try:
        return rules.content_of(kind, typed), rules.known_day(since_on, clock.now().date())
    except rules.Refused as error:
        raise at_field(error) from error


async def _has(tx: Transaction, patient_id: UUID, kind: str) -> bool:
    found: bool = await tx.scalar(
        "select exists (select from chart_entry where patient_id = :id and kind = :kind and status = 'active')",
        {"id": patient_id, "kind": kind},
    )
    return found


async def _end_no_allergies(tx: Transaction, patient_id: UUID) -> None:
    found = await tx.scalar(
        "select id from chart_entry where patient_id = :id and kind = 'no_allergies' and status = 'active'",
        {"id": patient_id},
    )
    if found is not None:
        standing = await tx.first(statements.LOCK_ENTRY, {"id": found})
        await rewrite(tx, standing, status="stopped")
