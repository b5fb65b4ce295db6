"""Proving oneself once more, on the page where it is asked for.

A session of assurance 2 is fresh again for ten minutes; a weaker one is replaced, since no session grows stronger.
"""

from typing import Any

from portal_app.core import audit, clock
from portal_app.core.db import Transaction
from portal_app.features.access import factors, passkeys
from portal_app.features.access.errors import FactorRefused, FactorWornOut, PasskeyRefused, PasskeySetAside
from portal_app.features.access.views import Browser, NewSession, Site


async def ask(tx: Transaction, session_secret: str, site: Site) -> dict[str, Any]:
    """Return what the browser asks its passkeys; only one of the actor's own will do."""
    return await passkeys.begin_sign_in(tx, session_secret, site)


async def prove(
    tx: Transaction, answer: str, browser: Browser, site: Site
) -> NewSession | type[PasskeyRefused] | type[PasskeySetAside] | None:
    """Take what a passkey answered; None if this session is fresh again, else the session in its place."""
    proof = await passkeys.verified(tx, answer, browser.secret, site)
    if not isinstance(proof, passkeys.Proof):
        return proof
    if proof.person_id != tx.actor.person_id or not await passkeys.count_use(tx, proof):
        return PasskeyRefused
    if tx.actor.assurance < 2 and proof.is_vouched:
        return await factors.strengthen(tx, browser.user_agent, "passkey", proof.passkey_id)
    if tx.actor.assurance > 1 and not proof.is_vouched:
        return PasskeyRefused
    await _renew(tx, "passkey")
    return None


async def prove_by_app(tx: Transaction, typed: str) -> factors.Refusal | None:
    """Take the digits of an authenticator app; None if this session is fresh again."""
    if await factors.is_worn_out(tx):
        return FactorWornOut
    if tx.actor.assurance < 2 or not await factors.is_code_of_app(tx, typed):
        return await factors.refuse(tx, FactorRefused)
    await _renew(tx, "app")
    return None


async def _renew(tx: Transaction, method: str) -> None:
    session = tx.actor.session_id
    await tx.execute("update session set proved_at = :now where id = :id", {"now": clock.now(), "id": session})
    detail = {"method": method}
    await audit.record(tx, "access.step_up", patient_id=None, entity="Session", entity_id=session, detail=detail)
