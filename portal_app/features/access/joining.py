"""Join an account at the provider of single sign-on with one here, after proof of both.

That an e-mail address is the same on both sides proves nothing: whoever comes back from the provider with an account we
do not know signs in here as before, in the same browser, and then joins the two.
"""

import secrets
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlmodel import col

from portal_app.core import audit, clock
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import NotFound, SecondFactorNeeded
from portal_app.features.access import jobs, rules, single_sign_on
from portal_app.features.access.errors import AlreadyJoined, JoinTooLate, NoRoleHere, NotForStaff, OwnFactors
from portal_app.features.access.passkeys import require_fresh
from portal_app.features.access.ports import Identity
from portal_app.features.access.proved import Proved, Refusal, enter, find_identity, staff_roles
from portal_app.features.access.tables import SignOnIdentity, SignOnLink
from portal_app.features.access.views import JoinOffer, NewSession


async def offer(tx: Transaction, identity: Identity) -> str:
    """Keep what the provider said until the person has signed in here; return the secret that finds it again."""
    proved = Proved.of(identity, ())
    secret = secrets.token_urlsafe(32)
    await _show(tx, secret)
    await tx.execute(
        insert(SignOnLink).values(
            id=uuid4(), secret_hash=secret_hash(secret), issuer=proved.issuer, subject_index=proved.subject_index,
            label=identity.label, roles=sorted(proved.roles) if proved.roles is not None else None,
            assurance=proved.assurance, provider_session=proved.provider_session, token=proved.token,
            proved_there_at=proved.proved_there_at,
            created_at=clock.now(), expires_at=clock.now() + rules.JOIN_LIFE,
        )
    )  # fmt: skip
    return secret


async def view_offer(tx: Transaction, link_secret: str) -> JoinOffer | type[JoinTooLate]:
    """Return which two accounts the actor would join. Raises SecondFactorNeeded, as `join` does."""
    await _require_own_factor(tx)
    await _show(tx, link_secret)
    label = await tx.scalar(select(col(SignOnLink.label)).where(*_open(link_secret)))
    return JoinOffer(label, tx.actor.display_name) if label is not None else JoinTooLate


async def join(tx: Transaction, link_secret: str, user_agent: str) -> NewSession | Refusal:
    """Join the two accounts and sign the actor in by the one at the provider; tell them by mail.

    Raises:
        SecondFactorNeeded: if they signed in by a code alone although they own a passkey or an authenticator app.
        StepUpNeeded: if they signed in too long ago.
    """
    await _require_own_factor(tx)
    await require_fresh(tx)
    proved = await _take(tx, link_secret)
    if proved is None:
        return JoinTooLate
    person_id = tx.actor.person_id
    held = await staff_roles(tx, person_id)
    if not held:
        return NotForStaff
    if proved.roles is not None and not (held - set(proved.governed)) | set(proved.roles):
        return NoRoleHere
    identity_id = await _keep(tx, proved, person_id)
    return await enter(tx, proved, identity_id, person_id, user_agent) if identity_id else AlreadyJoined


async def is_joined(tx: Transaction) -> bool:
    """Tell whether the actor's account is joined to one at a provider."""
    own = select(col(SignOnIdentity.id)).where(col(SignOnIdentity.person_id) == tx.actor.person_id)
    return await tx.first(own) is not None


async def part(tx: Transaction) -> None:
    """Let no account at a provider open the actor's any more, and tell them by mail.

    Raises:
        StepUpNeeded: if they must sign in once more first.
        NotFound: if there is none.
    """
    await require_fresh(tx)
    own = delete(SignOnIdentity).where(col(SignOnIdentity.person_id) == tx.actor.person_id)
    gone = await tx.all(own.returning(col(SignOnIdentity.id)))
    if not gone:
        raise NotFound
    for row in gone:
        await audit.record(tx, "access.part_accounts", patient_id=None, entity="Person", entity_id=row.id)
        await jobs.tell(tx, tx.actor.person_id, "accounts_parted", row.id)


async def part_colleague(tx: Transaction, person_id: UUID) -> None:
    """Let no account at a provider open a colleague's any more, end what it opened, and tell them by mail.

    Raises:
        StepUpNeeded: if the actor must sign in once more first.
        OwnFactors: if it is their own.
        NotFound: if nobody of the staff has this id, or they have joined none.
    """
    await require_fresh(tx)
    if person_id == tx.actor.person_id:
        raise OwnFactors
    done = await tx.all("select what, id from part_colleague(:id)", {"id": person_id})
    gone = [row.id for row in done if row.what == "identity"]
    if not gone:
        raise NotFound
    for row in done:
        if row.what == "session":
            await audit.record(tx, "access.end_session", patient_id=None, entity="Session", entity_id=row.id)
    await audit.record(tx, "access.part_colleague", patient_id=None, entity="Person", entity_id=person_id)
    for identity_id in gone:
        await jobs.tell(tx, person_id, "accounts_parted", identity_id)


async def _require_own_factor(tx: Transaction) -> None:
    """Go on unless the actor has a second factor here and has not shown it: a mailbox must not open a way around it."""
    has_factor = await tx.scalar(
        "select exists (select from passkey where person_id = :id and flagged_at is null) or"
        " exists (select from authenticator_app where person_id = :id and confirmed_at is not null)",
        {"id": tx.actor.person_id},
    )
    if has_factor and tx.actor.assurance < 2:
        raise SecondFactorNeeded


async def _take(tx: Transaction, link_secret: str) -> Proved | None:
    """Return what was proved at the provider, once, None if it is used or too long ago."""
    await _show(tx, link_secret)
    kept = (SignOnLink.issuer, SignOnLink.subject_index, SignOnLink.roles, SignOnLink.assurance,
            SignOnLink.provider_session, SignOnLink.token, SignOnLink.proved_there_at)  # fmt: skip
    taken = update(SignOnLink).where(*_open(link_secret)).values(used_at=clock.now())
    row = await tx.first(taken.returning(*(col(one) for one in kept)))
    return Proved(**row._asdict(), governed=single_sign_on.opened().governed_roles) if row else None


async def _keep(tx: Transaction, proved: Proved, person_id: UUID) -> UUID | None:
    """Return the id of the identity that joins the two, None if one of them is joined to another account."""
    made = insert_or_not(SignOnIdentity).values(
        id=uuid4(), person_id=person_id, issuer=proved.issuer, subject_index=proved.subject_index,
        created_at=clock.now(),
    )  # fmt: skip
    row = await tx.first(made.on_conflict_do_nothing().returning(col(SignOnIdentity.id)))
    if row is None:
        known = await find_identity(tx, proved.issuer, proved.subject_index)
        return known.id if known is not None and known.person_id == person_id else None
    identity_id: UUID = row.id
    await audit.record(tx, "access.join_accounts", patient_id=None, entity="Person", entity_id=person_id)
    await jobs.tell(tx, person_id, "accounts_joined", identity_id)
    return identity_id


async def _show(tx: Transaction, link_secret: str) -> None:
    """Let this transaction see what the browser that holds a secret proved at the provider."""
    hashed = secret_hash(link_secret) if link_secret else ""
    await tx.execute("select set_config('portal.sign_on_link', :hash, true)", {"hash": hashed})


def _open(link_secret: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SignOnLink.secret_hash) == secret_hash(link_secret),
        col(SignOnLink.used_at).is_(None),
        col(SignOnLink.expires_at) > clock.now(),
    )
