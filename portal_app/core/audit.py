"""The audit trail: who did or saw what, for whom, when and from where (FHIR R4 AuditEvent in spirit).

The application's role can add to the trail and nothing else. Who acts, by name and roles, the session, the address,
the time and the transaction are stamped by the database from the transaction's own settings; a statement cannot say
otherwise. Patients read the lines of their own chart (features/privacy).
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal_app.core.actor import Role
from portal_app.core.db import VISITOR, Transaction
from portal_app.core.errors import PortalError

DETAIL_MAX_CHARS: Final = 1000


class AuditWithoutActor(PortalError):
    """Something was about to be recorded that nobody did: a transaction without an actor."""

    code = "audit_without_actor"


class AuditEvent(SQLModel, table=True):
    """One thing done or seen. `cluster` and `tx` say in which transaction of which database cluster.

    `person_name` and `roles` are those of that moment; events from before migration 0019 have none.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("audit_event_unsealed", "cluster", "tx"),
        Index("audit_event_patient", "patient_id", "at"),
        Index("audit_event_person", "person_id", "at"),
        Index(
            "audit_event_chart_person", "patient_id", "person_id", "at", postgresql_where=text("patient_id is not null")
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    cluster: int = Field(sa_column=Column(BigInteger, nullable=False))
    tx: int = Field(sa_column=Column(BigInteger, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    person_id: UUID
    session_id: UUID | None = None
    address: str = Field(sa_column=Column(Text, nullable=False))
    task: str = Field(sa_column=Column(Text, nullable=False))
    patient_id: UUID | None = None
    action: str = Field(sa_column=Column(Text, nullable=False))
    entity: str = Field(sa_column=Column(Text, nullable=False))
    entity_id: UUID | None = None
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'")))
    person_name: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    roles: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text), nullable=True))


class AuditSeal(SQLModel, table=True):
    """A closed stretch of the trail: see `audit_seal`."""

    __tablename__ = "audit_seal"

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    cluster: int = Field(sa_column=Column(BigInteger, nullable=False))
    from_tx: int = Field(sa_column=Column(BigInteger, nullable=False))
    to_tx: int = Field(sa_column=Column(BigInteger, nullable=False))
    row_count: int
    entries: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    key_id: str = Field(sa_column=Column(Text, nullable=False))
    previous_mac: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    mac: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


_EVENT: Final = "(:action, cast(:patient_id as uuid), :entity, cast(:entity_id as uuid), cast(:detail as jsonb))"
_RECORD: Final = f"record_event{_EVENT}"
_RECORD_AS_GUEST: Final = f"record_as_guest{_EVENT}"
_RECORD_UNLESS_OWN: Final = f"""case when not exists (
    select from access_grant g
    where g.grantee = own_person() and g.patient_id = cast(:patient_id as uuid) and g.basis = 'self')
  then {_RECORD} end"""
_OWN_OR_NOBODY: Final = frozenset({Role.patient, Role.system})


async def record(
    tx: Transaction,
    action: str,
    *,
    patient_id: UUID | None,
    entity: str,
    entity_id: UUID | None,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Add one event to the trail, in the caller's transaction: it stands if and only if the act does.

    `action` is `<feature>.<what>`, such as "booking.book" or, for something seen, "booking.view". `entity` is the
    FHIR noun of the record. `detail` never holds health information, names or contact details.

    Raises:
        AuditWithoutActor: in a visitor's transaction.
        ValueError: if the detail is longer than an audit detail should ever be.
    """
    if tx.actor.person_id == VISITOR.person_id:
        raise AuditWithoutActor(action)
    written = json.dumps(dict(detail or {}), ensure_ascii=False)
    if len(written) > DETAIL_MAX_CHARS:
        raise ValueError(f"{action}: an audit detail of {len(written)} characters")
    params = {"action": action, "patient_id": patient_id, "entity": entity, "entity_id": entity_id, "detail": written}
    if Role.guest in tx.actor.roles:
        tx.call_at_commit(_RECORD_AS_GUEST, params)
    else:
        tx.note_at_commit(_RECORD, params)


async def record_view(
    tx: Transaction, action: str, *, patient_id: UUID | None, entity: str, entity_id: UUID | None
) -> None:
    """Add a view of a chart, unless a patient opens their own or a job reads it; in one transaction once.

    Whoever acts for nobody else is asked nothing more. A caregiver may have a chart of their own as well: whose it is
    the database finds out with the event.
    """
    if tx.actor.roles <= _OWN_OR_NOBODY:
        return
    params = {"action": action, "patient_id": patient_id, "entity": entity, "entity_id": entity_id, "detail": "{}"}
    tx.note_at_commit(_RECORD_UNLESS_OWN if Role.caregiver in tx.actor.roles else _RECORD, params, is_once=True)


_INSERT_EACH: Final = (
    "insert into audit_event (action, patient_id, entity, entity_id, detail)"
    " select :action, x.id, :entity, coalesce(cast(:entity_id as uuid), x.id), cast(:detail as jsonb)"
    " from unnest(cast(:patient_ids as uuid[])) x (id)"
)


async def record_each(
    tx: Transaction,
    action: str,
    patient_ids: Collection[UUID],
    *,
    entity: str,
    entity_id: UUID | None = None,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Add one event for each of several charts that were seen together, as on a list; otherwise as `record`.

    `entity_id` is the list's own id if it has one; else each event names its chart.
    """
    if tx.actor.person_id == VISITOR.person_id:
        raise AuditWithoutActor(action)
    if not patient_ids:
        return
    params = {"action": action, "entity": entity, "entity_id": entity_id, "detail": json.dumps(dict(detail or {})),
              "patient_ids": list(patient_ids)}  # fmt: skip
    tx.write_at_commit(_INSERT_EACH, params)
