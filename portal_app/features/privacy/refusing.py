"""Refuse that support sees the pages of a chart (`seeing`), or let them again.

The patient decides, and for a small child whoever acts for it. The database holds to it: no look of a chart begins
while it is refused, and an open one ends with the refusal (migrations 0031, 0040).
"""

from typing import Final
from uuid import UUID, uuid4

from portal_app.core import audit, policy, realtime
from portal_app.core.db import Transaction
from portal_app.core.errors import NotAllowed
from portal_app.features.privacy import policies

_STANDS: Final = """
select exists (select from look_refusal where patient_id = :id) as is_refused,
  public.decides_on_looks(:id) as may_decide
"""
_REFUSE: Final = """
insert into look_refusal (id, patient_id, refused_by) values (:new, :id, actor_person()) on conflict do nothing
"""
_ALLOW: Final = "delete from look_refusal where patient_id = :id"


async def are_looks_refused(tx: Transaction, patient_id: UUID | None) -> bool:
    """Tell whether a chart's patient refuses to be looked at; of a chart the actor does not see, no."""
    return bool((await tx.one(_STANDS, {"id": patient_id})).is_refused)


async def may_refuse_looks(tx: Transaction) -> bool:
    """Tell whether it is for the actor to decide about the chart they act for."""
    return bool((await tx.one(_STANDS, {"id": tx.actor.patient_id})).may_decide)


async def refuse_looks(tx: Transaction) -> None:
    """Let nobody see the pages of the chart acted for, from now on; doing it again changes nothing.

    Raises:
        NotAllowed: if it is not for the actor to decide.
    """
    await _decide(tx, "privacy.refuse_looks", _REFUSE)


async def allow_looks(tx: Transaction) -> None:
    """Let staff help in this way again. Raises as `refuse_looks`."""
    await _decide(tx, "privacy.allow_looks", _ALLOW)


async def _decide(tx: Transaction, action: str, statement: str) -> None:
    policy.require(tx.actor, policies.REFUSE.name)
    chart = tx.actor.patient_id
    if not await may_refuse_looks(tx):
        raise NotAllowed
    given = {"id": chart} | ({"new": uuid4()} if statement is _REFUSE else {})
    if await tx.execute(statement, given):
        await audit.record(tx, action, patient_id=chart, entity="Patient", entity_id=chart)
        await realtime.announce(tx, f"patient:{chart}")
