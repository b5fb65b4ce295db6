"""An account at the provider of single sign-on that was proved just now, and what it opens here."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import Row, insert, select
from sqlmodel import col

from portal_app.core import audit
from portal_app.core.actor import STAFF
from portal_app.core.crypto import blind_index
from portal_app.core.db import VISITOR, Transaction
from portal_app.features.access import service
from portal_app.features.access.errors import AccountClosed, AlreadyJoined, JoinTooLate, NoRoleHere, NotForStaff
from portal_app.features.access.ports import Identity
from portal_app.features.access.tables import SignOnIdentity, SignOnSession
from portal_app.features.access.views import NewSession

Refusal = type[AccountClosed] | type[NoRoleHere] | type[AlreadyJoined] | type[JoinTooLate] | type[NotForStaff]


def subject_index(issuer: str, subject: str) -> str:
    """Return the blind index under which an account at a provider is looked up."""
    return _index(issuer, subject, "single sign-on account")


def session_id(issuer: str, session: str) -> UUID | None:
    """Return the id, made of a blind index, under which a session at a provider is looked up; None for none."""
    return UUID(_index(issuer, session, "single sign-on session")[:32]) if session else None


def _index(issuer: str, name: str, purpose: str) -> str:
    # Hashed first: a blind index takes large letters for small ones, and a provider's names do not.
    return blind_index(sha256(f"{issuer}\n{name}".encode()).hexdigest(), purpose=purpose)


@dataclass(frozen=True, slots=True)
class Proved:
    """What is kept of a proof. `roles` is None where the provider decides about none; `governed` are those it may."""

    issuer: str
    subject_index: str
    roles: Collection[str] | None
    assurance: int
    provider_session: UUID | None
    token: str = field(repr=False)
    proved_there_at: datetime | None
    governed: Collection[str]

    @classmethod
    def of(cls, identity: Identity, governed: Collection[str]) -> Self:
        """Make it of what the provider said."""
        return cls(
            identity.issuer, subject_index(identity.issuer, identity.subject), identity.roles, identity.assurance,
            session_id(identity.issuer, identity.session), identity.token, identity.proved_at, governed,
        )  # fmt: skip


async def find_identity(tx: Transaction, issuer: str, index: str) -> Row[Any] | None:
    """Return `id` and `person_id` of whoever's account this is, None if it is nobody's."""
    await tx.execute("select set_config('portal.sign_on_subject', :index, true)", {"index": index})
    return await tx.first(
        select(col(SignOnIdentity.id), col(SignOnIdentity.person_id)).where(
            col(SignOnIdentity.issuer) == issuer, col(SignOnIdentity.subject_index) == index
        )
    )


async def enter(
    tx: Transaction, proved: Proved, identity_id: UUID, person_id: UUID, user_agent: str
) -> NewSession | Refusal:
    """Give a person the roles the provider says, in a transaction that speaks for them, and a session."""
    if await tx.scalar("select disabled_at is not null from person where id = :id", {"id": person_id}):
        return AccountClosed
    # The transaction's own time is what lets it write roles and a session of assurance 2 (row-level security).
    await tx.execute(
        "update sign_on_identity set last_used_at = now(), roles = :roles, assurance = :assurance where id = :id",
        {"id": identity_id, "assurance": proved.assurance,
         "roles": sorted(proved.roles) if proved.roles is not None else None},
    )  # fmt: skip
    if not await _settle_roles(tx, proved, person_id):
        return NoRoleHere
    session = await service.open_session(
        tx, person_id, assurance=proved.assurance, user_agent=user_agent, method="single_sign_on"
    )
    await tx.execute(
        insert(SignOnSession).values(
            session_id=session.session_id, person_id=person_id, identity_id=identity_id,
            provider_session=proved.provider_session, token=proved.token, proved_there_at=proved.proved_there_at,
        )
    )  # fmt: skip
    return session


async def staff_roles(tx: Transaction, person_id: UUID) -> set[str]:
    """Return what the person this transaction speaks for works here as."""
    rows = await tx.all("select distinct role from person_role where person_id = :id", {"id": person_id})
    return {row.role for row in rows} & STAFF


async def _settle_roles(tx: Transaction, proved: Proved, person_id: UUID) -> bool:
    """Add and take away the roles that the provider decides about; tell whether any role is left."""
    held = await staff_roles(tx, person_id)
    said = held if proved.roles is None else (held - set(proved.governed)) | set(proved.roles)
    for role in sorted(said - held):
        await tx.execute(
            "insert into person_role (id, person_id, role) values (:id, :person_id, :role)",
            {"id": uuid4(), "person_id": person_id, "role": role},
        )
    for role in sorted(held - said):
        taken = {"person_id": person_id, "role": role}
        await tx.execute("delete from person_role where person_id = :person_id and role = :role", taken)
    if said != held:
        # Nobody has a session yet; the database knows whom this transaction speaks for.
        tx.actor = replace(VISITOR, person_id=person_id)
        detail = {"added": " ".join(sorted(said - held)), "removed": " ".join(sorted(held - said))}
        await audit.record(
            tx, "access.change_roles", patient_id=None, entity="Person", entity_id=person_id, detail=detail
        )
    return bool(said)
