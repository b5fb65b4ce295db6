"""Open, take, hand back and close what staff have to see to (FHIR R4 Task)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.tasks import policies, statements
from portal_app.features.tasks.errors import TaskMovedOn
from portal_app.features.tasks.views import Colleague, TaskView

__all__ = ["Colleague", "TaskMovedOn", "TaskView", "assign_task", "claim_task", "close_task", "colleagues",
           "finish_task", "give_back_task", "list_tasks", "open_about", "open_task", "reopen_task"]  # fmt: skip

CLOSED_SHOWN: Final = timedelta(days=7)
"""How long a closed task stays on the list."""


async def open_task(
    tx: Transaction,
    code: str,
    focus_id: UUID,
    *,
    patient_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    location_id: UUID | None = None,
    due_at: datetime | None = None,
    note: str = "",
) -> UUID:
    """Give staff something to see to and return its id; while one of this code and focus is open, that one's.

    Part of another use case's transaction and under its policy: a patient's own act may open the kinds that
    `task_kind` says, about themself, and staff any.
    """
    task_id = uuid4()
    params = {
        "id": task_id, "code": code, "focus_id": focus_id, "patient_id": patient_id,
        "practitioner_id": practitioner_id, "location_id": location_id, "due_at": due_at,
        "note": crypto.encrypt(note) if note else None, "person_id": tx.actor.person_id, "now": clock.now(),
    }  # fmt: skip
    if await tx.execute(statements.OPEN, params) == 0:
        standing: UUID | None = await tx.scalar(statements.OPEN_ONE, {"code": code, "focus_id": focus_id})
        return standing or task_id
    await audit.record(tx, "tasks.open", patient_id=patient_id, entity="Task", entity_id=task_id)
    return task_id


async def open_about(tx: Transaction, code: str, focus_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these have an open task of a code, as far as the actor may know."""
    rows = await tx.all(statements.OPEN_ABOUT, {"code": code, "focus_ids": list(focus_ids)})
    return frozenset(row.focus_id for row in rows)


async def close_task(tx: Transaction, code: str, focus_id: UUID, outcome: str) -> None:
    """Say that what an open task was about is done, whoever did it; nothing happens if none is open.

    `outcome` is a code such as "moved", never words about a patient.
    """
    now = clock.now()
    params = {"code": code, "focus_id": focus_id, "outcome": outcome, "now": now, "person_id": tx.actor.person_id}
    closed = await tx.first(statements.CLOSE, params)
    if closed:
        await audit.record(tx, "tasks.close", patient_id=closed.patient_id, entity="Task", entity_id=closed.id)


async def list_tasks(tx: Transaction, *, codes: Sequence[str] = (), is_repeated: bool = False) -> Sequence[TaskView]:
    """Return the tasks that concern the actor, open ones and those closed in the last week: the most urgent first.

    That each chart on it was seen is recorded, unless `is_repeated` says that an open page keeps itself up to date.
    """
    policy.require(tx.actor, policies.VIEW.name)
    params = {"codes": list(codes) or None, "since": clock.now() - CLOSED_SHOWN}
    rows: Sequence[Any] = await tx.all(statements.LIST, params)
    if not is_repeated:
        seen = dict.fromkeys(row.patient_id for row in rows if row.patient_id is not None)
        await audit.record_each(tx, "tasks.view", seen, entity="Task")
    return [TaskView(**row._asdict() | {"note": row.note or ""}) for row in rows]


async def claim_task(tx: Transaction, task_id: UUID, owner_id: UUID | None) -> None:
    """Take a task, or take it over from `owner_id`, whom the page shows as its owner.

    Raises:
        NotFound: if the actor sees no such task.
        TaskMovedOn: if it is closed, or somebody else has it by now.
    """
    found = await _locked(tx, task_id)
    if found.owner_id == tx.actor.person_id and found.status == "accepted":
        return
    if found.closed_at is not None or found.owner_id != owner_id:
        raise TaskMovedOn
    values = {"status": "accepted", "owner_id": tx.actor.person_id, "owner_name": tx.actor.display_name}
    await _change(tx, found, "tasks.claim", statements.OWN, values)


async def colleagues(tx: Transaction, task_id: UUID) -> Sequence[Colleague]:
    """Return the others at work who could see to a task, by name; none if the actor does not see it."""
    policy.require(tx.actor, policies.HANDLE.name)
    rows: Sequence[Any] = await tx.all(statements.COLLEAGUES, {"id": task_id})
    return [Colleague(row.person_id, row.display_name) for row in rows if row.person_id != tx.actor.person_id]


async def assign_task(tx: Transaction, task_id: UUID, to: UUID, owner_id: UUID | None) -> str:
    """Hand a task to a colleague, from `owner_id`, whom the page shows as its owner; return the colleague's name.

    Raises:
        NotFound: if the actor sees no such task.
        TaskMovedOn: if it is closed, or somebody else has it by now.
        InputRefused: if the colleague is none who could see to it.
    """
    found = await _locked(tx, task_id)
    name = next((one.display_name for one in await colleagues(tx, task_id) if one.person_id == to), "")
    if not name:
        raise InputRefused("colleague", N_("Choose a colleague from the list."))
    if found.owner_id == to and found.status == "accepted":
        return name
    if found.closed_at is not None or found.owner_id != owner_id:
        raise TaskMovedOn
    values = {"status": "accepted", "owner_id": to, "owner_name": name}
    await _change(tx, found, "tasks.assign", statements.OWN, values, {"to": str(to)})
    return name


async def give_back_task(tx: Transaction, task_id: UUID) -> None:
    """Hand one's own task back, for whoever is free next. Errors as `claim_task`."""
    found = await _locked(tx, task_id)
    if found.status == "requested":
        return
    if found.owner_id != tx.actor.person_id or found.closed_at is not None:
        raise TaskMovedOn
    await _change(
        tx, found, "tasks.give_back", statements.OWN, {"status": "requested", "owner_id": None, "owner_name": ""}
    )


async def finish_task(tx: Transaction, task_id: UUID, outcome: str = "done") -> None:
    """Close a task by hand. Closing what is closed changes nothing. Errors as `claim_task`."""
    found = await _locked(tx, task_id)
    if found.closed_at is None:
        await _change(tx, found, "tasks.close", statements.FINISH, {"outcome": outcome, "by": tx.actor.person_id})


async def reopen_task(tx: Transaction, task_id: UUID) -> None:
    """Take back that a task was closed.

    Raises:
        NotFound: if the actor sees no such task.
        TaskMovedOn: if there is a newer open one about the same.
    """
    found = await _locked(tx, task_id)
    if found.closed_at is None:
        return
    if await tx.scalar(statements.OPEN_ONE, {"code": found.code, "focus_id": found.focus_id}):
        raise TaskMovedOn
    await _change(tx, found, "tasks.reopen", statements.REOPEN, {})


async def _locked(tx: Transaction, task_id: UUID) -> Any:
    policy.require(tx.actor, policies.HANDLE.name)
    found = await tx.first(statements.LOCK, {"id": task_id})
    if found is None:
        raise NotFound
    return found


async def _change(
    tx: Transaction,
    found: Any,
    action: str,
    statement: str,
    values: dict[str, Any],
    detail: dict[str, str] | None = None,
) -> None:
    await tx.execute(statement, {"id": found.id, "now": clock.now(), **values})
    await audit.record(tx, action, patient_id=found.patient_id, entity="Task", entity_id=found.id, detail=detail)
