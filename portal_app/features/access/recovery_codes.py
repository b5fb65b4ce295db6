"""A new list of recovery codes: hashed slowly, so before there is a transaction that would wait for it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import insert

from portal_app.core import audit, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database, Transaction
from portal_app.features.access import factors, jobs, kept_codes, passkeys, policies, rules
from portal_app.features.access.tables import RecoveryCode

LIMIT: Final = "10/hour"
"""How many lists one person can have made: each costs ten slow hashes."""
_POLICY: Final = policies.MAKE_RECOVERY_CODES.name


async def make_recovery_codes(database: Database, credential: Credential) -> Sequence[str]:
    """Return ten new recovery codes as they are read out; those there were count no more.

    Whoever must make them first has just signed in, and loses none that they have kept.

    Raises:
        SecondFactorNeeded: if the person has not proved themself.
        StepUpNeeded: if the person signed in too long ago.
        TooManyTries: if they had too many lists made.
    """
    async with database.act_as(credential, _POLICY) as tx:
        person_id = await _who_may(tx)
        await limits.count(LIMIT, "recovery codes", str(person_id))
    made = [rules.spoken(factors.spoken_code()) for _ in range(rules.RECOVERY_CODES)]
    hashes = await kept_codes.all_kept(person_id, made, kept_codes.new_salt())
    async with database.act_as(credential, _POLICY) as tx:
        await _keep(tx, await _who_may(tx), hashes)
    return made


async def _who_may(tx: Transaction) -> UUID:
    if not await factors.must_make_codes(tx):
        await passkeys.require_fresh(tx)
    return tx.actor.person_id


async def _keep(tx: Transaction, person_id: UUID, hashes: Sequence[str]) -> None:
    await tx.execute("delete from recovery_code where person_id = :id", {"id": person_id})
    rows = [{"id": uuid4(), "person_id": person_id, "code_hash": one} for one in hashes]
    for row in rows:
        await tx.execute(insert(RecoveryCode).values(**row))
    await audit.record(tx, "access.make_recovery_codes", patient_id=None, entity="Person", entity_id=person_id)
    await jobs.tell(tx, person_id, "codes_made", UUID(str(rows[0]["id"])))
