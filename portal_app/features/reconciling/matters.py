"""The work list: what somebody of billing has to look at, filed once and settled with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.reconciling import policies, statements
from portal_app.features.reconciling.views import MatterView

REASON_MAX: Final = 500
_MATTERS: Final = UUID("5b0f5a52-7c3e-4d52-9c55-4a3a6c0e1f37")
"""From it and what a matter is about its id is made, so that it is filed once."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to look at, by the kind and the processor's or our name for it."""

    kind: str
    ref: str
    amount_minor: int | None = None
    currency: str = ""
    patient_id: UUID | None = None
    confidentiality: str = "N"
    act_by: datetime | None = None


async def file(tx: Transaction, matter: Matter) -> bool:
    """Put a matter on the list, once; return whether it is new."""
    policy.require(tx.actor, policies.KEEP.name)
    params = {
        "id": uuid5(_MATTERS, f"{matter.kind}:{matter.ref}"), "kind": matter.kind, "ref": matter.ref,
        "patient_id": matter.patient_id, "confidentiality": matter.confidentiality, "amount_minor": matter.amount_minor,
        "currency": matter.currency, "now": clock.now(), "act_by": matter.act_by,
    }  # fmt: skip
    return await tx.execute(statements.FILE, params) == 1


async def settle(tx: Transaction, kind: str, ref: str, because: str) -> None:
    """Take a matter off the list that has settled itself; `because` is a word that the page knows."""
    policy.require(tx.actor, policies.KEEP.name)
    params = {"kind": kind, "ref": ref, "now": clock.now(), "resolution": crypto.encrypt(because)}
    await tx.execute(statements.SETTLE, params)


async def matters(tx: Transaction, *, is_open: bool = True, is_repeated: bool = False) -> Sequence[MatterView]:
    """Return what is to be looked at, the most urgent first; or what was settled last."""
    policy.require(tx.actor, policies.WORK.name)
    rows: Any = await tx.all(statements.MATTERS, {"is_open": is_open})
    if not is_repeated:
        seen = {row.patient_id for row in rows if row.patient_id}
        await audit.record_each(tx, "reconciling.view_list", seen, entity="MoneyMatter")
    return [
        MatterView(
            row.id, row.kind, row.ref, row.amount_minor, row.currency, row.opened_at, row.act_by, row.seen_at,
            row.resolved_at, crypto.decrypt(row.resolution) if row.resolution else "", row.patient_name,
            row.resolved_by is None,
        )
        for row in rows
    ]  # fmt: skip


async def see(tx: Transaction, matter_id: UUID) -> None:
    """Note that somebody has seen a matter; it stays on the list. Raises NotFound."""
    policy.require(tx.actor, policies.WORK.name)
    matter = await _known(tx, matter_id)
    params = {"id": matter_id, "person_id": tx.actor.person_id, "now": clock.now()}
    if await tx.execute(statements.SEE, params):
        await audit.record(
            tx, "reconciling.see", patient_id=matter.patient_id, entity="MoneyMatter", entity_id=matter_id
        )


async def resolve(tx: Transaction, matter_id: UUID, why: str) -> None:
    """Settle a matter, with what was done about it; one that somebody has settled already stays as it is.

    Raises:
        NotFound: if the actor sees no such matter.
        InputRefused: if nothing is said, or too much.
    """
    policy.require(tx.actor, policies.WORK.name)
    reason = " ".join(why.split())
    if not reason:
        raise InputRefused("why", N_("Say in a few words what was done about it."))
    if len(reason) > REASON_MAX:
        raise InputRefused("why", N_("Keep the reason under 500 characters."))
    matter = await _known(tx, matter_id)
    params = {"id": matter_id, "person_id": tx.actor.person_id, "now": clock.now()}
    if await tx.execute(statements.RESOLVE, params | {"resolution": crypto.encrypt(reason)}):
        await audit.record(
            tx, "reconciling.resolve", patient_id=matter.patient_id, entity="MoneyMatter", entity_id=matter_id
        )


async def _known(tx: Transaction, matter_id: UUID) -> Any:
    matter: Any = await tx.first(statements.MATTER, {"id": matter_id})
    if matter is None:
        raise NotFound
    return matter
