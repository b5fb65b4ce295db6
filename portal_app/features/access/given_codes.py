"""A lost phone: the front desk, having made sure who it is, resets how a patient signs in and gives them a code.

That code, beside the one by e-mail, is a second proof: the person goes on in a session of assurance 2 and adds a
passkey. What failed is returned, not raised, wherever a wrong code was counted: that must be committed.
"""

from uuid import UUID, uuid4

from portal_app.core import audit, clock
from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.core.realtime import announce
from portal_app.features.access import factors, jobs, rules, service, sessions
from portal_app.features.access.errors import CannotReset, FactorWornOut, GivenCodeRefused
from portal_app.features.access.views import Browser, NewSession


async def reset_patient(tx: Transaction, patient_id: UUID, reason: str, known_by: str) -> str:
    """Take away every passkey and session of the person of a chart; return the code to give them, said this once.

    `known_by` says how the front desk made sure who it is. Told by mail and, where one is known, to their telephone.

    Raises:
        StepUpNeeded: if the actor signed in too long ago.
        InputRefused: if no reason, or no proof of who it is, was chosen.
        CannotReset: if nobody signs in for the chart, they work for the practice, or the actor may not act for it.
    """
    await sessions.require_fresh(tx)
    if reason not in rules.RESET_REASONS:
        raise InputRefused("reason", N_("Choose why the sign-in is reset."))
    if known_by not in rules.KNOWN_BY:
        raise InputRefused("known-by", N_("Choose how you made sure who it is."))
    code = factors.spoken_code()
    done: UUID | None = await tx.scalar(
        "select reset_sign_in_of_chart(:patient, :invitation, :hash, :until)",
        {"patient": patient_id, "invitation": uuid4(), "until": clock.now() + rules.GIVEN_CODE_LIFE,
         "hash": _code_hash(code)},
    )  # fmt: skip
    if done is None:
        raise CannotReset
    await audit.record(
        tx, "access.reset_patient", patient_id=patient_id, entity="Person", entity_id=done,
        detail={"reason": reason, "known_by": known_by},
    )  # fmt: skip
    await enqueue(tx, jobs.tell_reset, person_id=done, patient_id=patient_id, about=uuid4())
    await announce(tx, f"patient:{patient_id}")
    return rules.spoken(code)


async def use_given_code(
    tx: Transaction, typed: str, browser: Browser
) -> NewSession | type[GivenCodeRefused] | type[FactorWornOut]:
    """Make a session of assurance 2 if the code is the one the front desk gave; the caller ends the old one."""
    if await factors.is_worn_out(tx):
        return FactorWornOut
    used = await tx.execute(
        "update factor_invitation set used_at = now(), opened_session_id = :session where person_id = :person"
        " and code_hash = :hash and used_at is null and expires_at > :now",
        {"session": tx.actor.session_id, "person": tx.actor.person_id, "now": clock.now(),
         "hash": _code_hash(rules.normalised_spoken(typed) or "")},
    )  # fmt: skip
    if not used:
        await factors.refuse(tx, GivenCodeRefused)
        return GivenCodeRefused
    await tx.execute("select vouch_for_passkeys()")
    return await service.open_session(
        tx, tx.actor.person_id, assurance=2, user_agent=browser.user_agent, method="given_code",
        stays_at=tx.actor.patient_id, known_secret=browser.known_secret,
    )  # fmt: skip


def _code_hash(code: str) -> str:
    # Bound to the person by its row: the front desk, which makes it, does not know who signs in for a chart.
    return blind_index(code, purpose="given code")
