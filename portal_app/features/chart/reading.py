"""Read lists: the patient's side their own, the care team those of patients whose visits they reach."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.chart import policies, statements
from portal_app.features.chart.views import Change, Entry, EntryVersion, ListedPerson, Lists

SHOWN: Final = timedelta(days=365)
"""How long what was said and decided stays on the pages."""


async def own_lists(tx: Transaction, *, is_repeated: bool = False, since: datetime | None = None) -> Lists:
    """Return the lists of the chart acted for, with what was decided since a moment: of the last year, if none is said.

    That they were looked at is recorded, unless an open page looks again.

    Raises:
        NotFound: if the actor acts for nobody.
    """
    policy.require(tx.actor, policies.SEE.name)
    if tx.actor.patient_id is None:
        raise NotFound
    if not is_repeated:
        await record(tx, "chart.see", tx.actor.patient_id)
    return await lists(tx, tx.actor.patient_id, since)


async def lists_of(tx: Transaction, patient_id: UUID, *, is_repeated: bool = False) -> Lists:
    """Return somebody's lists, for the care team; recorded as `own_lists`.

    Raises:
        NotFound: if the actor does not reach the chart.
    """
    policy.require(tx.actor, policies.READ.name)
    await require_reached(tx, "view", patient_id)
    if not is_repeated:
        await record(tx, "chart.read", patient_id)
    return await lists(tx, patient_id)


async def history_of(tx: Transaction, patient_id: UUID) -> Sequence[EntryVersion]:
    """Return what entries said before, the newest first of each; for the care team."""
    policy.require(tx.actor, policies.READ.name)
    return [EntryVersion(**row._asdict()) for row in await tx.all(statements.BEFORE, {"patient_id": patient_id})]


async def listed_person(tx: Transaction, patient_id: UUID) -> ListedPerson:
    """Return whose lists they are, for the care team. Raises NotFound as `lists_of`."""
    policy.require(tx.actor, policies.READ.name)
    await require_reached(tx, "view", patient_id)
    row: Any = await tx.first(statements.CHART, {"id": patient_id})
    if row is None:
        raise NotFound
    return ListedPerson(row.name, row.birth_date, row.language)


async def require_reached(tx: Transaction, verb: str, patient_id: UUID) -> None:
    """Raise NotFound unless the actor reaches the visits of a chart, by which the care team reaches its lists."""
    asked = {"verb": verb, "id": patient_id}
    if not await tx.scalar("select may(:verb, 'visits', :id, 'N')", asked):
        raise NotFound


async def lists(tx: Transaction, patient_id: UUID, since: datetime | None = None) -> Lists:
    """Return what the actor sees of lists."""
    params = {"patient_id": patient_id, "since": since or clock.now() - SHOWN}
    entries = [Entry(**row._asdict()) for row in await tx.all(statements.ENTRIES, params)]
    changes = [change_of(row) for row in await tx.all(statements.CHANGES, params)]
    zone: str | None = await tx.scalar("select c.zone from patient c where c.id = :id", {"id": patient_id})
    return Lists(patient_id, zone or "UTC", tuple(entries), tuple(changes))


def change_of(row: Any) -> Change:
    """Return a row as a change."""
    return Change(**row._asdict() | {"reason": row.reason or ""})


async def record(tx: Transaction, action: str, patient_id: UUID, entry_id: UUID | None = None) -> None:
    """Write down what was done with a list."""
    await audit.record(tx, action, patient_id=patient_id, entity="List", entity_id=entry_id)
