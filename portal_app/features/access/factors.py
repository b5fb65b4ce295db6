"""The second factor of staff: prove it, set it up, and the codes for the day on which a device is lost.

What failed is returned, not raised, wherever a wrong code was counted: that must be committed.
"""

import secrets
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pyotp
from sqlalchemy import insert, select
from sqlmodel import col

from portal_app.core import audit, clock
from portal_app.core.actor import Role
from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction
from portal_app.core.errors import SecondFactorNeeded
from portal_app.features.access import jobs, kept_codes, passkeys, rules, service
from portal_app.features.access.errors import (
    CodeNotOnList,
    FactorRefused,
    FactorWornOut,
    GivenCodeRefused,
    PasskeyRefused,
    SetUpCodeRefused,
)
from portal_app.features.access.tables import AuthenticatorApp, FactorTry
from portal_app.features.access.views import Browser, Factors, NewApp, NewSession, Site

Refusal = type[FactorRefused] | type[FactorWornOut] | type[SetUpCodeRefused] | type[GivenCodeRefused]

_HELD: Final = """
select exists (select from passkey p
               where p.person_id = :id and p.flagged_at is null and p.vouched_at is not null) as has_passkey,
  exists (select from authenticator_app a where a.person_id = :id and a.confirmed_at is not null) as has_app,
  (select count(*) from recovery_code c where c.person_id = :id and c.used_at is null) as codes_left,
  may_set_up() as may_set_up, may_make_codes() as owes_codes,
  (select coalesce(s.assurance > 1 and s.idle_until <= now(), false) from session s where s.id = :session) as is_locked
"""


async def factors(tx: Transaction) -> Factors:
    """Return what the actor can prove themself with."""
    row = await tx.one(_HELD, {"id": tx.actor.person_id, "session": tx.actor.session_id})
    is_proven = Role.unproven not in tx.actor.roles
    may_set_up = is_proven or row.may_set_up
    return Factors(
        row.has_passkey, row.has_app, row.codes_left, is_proven, may_set_up, bool(row.is_locked), bool(row.owes_codes)
    )


async def prove(tx: Transaction, typed: str, user_agent: str) -> NewSession | Refusal:
    """Take the digits of the app or a recovery code and, if they fit, replace the session by one of assurance 2."""
    if await is_worn_out(tx):
        return FactorWornOut
    if await is_code_of_app(tx, typed):
        return await strengthen(tx, user_agent, "app")
    used = await _use_recovery_code(tx, typed)
    if used is None:
        return await refuse(tx, FactorRefused)
    await jobs.tell(tx, tx.actor.person_id, "code_used", used)
    return await strengthen(tx, user_agent, "recovery")


async def open_set_up(tx: Transaction, typed: str) -> Refusal | None:
    """Let this session set up a second factor, if the code is the one another person gave."""
    if await is_worn_out(tx):
        return FactorWornOut
    opened = await tx.execute(
        "update factor_invitation set opened_session_id = :session where person_id = :person and code_hash = :hash"
        " and used_at is null and expires_at > :now",
        {"session": tx.actor.session_id, "person": tx.actor.person_id, "now": clock.now(),
         "hash": set_up_code_hash(tx.actor.person_id, rules.normalised_spoken(typed) or "")},
    )  # fmt: skip
    if not opened:
        return await refuse(tx, SetUpCodeRefused)
    await audit.record(tx, "access.open_set_up", patient_id=None, entity="Person", entity_id=tx.actor.person_id)
    return None


async def begin_passkey(tx: Transaction, session_secret: str, site: Site) -> dict[str, Any]:
    """Return what the browser makes a first passkey from.

    Raises:
        SetUpCodeRefused: if no set-up code was typed in this session.
        StepUpNeeded: if somebody who has proved themself did so too long ago.
    """
    await _require_set_up(tx)
    return await passkeys.question_for_new(tx, session_secret, site)


async def finish_passkey(
    tx: Transaction, answer: str, browser: Browser, site: Site
) -> NewSession | type[PasskeyRefused]:
    """Keep the passkey that the browser made, and go on in a session of assurance 2. Raises as `begin_passkey`."""
    await _require_set_up(tx)
    kept = await passkeys.keep_new(tx, answer, browser, site)
    if not isinstance(kept, UUID):
        return kept
    await tx.execute("update passkey set last_used_at = now() where id = :id", {"id": kept})
    await _use_up_invitation(tx)
    return await strengthen(tx, browser.user_agent, "passkey", kept)


async def begin_app(tx: Transaction, site: Site) -> NewApp:
    """Return the key for an authenticator app; it counts once a code of it was typed. Raises as `begin_passkey`.

    Until then the key stays the same, so that a mistyped code does not make an app useless that has read it.
    """
    await _require_set_up(tx)
    who = await service.who_am_i(tx)
    begun = await _app(tx, is_confirmed=False)
    key = begun.secret if begun else pyotp.random_base32()
    if begun is None:
        await tx.execute(insert(AuthenticatorApp).values(id=uuid4(), person_id=who.person_id, secret=key))
    address = pyotp.TOTP(key).provisioning_uri(name=who.email or who.display_name, issuer_name=site.name)
    return NewApp(key, address)


async def confirm_app(tx: Transaction, typed: str, user_agent: str) -> NewSession | Refusal:
    """Count on the new app if it shows the right digits, and replace the session by one of assurance 2."""
    await _require_set_up(tx)
    if await is_worn_out(tx):
        return FactorWornOut
    app = await _app(tx, is_confirmed=False)
    step = _step_of(app.secret, typed) if app else None
    if app is None or step is None:
        return await refuse(tx, FactorRefused)
    await tx.execute(
        "delete from authenticator_app where person_id = :id and id <> :app", {"id": tx.actor.person_id, "app": app.id}
    )
    await tx.execute(
        "update authenticator_app set confirmed_at = :now, last_step = :step, used_at = now() where id = :app",
        {"now": clock.now(), "step": step, "app": app.id},
    )
    await audit.record(tx, "access.add_app", patient_id=None, entity="Person", entity_id=tx.actor.person_id)
    await jobs.tell(tx, tx.actor.person_id, "app_added", app.id)
    await _use_up_invitation(tx)
    return await strengthen(tx, user_agent, "app")


async def keep_recovery_codes(tx: Transaction, typed: str) -> None:
    """Note that the codes are kept, since one was typed from the copy; from then on everything opens. It stays good.

    Raises:
        CodeNotOnList: if it is none of them.
        SecondFactorNeeded: if the person has not proved themself.
    """
    await must_make_codes(tx)
    person_id = tx.actor.person_id
    if not await tx.scalar("select keep_recovery_codes(:hash)", {"hash": await kept_codes.found(tx, typed)}):
        raise CodeNotOnList
    await audit.record(tx, "access.keep_recovery_codes", patient_id=None, entity="Person", entity_id=person_id)


async def must_make_codes(tx: Transaction) -> bool:
    """Tell whether the actor opens nothing before they have codes; raises where they have not proved themself."""
    if Role.unproven not in tx.actor.roles:
        return False
    if not await tx.scalar("select may_make_codes()"):
        raise SecondFactorNeeded
    return True


async def invite(tx: Transaction, person_id: UUID, life: timedelta) -> str:
    """Return the code with which a person sets up a second factor; one they were given before counts no more."""
    code = spoken_code()
    await tx.execute("delete from factor_invitation where person_id = :id", {"id": person_id})
    await tx.execute(
        "insert into factor_invitation (id, person_id, code_hash, expires_at) values (:id, :person, :hash, :until)",
        {"id": uuid4(), "person": person_id, "hash": set_up_code_hash(person_id, code), "until": clock.now() + life},
    )
    return rules.spoken(code)


def set_up_code_hash(person_id: UUID, code: str) -> str:
    """Return what is kept of a set-up code: keyed, and bound to the person."""
    return blind_index(f"{person_id}:{code}", purpose="set-up code")


def spoken_code() -> str:
    """Return a new code of the kind that people read to each other."""
    return "".join(secrets.choice(rules.SPOKEN_LETTERS) for _ in range(rules.SPOKEN_LENGTH))


async def _require_set_up(tx: Transaction) -> None:
    if Role.unproven not in tx.actor.roles:
        await passkeys.require_fresh(tx)
    elif not await tx.scalar("select may_set_up()"):
        raise SetUpCodeRefused


async def is_worn_out(tx: Transaction) -> bool:
    """Tell whether the person typed too many wrong codes; tries that come together are counted one after the other."""
    person = {"id": tx.actor.person_id}
    await tx.execute("select from person where id = :id for no key update", person)
    for span, most in rules.FACTOR_TRIES:
        since = clock.now() - span
        wrong = await tx.scalar(
            "select count(*) from factor_try where person_id = :id and tried_at > :since", person | {"since": since}
        )
        if wrong >= most:
            return True
    return False


async def refuse(tx: Transaction, refusal: Refusal) -> Refusal:
    """Count a wrong try, record it, and return why it was refused."""
    person_id = tx.actor.person_id
    await tx.execute(insert(FactorTry).values(id=uuid4(), person_id=person_id, tried_at=clock.now()))
    await audit.record(tx, "access.factor_refused", patient_id=None, entity="Person", entity_id=person_id)
    return refusal


async def _app(tx: Transaction, *, is_confirmed: bool) -> Any:
    confirmed = col(AuthenticatorApp.confirmed_at)
    own = col(AuthenticatorApp.person_id) == tx.actor.person_id
    wanted = select(col(AuthenticatorApp.id), col(AuthenticatorApp.secret)).where(own)
    return await tx.first(wanted.where(confirmed.is_not(None) if is_confirmed else confirmed.is_(None)))


def _step_of(secret: str, typed: str) -> int | None:
    """Return the number of the code that was typed, None if the app does not show it now."""
    digits, app = rules.normalised_code(typed) or "", pyotp.TOTP(secret)
    fitting = [step for step in rules.app_steps(clock.now()) if secrets.compare_digest(app.generate_otp(step), digits)]
    return fitting[-1] if fitting else None


async def is_code_of_app(tx: Transaction, typed: str) -> bool:
    """Tell whether the digits are what the person's app shows now and did not come before, and note their use."""
    app = await _app(tx, is_confirmed=True)
    step = _step_of(app.secret, typed) if app else None
    if app is None or step is None:
        return False
    # Each number counts once, also when the same digits come twice at the same instant.
    used = await tx.execute(
        "update authenticator_app set last_step = :step, used_at = now() where id = :id and last_step < :step",
        {"id": app.id, "step": step},
    )
    return used == 1


async def _use_recovery_code(tx: Transaction, typed: str) -> UUID | None:
    used: UUID | None = await tx.scalar(
        "update recovery_code set used_at = now() where person_id = :person and code_hash = :hash"
        " and used_at is null returning id",
        {"person": tx.actor.person_id, "hash": await kept_codes.found(tx, typed)},
    )
    return used


async def _use_up_invitation(tx: Transaction) -> None:
    await tx.execute(
        "update factor_invitation set used_at = :now where person_id = :id and used_at is null",
        {"now": clock.now(), "id": tx.actor.person_id},
    )


async def strengthen(tx: Transaction, user_agent: str, method: str, passkey_id: UUID | None = None) -> NewSession:
    """Put a new session with a secret of its own in the place of this one: nobody's session ever grows stronger."""
    old = tx.actor.session_id
    session = await service.open_session(
        tx, tx.actor.person_id, assurance=2, user_agent=user_agent, method=method, passkey_id=passkey_id,
        stays_at=tx.actor.patient_id,
    )  # fmt: skip
    await tx.execute("select set_config('portal.replaces', 'yes', true)")
    await tx.execute("update session set ended_at = :now where id = :id", {"now": clock.now(), "id": old})
    return session
