"""Limits on what somebody who acts for a patient may see: a court's, or because of suspected abuse.

They count at once, before every rule, and until lifted. Whom they touch is not told of them, nor is anybody who acts
for the chart: to them it is closed, and no more.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText, encrypt
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.access import service as access
from portal_app.features.ages import policies, rules
from portal_app.features.ages.tables import RelationLimit
from portal_app.features.ages.views import LimitView

_LIMITS: Final = text("""
select l.id, l.relation_id, l.kind, l.sections, l.reason, l.document_id, l.set_at, p.display_name as set_by
from relation_limit l left join person p on p.id = l.set_by
where l.patient_id = :patient_id and l.lifted_at is null order by l.set_at, l.id
""").columns(reason=EncryptedText)
_WRONG_REASON: Final = N_("Say why, in 10 to 500 letters.")


async def limits_of(tx: Transaction, patient_id: UUID) -> Sequence[LimitView]:
    """Return the limits that count now on whoever acts for a chart; recorded."""
    policy.require(tx.actor, policies.LIMIT.name)
    rows: Sequence[Any] = await tx.all(_LIMITS, {"patient_id": patient_id})
    await audit.record(tx, "access.view_caregivers", patient_id=patient_id, entity="RelatedPerson", entity_id=None)
    return [LimitView(**row._asdict() | {"sections": tuple(row.sections), "set_by": row.set_by or ""}) for row in rows]


async def set_court_limit(
    tx: Transaction, relation_id: UUID, sections: Sequence[str], reason: str, document_id: UUID, request_id: UUID
) -> None:
    """Close sections to somebody on the strength of a court's paper; the request's id makes two taps one.

    Raises:
        InputRefused: if a section, the reason or the paper is missing.
        NotFound: if there is no such relation.
    """
    patient_id = await _chart_of(tx, relation_id)
    closed = [section for section in rules.SECTIONS if section in sections]
    if not closed:
        raise InputRefused("sections", N_("Choose at least one part that stays closed."))
    own = {"id": document_id, "patient_id": patient_id}
    if not await tx.scalar("select exists (select from stored_file where id = :id and patient_id = :patient_id)", own):
        raise InputRefused("document", N_("Choose the document first."))
    more = {"kind": "court", "sections": closed, "document_id": document_id}
    await _set(tx, relation_id, patient_id, reason, request_id, more)


async def suspect_abuse(tx: Transaction, relation_id: UUID, reason: str, request_id: UUID) -> None:
    """Close a chart to somebody at once and without a word to them; the request's id makes two taps one.

    Raises:
        InputRefused: if no reason is given.
        NotFound: if there is no such relation.
    """
    patient_id = await _chart_of(tx, relation_id)
    more = {"kind": "abuse", "sections": list(rules.SECTIONS), "document_id": None}
    await _set(tx, relation_id, patient_id, reason, request_id, more)


async def lift_limit(tx: Transaction, limit_id: UUID, reason: str) -> None:
    """Lift a limit, for a reason; one that was lifted is as wished. Setting one must be quick; this need not.

    Raises:
        StepUpNeeded: if whoever lifts it must sign in once more first.
        InputRefused: if no reason is given.
        NotFound: if there is no such limit.
    """
    policy.require(tx.actor, policies.LIMIT.name)
    await access.require_fresh(tx)
    row = await tx.first("select patient_id, lifted_at from relation_limit where id = :id for update", {"id": limit_id})
    if row is None:
        raise NotFound
    if row.lifted_at is not None:
        return
    await tx.execute(
        "update relation_limit set lifted_at = :now, lifted_by = :me, lift_reason = :reason where id = :id",
        {"now": clock.now(), "me": tx.actor.person_id, "reason": encrypt(_reason(reason)), "id": limit_id},
    )
    await _record(tx, row.patient_id, limit_id)


async def _set(
    tx: Transaction, relation_id: UUID, patient_id: UUID, reason: str, request_id: UUID, more: dict[str, Any]
) -> None:
    added = await tx.execute(
        insert(RelationLimit)
        .values(id=request_id, relation_id=relation_id, patient_id=patient_id, reason=_reason(reason),
                set_by=tx.actor.person_id, set_at=clock.now(), **more)
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )  # fmt: skip
    if added:
        await _record(tx, patient_id, request_id)


async def _chart_of(tx: Transaction, relation_id: UUID) -> UUID:
    policy.require(tx.actor, policies.LIMIT.name)
    found: UUID | None = await tx.scalar("select patient_id from related_person where id = :id", {"id": relation_id})
    if found is None:
        raise NotFound
    return found


def _reason(typed: str) -> str:
    reason = " ".join(typed.split())
    if not rules.REASON_LEAST <= len(reason) <= rules.REASON_MOST:
        raise InputRefused("reason", _WRONG_REASON)
    return reason


async def _record(tx: Transaction, patient_id: UUID, limit_id: UUID) -> None:
    """Write it into the trail in the words of any other change: neither line nor detail says what kind it is."""
    await audit.record(tx, "access.change_caregiver", patient_id=patient_id, entity="RelationLimit", entity_id=limit_id)
