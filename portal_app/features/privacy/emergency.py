"""Open a chart outside one's own patients, with a reason, for a few hours, in plain sight.

The opening is a row; the database gives and takes the grant with it (migration 0019).
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlmodel import col

from portal_app.core import audit, clock, policy
from portal_app.core.actor import Role
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound, StepUpNeeded
from portal_app.core.i18n import N_
from portal_app.core.realtime import announce
from portal_app.features.access import service as access
from portal_app.features.patients import service as patients
from portal_app.features.privacy import jobs, policies, rules
from portal_app.features.privacy.errors import OpenAlready
from portal_app.features.privacy.tables import EmergencyAccess
from portal_app.features.privacy.views import Opening, OpeningView, OutsideChart
from portal_app.features.tasks import service as tasks

TASK: Final = "emergency_access"
TOPIC: Final = "privacy:all"

_FIND: Final = "select * from find_outside(:names, cast(:dates as text[]), :most)"
_OPENINGS: Final = text("""
select o.id, o.person_name, o.patient_id, coalesce(n.name, '') as patient_name, o.kind, o.reason, o.opened_at,
  o.valid_until, o.ended_at, o.reviewed_at
from emergency_access o left join privacy_names() n on n.patient_id = o.patient_id
order by o.reviewed_at is not null, o.opened_at desc, o.id limit :most
""").columns(reason=EncryptedText)


async def find_outside(tx: Transaction, query: str) -> Sequence[OutsideChart]:
    """Return who fits a name (and birth date), whether or not the actor may see their charts; recorded for each."""
    policy.require(tx.actor, policies.OPEN.name)
    names, dates = patients.asked_for(query)
    if not names:
        return ()
    params = {"names": names, "dates": [f"@{day:%Y%m%d}" for day in dates], "most": rules.FOUND_OUTSIDE_MAX}
    rows: Sequence[Any] = await tx.all(_FIND, params)
    await audit.record_each(tx, "patients.find", [row.id for row in rows], entity="Patient")
    return [OutsideChart(*row) for row in rows]


async def open_in_emergency(tx: Transaction, wish: Opening) -> OpeningView:
    """Let the actor see one chart from now on, for `rules.EMERGENCY_LIFE`; the managers are told with the commit.

    Raises:
        InputRefused: if the reason is missing or too short.
        NotFound: if there is no such chart.
        OpenAlready: if it is one of the actor's own.
        StepUpNeeded: after a code alone, or if they proved themself too long ago.
    """
    policy.require(tx.actor, policies.OPEN.name)
    if tx.actor.assurance < rules.EMERGENCY_ASSURANCE:
        raise StepUpNeeded
    await access.require_fresh(tx)
    reason = _checked(wish)
    standing = await tx.first(select(EmergencyAccess).where(col(EmergencyAccess.id) == wish.key))
    if standing is None:
        if await tx.scalar("select exists (select from patient where id = :id)", {"id": wish.patient_id}):
            raise OpenAlready
        await _insert(tx, wish, reason)
    found = await open_now(tx, wish.patient_id)
    if found is None:
        raise NotFound
    return found


async def _insert(tx: Transaction, wish: Opening, reason: str) -> None:
    now = clock.now()
    if not await tx.scalar("select is_found_outside(:id)", {"id": wish.patient_id}):
        raise NotFound
    row = insert(EmergencyAccess).values(
        id=wish.key, person_id=tx.actor.person_id, person_name=tx.actor.display_name, patient_id=wish.patient_id,
        kind=wish.kind, reason=reason, opened_at=now, valid_until=now + rules.EMERGENCY_LIFE,
    )  # fmt: skip
    await tx.execute(row)
    await audit.record(
        tx, "privacy.open_in_emergency", patient_id=wish.patient_id, entity="Patient", entity_id=wish.patient_id,
        detail={"kind": wish.kind, "opening": str(wish.key)},
    )  # fmt: skip
    await tasks.open_task(tx, TASK, wish.key)
    await jobs.tell_later(tx, wish.key)
    await announce(tx, TOPIC, f"patient:{wish.patient_id}")


def _checked(wish: Opening) -> str:
    if wish.kind not in rules.EMERGENCY_KINDS:
        raise InputRefused("kind", N_("Choose why you need this chart now."))
    reason = " ".join(wish.reason.split())
    if len(reason) < rules.REASON_LEAST:
        raise InputRefused("reason", N_("Say in a few words what happened: at least 15 letters."))
    if len(reason) > rules.REASON_MOST:
        raise InputRefused("reason", N_("Please keep it to 500 letters."))
    return reason


async def open_now(tx: Transaction, patient_id: UUID) -> OpeningView | None:
    """Return the actor's own opening of a chart that is in force, None if there is none."""
    own = select(EmergencyAccess).where(
        col(EmergencyAccess.patient_id) == patient_id, col(EmergencyAccess.person_id) == tx.actor.person_id,
        col(EmergencyAccess.ended_at).is_(None), col(EmergencyAccess.valid_until) > clock.now(),
    )  # fmt: skip
    row = await tx.first(own.order_by(col(EmergencyAccess.opened_at).desc()).limit(1))
    if row is None:
        return None
    return OpeningView(
        row.id, row.person_name, row.patient_id, "", row.kind, row.reason, row.opened_at, row.valid_until, None, None
    )


async def end_opening(tx: Transaction, opening_id: UUID) -> None:
    """Close a chart that was opened in an emergency, by its opener or a manager, at once on open pages.

    Raises:
        NotFound: if the actor has nothing to do with it.
    """
    if not tx.actor.roles & {Role.nurse, Role.clinician, Role.manager}:
        raise NotFound
    row = await tx.first(
        "select patient_id, ended_at, valid_until from emergency_access where id = :id for update", {"id": opening_id}
    )
    if row is None:
        raise NotFound
    if row.ended_at is not None or row.valid_until <= clock.now():
        return
    ended = update(EmergencyAccess).where(col(EmergencyAccess.id) == opening_id)
    await tx.execute(ended.values(ended_at=clock.now(), ended_by=tx.actor.person_id))
    await audit.record(
        tx, "privacy.end_emergency", patient_id=row.patient_id, entity="Patient", entity_id=row.patient_id
    )
    await announce(tx, TOPIC, f"patient:{row.patient_id}")


async def openings(tx: Transaction, *, is_repeated: bool = False) -> Sequence[OpeningView]:
    """Return every opening, those nobody has looked into first; recorded, unless an open page looks again."""
    policy.require(tx.actor, policies.REVIEW.name)
    rows: Sequence[Any] = await tx.all(_OPENINGS, {"most": rules.OPENINGS_MAX})
    if not is_repeated:
        await audit.record_each(
            tx, "privacy.view_openings", dict.fromkeys(row.patient_id for row in rows), entity="AuditEvent"
        )
    return [OpeningView(**row._asdict()) for row in rows]


async def review_opening(tx: Transaction, opening_id: UUID) -> None:
    """Note that a manager has looked into an opening; doing so again changes nothing.

    Raises:
        NotFound: if there is none.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    row = await tx.first(
        "select patient_id, reviewed_at from emergency_access where id = :id for update", {"id": opening_id}
    )
    if row is None:
        raise NotFound
    if row.reviewed_at is not None:
        return
    seen = update(EmergencyAccess).where(col(EmergencyAccess.id) == opening_id)
    await tx.execute(seen.values(reviewed_at=clock.now(), reviewed_by=tx.actor.person_id))
    await audit.record(
        tx, "privacy.review_emergency", patient_id=row.patient_id, entity="Patient", entity_id=row.patient_id
    )
    await tasks.close_task(tx, TASK, opening_id, "reviewed")
    await announce(tx, TOPIC)
