"""Read notes: for whoever writes them, and what waits for a signature."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.actor import Role
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.notes import policies, statements
from portal_app.features.notes.rules import SECTIONS
from portal_app.features.notes.views import Addendum, Diagnosis, LastNote, NoteView, Unsigned, VisitAtWork

UNSIGNED_FOR: Final = timedelta(days=60)
"""How far back a visit without a signed note is asked for."""


async def visit_at_work(tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False) -> VisitAtWork:
    """Return whose visit it is. That it was looked at is recorded, unless an open page only keeps itself up to date.

    Raises:
        NotFound: if the actor has no such visit.
    """
    policy.require(tx.actor, policies.READ.name)
    row: Any = await visit_row(tx, appointment_id)
    if not is_repeated:
        await audit.record(tx, "notes.view", patient_id=row.patient_id, entity="Appointment", entity_id=appointment_id)
    facts: list[Any] = [*row[:13], row.reason or "", f"{row.said_given} {row.family_name}", row.pronouns]
    return VisitAtWork(*facts)


async def visit_row(tx: Transaction, appointment_id: UUID) -> Any:
    """Return an appointment with whose it is. Raises NotFound."""
    row = await tx.first(statements.VISIT, {"id": appointment_id})
    if row is None:
        raise NotFound
    return row


async def note(tx: Transaction, appointment_id: UUID) -> NoteView:
    """Return the note of a visit, empty where nothing was written yet; for clinical staff."""
    policy.require(tx.actor, policies.READ.name)
    return await read_note(tx, appointment_id)


async def last_note(tx: Transaction, appointment_id: UUID) -> LastNote | None:
    """Return the newest signed note of the same patient from before this visit; None if there is none for the actor."""
    policy.require(tx.actor, policies.READ.name)
    found: Any = await tx.first(statements.LAST_SIGNED, {"id": appointment_id})
    if found is None:
        return None
    visit: Any = await visit_row(tx, found.appointment_id)
    await audit.record(
        tx, "notes.view", patient_id=visit.patient_id, entity="Appointment", entity_id=found.appointment_id
    )
    diagnoses = await tx.all(statements.DIAGNOSES, {"id": found.appointment_id})
    return LastNote(
        await read_note(tx, found.appointment_id), found.starts_at, found.zone,
        tuple(Diagnosis(one.code, one.words) for one in diagnoses),
    )  # fmt: skip


async def read_note(tx: Transaction, appointment_id: UUID) -> NoteView:
    """Return the note as far as the actor may see it, with what was added to it."""
    row: Any = await tx.first(statements.NOTE, {"id": appointment_id})
    if row is None:
        return NoteView(appointment_id, 0, dict.fromkeys(SECTIONS, ""), {}, "", None, "", "", None, ())
    added = await tx.all(statements.ADDENDA, {"id": appointment_id}) if row.signed_at else ()
    return NoteView(
        appointment_id, row.version, {part: row.content.get(part, "") for part in SECTIONS}, row.ending or {},
        row.writer, row.written_at, row.withheld_because, row.signer, row.signed_at,
        tuple(Addendum(one.words, one.writer, one.written_at) for one in added),
    )  # fmt: skip


async def unsigned(tx: Transaction) -> Sequence[Unsigned]:
    """Return the actor's own visits of the last weeks whose note is not signed, the newest first."""
    policy.require(tx.actor, policies.SIGN.name)
    now = clock.now()
    params = {"person_id": tx.actor.person_id, "now": now, "since": now - UNSIGNED_FOR}
    rows: Sequence[Any] = await tx.all(statements.UNSIGNED, params)
    return [Unsigned(*row) for row in rows]


def can_write(tx: Transaction) -> bool:
    """Tell whether the actor writes notes at all."""
    return Role.clinician in tx.actor.roles
