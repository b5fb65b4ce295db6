"""What patients changed about themselves, old and new, until the practice has taken it over, one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, text

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedJSON
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.features.profile import policies
from portal_app.features.profile.errors import ChangedAgain
from portal_app.features.profile.views import ChangeKind, ProfileChange

_NOTED: Final = (
    text("""
insert into profile_change (id, patient_id, confidentiality, kind, before, after, changed_by, changed_name, changed_at)
select :id, c.id, c.confidentiality, :kind, :before, :after, actor_person(), :name, :now
from patient c where c.id = :patient_id
on conflict (patient_id, kind) where accepted_at is null
do update set after = excluded.after, changed_by = excluded.changed_by, changed_name = excluded.changed_name,
  changed_at = excluded.changed_at
returning id, before
""")
    .bindparams(bindparam("before", type_=EncryptedJSON), bindparam("after", type_=EncryptedJSON))
    .columns(before=EncryptedJSON)
)
_OPEN: Final = text("""
select c.id, c.kind, c.before, c.after, c.changed_name, c.changed_at,
  exists (select from access_grant g where g.grantee = c.changed_by and g.patient_id = c.patient_id
    and g.basis = 'self') as is_by_patient
from profile_change c where c.patient_id = :id and c.accepted_at is null order by c.changed_at, c.id
""").columns(before=EncryptedJSON, after=EncryptedJSON)
_UNSEEN: Final = "select id, kind, changed_at from unseen_profile_changes(:id)"
_ACCEPT: Final = """
update profile_change set accepted_by = actor_person(), accepted_name = :name, accepted_at = :now
where id = :id and accepted_at is null and changed_at = :changed_at returning patient_id
"""
_SETTLE: Final = """
update profile_change set accepted_by = actor_person(), accepted_name = :name, accepted_at = :now
where patient_id = :patient_id and kind = :kind and accepted_at is null
"""


async def note_change(tx: Transaction, kind: ChangeKind, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Keep what the patient's side changed, beside what stood there when the practice last accepted it."""
    if dict(before) == dict(after) or tx.actor.patient_id is None:
        return
    params = {"id": uuid4(), "patient_id": tx.actor.patient_id, "kind": kind, "before": dict(before),
              "after": dict(after), "name": tx.actor.display_name, "now": clock.now()}  # fmt: skip
    row: Any = await tx.one(_NOTED, params)
    if row.before == dict(after):  # as it was: nothing is left to accept
        await tx.execute("delete from profile_change where id = :id", {"id": row.id})


async def changes_before(
    tx: Transaction, appointment_id: UUID, *, is_repeated: bool = False
) -> tuple[UUID, Sequence[ProfileChange]]:
    """Return the patient of a visit and what they changed that nobody has accepted, the oldest first.

    What the actor may not read comes last and says no more than that it changed. That the rest was looked at is
    recorded, unless an open page looks again.

    Raises:
        NotFound: if the actor sees no such visit.
    """
    policy.require(tx.actor, policies.SEE_CHANGES.name)
    patient_id: UUID | None = await tx.scalar(
        "select patient_id from appointment where id = :id", {"id": appointment_id}
    )
    if patient_id is None:
        raise NotFound
    rows: Sequence[Any] = await tx.all(_OPEN, {"id": patient_id})
    if rows and not is_repeated:
        await audit.record_view(
            tx, "profile.see_changes", patient_id=patient_id, entity="Patient", entity_id=patient_id
        )
    country = await practice.country(tx) if rows else ""
    shown = [replace(ProfileChange(**row._asdict()), before=_as_written(row.kind, row.before, country),
                     after=_as_written(row.kind, row.after, country)) for row in rows]  # fmt: skip
    unseen: Sequence[Any] = await tx.all(_UNSEEN, {"id": patient_id})
    hidden = [ProfileChange(one.id, one.kind, {}, {}, "", one.changed_at, is_shown=False) for one in unseen]
    return patient_id, (*shown, *hidden)


def _as_written(kind: ChangeKind, parts: Mapping[str, str], country: str) -> Mapping[str, str]:
    """Return the parts with their number as people write it."""
    part = "said" if kind == "phone" else "phone"
    return {**parts, part: patients.written_number(parts[part], country)} if parts.get(part) else parts


async def accept_change(tx: Transaction, change_id: UUID, changed_at: datetime) -> None:
    """Note that the practice has taken a change over, as it was when it was shown.

    Raises:
        ChangedAgain: if it was changed since, accepted by somebody else, or is none that the actor may read.
    """
    policy.require(tx.actor, policies.ACCEPT_CHANGE.name)
    params = {"id": change_id, "changed_at": changed_at, "name": tx.actor.display_name, "now": clock.now()}
    patient_id: UUID | None = await tx.scalar(_ACCEPT, params)
    if patient_id is None:
        raise ChangedAgain
    await audit.record(tx, "profile.accept_change", patient_id=patient_id, entity="Patient", entity_id=patient_id)


async def settle(tx: Transaction, patient_id: UUID, kind: str) -> None:
    """Leave nothing to accept of what staff have put back."""
    params = {"patient_id": patient_id, "kind": kind, "name": tx.actor.display_name, "now": clock.now()}
    await tx.execute(_SETTLE, params)
