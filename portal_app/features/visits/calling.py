"""Leave the waiting room to be called, be called back by the clinician, and take up one's place again."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.core.jobs import enqueue
from portal_app.features.visits import jobs, policies
from portal_app.features.visits.errors import VisitNotBegun
from portal_app.features.visits.views import CalledBack

ONCE_IN: Final = timedelta(minutes=2)
"""Two taps are one call; whoever did not come is called once more after this."""

_WANTS_CALL: Final = """
update visit set wants_call_at = coalesce(wants_call_at, :now), wants_call_by = actor_person(), called_back_at = null
where id = :id and status in ('planned', 'waiting')
"""
_IS_BACK: Final = """
update visit set wants_call_at = null, wants_call_by = null, called_back_at = null
where id = :id and patient_id = actor_patient() and status in ('planned', 'waiting')
"""
_WANTED: Final = text("""
select v.patient_id, v.call_back_number as number, v.wants_call_at, v.status, v.called_back_at,
  trim(c.given_name || ' ' || c.family_name) as patient_name
from visit v join patient c on c.id = v.patient_id
where v.id = :id for update of v
""").columns(number=EncryptedText)
_CALLED: Final = "update visit set called_back_at = :now where id = :id"


async def want_call(tx: Transaction, visit_id: UUID) -> None:
    """Leave the page and be called when it is one's turn; the place stays.

    Raises:
        NotFound: if the actor waits for no such visit.
    """
    policy.require(tx.actor, policies.JOIN.name)
    if not await tx.execute(_WANTS_CALL, {"id": visit_id, "now": clock.now()}):
        raise NotFound
    await audit.record(tx, "visits.want_call", patient_id=tx.actor.patient_id, entity="Encounter", entity_id=visit_id)


async def be_back(tx: Transaction, visit_id: UUID) -> None:
    """Say that one is at the page again, in one's place, and needs no call.

    Raises:
        NotFound: if the actor waits for no such visit.
    """
    policy.require(tx.actor, policies.JOIN.name)
    if not await tx.execute(_IS_BACK, {"id": visit_id}):
        raise NotFound
    await audit.record(tx, "visits.be_back", patient_id=tx.actor.patient_id, entity="Encounter", entity_id=visit_id)


async def call_back(tx: Transaction, visit_id: UUID) -> CalledBack:
    """Tell somebody who left to be called that it is their turn, and return the number to call; two taps tell once.

    Raises:
        NotFound: if the actor sees no such visit.
        VisitNotBegun: if nobody waits for a call there any more.
    """
    policy.require(tx.actor, policies.HOST.name)
    row: Any = await tx.first(_WANTED, {"id": visit_id})
    if row is None:
        raise NotFound
    if row.wants_call_at is None or row.status not in ("planned", "waiting"):
        raise VisitNotBegun
    now = clock.now()
    if row.called_back_at is None or row.called_back_at < now - ONCE_IN:
        await tx.execute(_CALLED, {"id": visit_id, "now": now})
        await audit.record(tx, "visits.call_back", patient_id=row.patient_id, entity="Encounter", entity_id=visit_id)
        await enqueue(tx, jobs.tell_turn, visit_id=visit_id, called_s=int(now.timestamp()))
    return CalledBack(row.patient_name, row.number or "")
