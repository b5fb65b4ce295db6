"""Act for somebody: answer an invitation, and go from one chart to another.

Going to another chart is another session, as strong and as fresh as the one it replaces, which ends: a page that shows
one chart can therefore never write into another.
"""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row

from portal_app.core import audit, clock, limits
from portal_app.core.actor import STAFF, Role
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import NotFound
from portal_app.core.jobs import enqueue
from portal_app.features.access import rules
from portal_app.features.access.charts import person_of_chart
from portal_app.features.access.errors import CaregiverAlready, InvitationOver
from portal_app.features.access.invitations import tell_answer
from portal_app.features.access.views import ActedFor, Invitation, NewSession

OPEN_LIMIT = "60/10 minutes"
_ANSWER = (
    "update related_person set status = :status, person_id = :me, accepted_at = :accepted, declined_at = :declined"
    " where secret_hash = :hash and status = 'invited' and answer_by > :now returning id, patient_id"
)


async def read_invitation(tx: Transaction, key: str) -> Invitation:
    """Return what an invitation says, to whoever is signed in and has its link. Raises InvitationOver."""
    await limits.count(OPEN_LIMIT, "invitation", str(tx.actor.person_id))
    row = await _invitation(tx, key)
    return Invitation(
        row.patient_id, f"{row.given_name} {row.family_name}",
        tuple(rules.ticked_shares(row.view_sections, row.act_sections)), row.valid_until, row.answer_by,
        is_open=row.status == "invited" and row.answer_by > clock.now(),
        is_own_chart=await person_of_chart(tx, row.patient_id) == tx.actor.person_id,
    )  # fmt: skip


async def answer_invitation(tx: Transaction, key: str, *, is_accepted: bool) -> UUID:
    """Accept or decline, once, and tell the patient by mail; return whose chart it is.

    Raises:
        InvitationOver: if the link does not count any more, or leads to one's own chart.
        CaregiverAlready: if the person acts for that patient already.
    """
    found = await read_invitation(tx, key)
    if not found.is_open or found.is_own_chart:
        raise InvitationOver
    if is_accepted and await _acts_already(tx, found.patient_id):
        # Of a relation of which nothing is open no word is said.
        is_told = any(one.patient_id == found.patient_id for one in await charts_acted_for(tx))
        raise CaregiverAlready if is_told else InvitationOver
    now = clock.now()
    row = await tx.first(
        _ANSWER,
        {"status": "active" if is_accepted else "declined", "me": tx.actor.person_id, "hash": secret_hash(key),
         "now": now, "accepted": now if is_accepted else None, "declined": None if is_accepted else now},
    )  # fmt: skip
    if row is None:
        raise InvitationOver
    await audit.record(
        tx, "access.accept_caregiver" if is_accepted else "access.decline_caregiver", patient_id=row.patient_id,
        entity="RelatedPerson", entity_id=row.id,
    )  # fmt: skip
    await enqueue(tx, tell_answer, relation_id=row.id)
    return found.patient_id


async def _acts_already(tx: Transaction, patient_id: UUID) -> bool:
    found: bool = await tx.scalar(
        "select exists (select from related_person where person_id = :me and patient_id = :id and status = 'active')",
        {"me": tx.actor.person_id, "id": patient_id},
    )
    return found


async def charts_acted_for(tx: Transaction) -> Sequence[ActedFor]:
    """Return the charts the person may act for: their own first, then those they care for."""
    own = await tx.first(
        "select g.patient_id from access_grant g where g.grantee = :me and g.basis = 'self' limit 1",
        {"me": tx.actor.person_id},
    )
    cared_for = await tx.all("select * from charts_acted_for(null)")
    current = tx.actor.patient_id
    everything = frozenset(rules.SHARED_PARTS)
    mine = [
        ActedFor(own.patient_id, tx.actor.display_name, "self", everything, everything, None, own.patient_id == current)
    ] if own else []  # fmt: skip
    return mine + [
        ActedFor(
            row.patient_id, f"{row.given_name} {row.family_name}", row.relationship, frozenset(row.view_sections),
            frozenset(row.act_sections), row.valid_until, row.patient_id == current,
        )
        for row in cared_for
    ]  # fmt: skip


async def acting_for(tx: Transaction) -> ActedFor | None:
    """Return the chart acted for, if it is another person's. Asks nothing for people who are no caregivers."""
    if tx.actor.patient_id is None or Role.caregiver not in tx.actor.roles:
        return None
    found = [one for one in await charts_acted_for(tx) if one.is_current]
    return found[0] if found and found[0].relationship != "self" else None


async def may_work(tx: Transaction) -> bool:
    """Tell whether the person also works for the practice, and may go back to that."""
    roles = await tx.all("select role from person_role where person_id = :me", {"me": tx.actor.person_id})
    return bool({row.role for row in roles} & STAFF)


async def act_for(tx: Transaction, patient_id: UUID | None) -> NewSession:
    """Go to another chart, or with None to one's work: a new session in place of this one.

    Raises:
        NotFound: if the person may not act for that chart (any more).
    """
    secret, session_id = secrets.token_urlsafe(32), uuid4()
    expires_at = await tx.scalar(
        "select switch_chart(:id, :hash, :patient_id)",
        {"id": session_id, "hash": secret_hash(secret), "patient_id": patient_id},
    )
    if expires_at is None:
        raise NotFound
    await audit.record(tx, "access.act_for", patient_id=patient_id, entity="Session", entity_id=session_id)
    return NewSession(
        secret, session_id, tx.actor.person_id, tx.actor.locale, is_staff=patient_id is None, expires_at=expires_at
    )


async def why_ended(tx: Transaction, session_secret: str) -> str:
    """Return why a session ended: "switched" to another chart, "revoked", or "" for anything else."""
    found: str | None = await tx.scalar("select why_session_ended(:hash)", {"hash": secret_hash(session_secret)})
    return found or ""


async def _invitation(tx: Transaction, key: str) -> Row[Any]:
    known_by = secret_hash(key)
    await tx.execute("select set_config('portal.invitation', :hash, true)", {"hash": known_by})
    row = await tx.first("select * from charts_acted_for(:hash)", {"hash": known_by})
    if row is None:
        raise InvitationOver
    return row
