"""Passkeys (WebAuthn Level 3): sign in with one, add one, and keep the list of one's own.

What failed is returned, not raised, wherever a challenge was used up: that must be committed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlmodel import col
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    generate_challenge,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal_app.core import audit, clock
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.direct import ask_together
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.core.i18n import N_
from portal_app.features.access import jobs, rules, service, sessions
from portal_app.features.access.errors import PasskeyRefused, PasskeySetAside, TooManyPasskeys
from portal_app.features.access.tables import Passkey
from portal_app.features.access.views import Browser, NewSession, PasskeyView, Site

REQUIRED: Final = UserVerificationRequirement.REQUIRED
_TIMEOUT_MS: Final = int(rules.CHALLENGE_LIFE.total_seconds() * 1000)
# The library lets what Python's own decoders say about malformed text through as it is.
_MALFORMED: Final = (WebAuthnException, ValueError, TypeError)
_ASK: Final = """
insert into passkey_challenge (id, browser_hash, challenge, purpose, created_at, expires_at)
values (:id, :browser, :challenge, :purpose, :now, :until)
"""
_SHOW: Final = "select set_config('portal.passkey', %(external_id)s, true)"
_TAKE_AND_FIND: Final = """
with taken as (
  update passkey_challenge set used_at = %(now)s
  where challenge = %(challenge)s and browser_hash = %(browser)s and purpose = %(purpose)s
    and used_at is null and expires_at > %(now)s
  returning id)
select exists (select from taken) as is_taken, p.id, p.person_id, p.public_key, p.sign_count, p.flagged_at, p.vouched_at
from (select) as one left join passkey p on p.external_id = %(external_id)s
"""
_USE: Final = """
update passkey set sign_count = greatest(sign_count, %(counted)s), is_backed_up = %(is_backed_up)s, last_used_at = now()
where id = %(passkey_id)s and (sign_count = %(known)s or %(counted)s = 0)
returning id
"""

require_fresh: Final = sessions.require_fresh


async def begin_sign_in(tx: Transaction, browser_secret: str, site: Site) -> dict[str, Any]:
    """Return what the browser asks its passkeys (`PublicKeyCredentialRequestOptions` as JSON); names nobody.

    Raises:
        NotAllowed: if the browser has no secret, so that the question would be everybody's.
    """
    challenge = _new_challenge(tx, browser_secret, "sign_in")
    options = generate_authentication_options(
        rp_id=site.domain, challenge=challenge, timeout=_TIMEOUT_MS, user_verification=REQUIRED
    )
    return options_to_json_dict(options)


async def finish_sign_in(
    tx: Transaction, answer: str, browser: Browser, site: Site
) -> NewSession | type[PasskeyRefused] | type[PasskeySetAside]:
    """Sign a browser in if a passkey we know answered the question it was asked.

    Assurance 2; 1 by a passkey that was added after a code by e-mail alone, and that nothing else stands behind yet.
    """
    proof = await verified(tx, answer, browser.secret, site)
    return await _sign_in(tx, proof, browser) if isinstance(proof, Proof) else proof


@dataclass(frozen=True, slots=True)
class Proof:
    """What a passkey proved: whose it is, and what it said about itself."""

    passkey_id: UUID
    person_id: UUID
    counted: int
    known_count: int
    is_backed_up: bool
    is_vouched: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a passkey."""

    id: UUID
    person_id: UUID
    public_key: bytes
    sign_count: int
    flagged_at: datetime | None
    vouched_at: datetime | None


async def verified(
    tx: Transaction, answer: str, browser_secret: str, site: Site
) -> Proof | type[PasskeyRefused] | type[PasskeySetAside]:
    """Return what the passkey that answered a browser's question proves; the question is used up in any case."""
    try:
        given = parse_authentication_credential_json(answer)
        _require_plain_id(given)
    except _MALFORMED:
        return PasskeyRefused
    answered = await _answered(tx, given, browser_secret)
    if answered is None:
        return PasskeyRefused
    challenge, passkey = answered
    if passkey.flagged_at is not None:
        return PasskeySetAside
    try:
        proof = verify_authentication_response(
            credential=given, expected_challenge=challenge, expected_rp_id=site.domain,
            expected_origin=list(site.origins), credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # counts are ours to judge: see rules.is_copied
            require_user_verification=True,
        )  # fmt: skip
    except _MALFORMED:
        return PasskeyRefused
    if rules.is_copied(proof.new_sign_count, passkey.sign_count):
        await jobs.flag_later(tx, passkey.id)
        return PasskeySetAside
    return Proof(
        passkey.id, passkey.person_id, proof.new_sign_count, passkey.sign_count, proof.credential_backed_up,
        is_vouched=passkey.vouched_at is not None,
    )  # fmt: skip


async def _answered(
    tx: Transaction, given: AuthenticationCredential, browser_secret: str
) -> tuple[bytes, _Known] | None:
    """Use up the challenge that was answered, and return it with the passkey it names; None if either is not known."""
    challenge = _challenge_in(given)
    found = await _take(tx, challenge, browser_secret, "sign_in", given.id) if challenge else None
    if challenge is None or found is None or found["id"] is None:
        return None
    passkey = _Known(**found)
    return (challenge, passkey) if given.response.user_handle in (None, passkey.person_id.bytes) else None


async def count_use(tx: Transaction, proof: Proof) -> bool:
    """Note a use of a passkey, and tell whether it is the first with this count.

    The count is compared once more: of two answers with one count that come together, one counts. The transaction's own
    time is what lets it make a session of assurance 2 (row-level security of `session`).
    """
    return await ask_together(tx, [_USE], _use(proof), answer=0) is not None


def _use(proof: Proof) -> dict[str, Any]:
    return {"passkey_id": proof.passkey_id, "counted": proof.counted, "known": proof.known_count,
            "is_backed_up": proof.is_backed_up}  # fmt: skip


def _require_plain_id(given: AuthenticationCredential) -> None:
    """Raise ValueError unless the id is base64url: it is looked up before the library compares the two."""
    if given.id != bytes_to_base64url(given.raw_id):
        raise ValueError(given.type)


async def _sign_in(tx: Transaction, proof: Proof, browser: Browser) -> NewSession | type[PasskeyRefused]:
    given = service.spoken(proof.person_id) | _use(proof)
    if await ask_together(tx, [service.SPEAK, _USE], given, answer=1) is None:
        return PasskeyRefused
    try:
        return await service.open_session(
            tx, proof.person_id, assurance=2 if proof.is_vouched else 1, user_agent=browser.user_agent,
            method="passkey", passkey_id=proof.passkey_id, known_secret=browser.known_secret,
        )  # fmt: skip
    except NotFound:
        return PasskeyRefused


async def begin_adding(tx: Transaction, session_secret: str, site: Site) -> dict[str, Any]:
    """Return what the browser makes a passkey from (`PublicKeyCredentialCreationOptions` as JSON).

    Raises:
        StepUpNeeded: if the person must sign in once more first.
        TooManyPasskeys: if they have as many as anybody may.
    """
    await require_fresh(tx)
    return await question_for_new(tx, session_secret, site)


async def question_for_new(tx: Transaction, session_secret: str, site: Site) -> dict[str, Any]:
    """Return what the browser makes a passkey from; the caller has seen that this person may add one now."""
    who = await service.who_am_i(tx)
    held = await tx.all(select(col(Passkey.external_id)).where(col(Passkey.person_id) == tx.actor.person_id))
    if len(held) >= rules.PASSKEYS_MOST:
        raise TooManyPasskeys
    options = generate_registration_options(
        rp_id=site.domain, rp_name=site.name, user_id=who.person_id.bytes, user_name=who.email or who.display_name,
        user_display_name=who.display_name, challenge=_new_challenge(tx, session_secret, "add"),
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.external_id)) for one in held],
    )  # fmt: skip
    return options_to_json_dict(options)


async def finish_adding(tx: Transaction, answer: str, browser: Browser, site: Site) -> UUID | type[PasskeyRefused]:
    """Keep the passkey the browser made for the person signed in, tell them by mail, and return its id.

    Raises:
        StepUpNeeded: if the person must sign in once more first.
    """
    await require_fresh(tx)
    return await keep_new(tx, answer, browser, site)


async def keep_new(tx: Transaction, answer: str, browser: Browser, site: Site) -> UUID | type[PasskeyRefused]:
    """Keep the passkey the browser made; the caller has seen that this person may add one now."""
    try:
        given = parse_registration_credential_json(answer)
    except _MALFORMED:
        return PasskeyRefused
    challenge = _challenge_in(given)
    if challenge is None or await _take(tx, challenge, browser.secret, "add") is None:
        return PasskeyRefused
    try:
        made = verify_registration_response(
            credential=given, expected_challenge=challenge, expected_rp_id=site.domain,
            expected_origin=list(site.origins), require_user_verification=True,
        )  # fmt: skip
    except _MALFORMED:
        return PasskeyRefused
    kept = {
        "id": uuid4(), "person_id": tx.actor.person_id, "external_id": given.id,
        "public_key": made.credential_public_key, "sign_count": made.sign_count,
        "name": rules.device_name(browser.user_agent) or "Passkey", "is_backed_up": made.credential_backed_up,
        "transports": [one.value for one in given.response.transports or []], "added_in": tx.actor.session_id,
        "vouched_at": clock.now() if await tx.scalar("select is_vouched_for()") else None,
    }  # fmt: skip
    return await _keep(tx, kept)


async def _keep(tx: Transaction, kept: Mapping[str, Any]) -> UUID | type[PasskeyRefused]:
    await tx.execute("select set_config('portal.passkey', :id, true)", {"id": kept["external_id"]})
    if await tx.scalar(select(col(Passkey.id)).where(col(Passkey.external_id) == kept["external_id"])):
        return PasskeyRefused
    await tx.execute(insert(Passkey).values(**kept))
    passkey_id: UUID = kept["id"]
    await audit.record(tx, "access.add_passkey", patient_id=None, entity="Passkey", entity_id=passkey_id)
    await jobs.tell(tx, tx.actor.person_id, "passkey_added", passkey_id)
    return passkey_id


async def list_passkeys(tx: Transaction) -> Sequence[PasskeyView]:
    """Return the actor's own passkeys, the newest first."""
    rows = await tx.all(
        "select id, name, created_at, last_used_at, is_backed_up, flagged_at is not null as is_flagged,"
        " vouched_at is not null as is_vouched"
        " from passkey where person_id = :person_id order by created_at desc, id",
        {"person_id": tx.actor.person_id},
    )
    return [PasskeyView(**row._asdict()) for row in rows]


async def rename_passkey(tx: Transaction, passkey_id: UUID, typed_name: str) -> None:
    """Call one of the actor's passkeys something else.

    Raises:
        InputRefused: if the name is empty or too long.
        NotFound: if they have no such passkey.
    """
    name = rules.passkey_name(typed_name)
    if name is None:
        raise InputRefused("name", N_("Write a name of up to 60 letters, such as the device it is on."))
    own = col(Passkey.person_id) == tx.actor.person_id
    if not await tx.execute(update(Passkey).where(col(Passkey.id) == passkey_id, own).values(name=name)):
        raise NotFound
    await audit.record(tx, "access.rename_passkey", patient_id=None, entity="Passkey", entity_id=passkey_id)


async def remove_passkey(tx: Transaction, passkey_id: UUID) -> None:
    """Accept one of the actor's passkeys no more, end what it opened, and tell them; one gone already is as wished.

    Raises:
        StepUpNeeded: if the person must sign in once more first.
    """
    await require_fresh(tx)
    own = col(Passkey.person_id) == tx.actor.person_id
    if await tx.execute(delete(Passkey).where(col(Passkey.id) == passkey_id, own)):
        await audit.record(tx, "access.remove_passkey", patient_id=None, entity="Passkey", entity_id=passkey_id)
        await sessions.end_sessions_of_passkey(tx, passkey_id)
        await jobs.tell(tx, tx.actor.person_id, "passkey_removed", passkey_id)


def _new_challenge(tx: Transaction, browser_secret: str, purpose: str) -> bytes:
    if not browser_secret:
        raise NotAllowed
    challenge = generate_challenge()
    given = {"id": uuid4(), "browser": secret_hash(browser_secret), "challenge": _written(challenge),
             "purpose": purpose, "now": clock.now(), "until": clock.now() + rules.CHALLENGE_LIFE}  # fmt: skip
    tx.write_at_commit(_ASK, given)
    return challenge


def _challenge_in(given: AuthenticationCredential | RegistrationCredential) -> bytes | None:
    """Return the challenge that was answered, or None if what the browser said cannot be read."""
    try:
        return parse_client_data_json(given.response.client_data_json).challenge
    except _MALFORMED:
        return None


async def _take(
    tx: Transaction, challenge: bytes, browser_secret: str, purpose: str, external_id: str = ""
) -> dict[str, Any] | None:
    """Use up a challenge, and return what is known of the passkey that answered it (all None if nothing is).

    None if the challenge is not this browser's, or is used or old. The transaction sees that passkey from here on.
    """
    given = {"challenge": _written(challenge), "browser": secret_hash(browser_secret), "purpose": purpose,
             "now": clock.now(), "external_id": external_id}  # fmt: skip
    await tx.flush()  # the question waits for the commit, if it was asked in this very transaction
    found = await ask_together(tx, [_SHOW, _TAKE_AND_FIND], given, answer=1) or {}
    return found if found.pop("is_taken", False) else None


def _written(challenge: bytes) -> str:
    return bytes_to_base64url(challenge)
