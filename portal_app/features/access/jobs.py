"""Background work of signing in: make the code and send it."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text, update
from sqlmodel import col

from portal_app.core import audit, clock
from portal_app.core.crypto import EncryptedText, blind_index
from portal_app.core.db import Transaction
from portal_app.core.jobs import enqueue, job
from portal_app.features.access import (
    contact_codes,
    invitations,  # noqa: F401 - registers its jobs with these
    mails,
    questions,
    rules,
    staying,
)
from portal_app.features.access.tables import SignInCode
from portal_app.features.notify import service as notify

_NUMBERS = text("""
select (select phone from person where id = :person) as proved, (select phone from patient where id = :patient) as kept
""").columns(proved=EncryptedText, kept=EncryptedText)
_FORMER = text("""
select old_address from contact_change
where person_id = :id and kind = 'email' and old_address is not null and undone_at is null and created_at > :since
order by created_at desc
""").columns(old_address=EncryptedText)
_ANY = UUID(int=0)
"""Where no session, or no account, is named."""


def code_hash(request_id: UUID, code: str) -> str:
    """Return what is kept of a code: keyed, and bound to its request."""
    return blind_index(f"{request_id}:{code}", purpose="sign-in code")


async def request_code(tx: Transaction, request_id: UUID) -> None:
    """Have a code made and sent once this transaction commits."""
    await enqueue(tx, send_code, request_id=str(request_id))


@job("access.send_code", policy="access.send_code")
async def send_code(tx: Transaction, request_id: str) -> None:
    """Make the code of a request and mail it, if the address belongs to somebody."""
    await answer_request(tx, UUID(request_id))


async def tell(tx: Transaction, person_id: UUID, what: str, about: UUID) -> None:
    """Mail somebody that the ways into their account changed; once for each thing it is about."""
    await notify.enqueue_message(tx, person_id, mails.TOLD[what].name, f"{what}:{about}", {"link": mails.LINK})


@job("access.tell_reset", policy="access.send_code")
async def tell_reset(tx: Transaction, person_id: str, patient_id: str, about: str) -> None:
    """Tell a patient on every way we have to them that the front desk reset how they sign in."""
    await tell_everywhere(tx, UUID(person_id), UUID(patient_id), about)


async def tell_everywhere(tx: Transaction, person_id: UUID, patient_id: UUID, about: str) -> None:
    """Leave a mail, and text messages to the number the person has proved and to the one in their chart."""
    told, link = mails.TOLD["sign_in_reset"].name, {"link": mails.LINK}
    await notify.enqueue_message(tx, person_id, told, f"sign_in_reset:{about}", link, patient_id=patient_id)
    if not notify.can_text():
        return
    numbers = await tx.one(_NUMBERS, {"person": person_id, "patient": patient_id})
    for number in dict.fromkeys(one for one in (numbers.proved, numbers.kept) if one):
        key = f"sign_in_reset:{about}:{contact_codes.phone_index(number)[:16]}"
        await notify.enqueue_message(tx, person_id, told, key, link, channel="text", to=number, patient_id=patient_id)


@job("access.tell_without_passkey", policy="access.send_code")
async def tell_without_passkey(tx: Transaction, person_id: str, about: str) -> None:
    """Tell the owner of a passkey that somebody got in without it."""
    await tell_former_too(tx, UUID(person_id), "without_passkey", UUID(about))


async def tell_former_too(tx: Transaction, person_id: UUID, what: str, about: UUID) -> None:
    """Mail somebody, and every address that was theirs until lately: whoever got in may have brought the newest one."""
    await tell(tx, person_id, what, about)
    rows = await tx.all(_FORMER, {"id": person_id, "since": clock.now() - rules.FORMER_LIFE})
    for address in dict.fromkeys(row.old_address for row in rows):
        key = f"{what}:{about}:{blind_index(address, purpose='email')[:16]}"
        await notify.enqueue_message(tx, person_id, mails.TOLD[what].name, key, {"link": mails.LINK}, to=address)


async def flag_later(tx: Transaction, passkey_id: UUID) -> None:
    """Have a passkey set aside once this transaction commits."""
    await enqueue(tx, flag_passkey, passkey_id=passkey_id)


@job("access.flag_passkey", policy="access.flag_passkey")
async def flag_passkey(tx: Transaction, passkey_id: str) -> None:
    """Accept a passkey no more that may have been copied, and tell its owner."""
    await set_aside(tx, UUID(passkey_id))


async def set_aside(tx: Transaction, passkey_id: UUID) -> None:
    """Accept a passkey no more, and say so to its owner and in the trail."""
    owner: UUID | None = await tx.scalar("select person_id from passkey where id = :id", {"id": passkey_id})
    flagged = await tx.execute(
        "update passkey set flagged_at = :now where id = :id and flagged_at is null",
        {"id": passkey_id, "now": clock.now()},
    )
    if owner and flagged:
        await audit.record(tx, "access.flag_passkey", patient_id=None, entity="Passkey", entity_id=passkey_id)
        await tell(tx, owner, "passkey_set_aside", passkey_id)


async def end_sessions_later(tx: Transaction, provider_session: UUID | None, identity_id: UUID | None) -> None:
    """Have sessions end once this transaction commits that a session, or an account, at a provider opened."""
    session, identity = provider_session or _ANY, identity_id or _ANY
    await enqueue(tx, end_sessions_there, provider_session=session, identity_id=identity)


@job("access.end_sessions_there", policy="access.end_sessions_there")
async def end_sessions_there(tx: Transaction, provider_session: str, identity_id: str) -> None:
    """End the sessions that one session at a provider opened, or all of an account's if no session is named."""
    await end_there(tx, UUID(provider_session), UUID(identity_id))


async def end_there(tx: Transaction, provider_session: UUID, identity_id: UUID) -> None:
    """End the sessions of one at a provider, of an account there, or of both where both are named."""
    ended = await tx.all(
        "update session s set ended_at = :now from sign_on_session o where o.session_id = s.id and s.ended_at is null"
        " and :session in (:any, o.provider_session) and :identity in (:any, o.identity_id)"
        " and (:session <> :any or :identity <> :any) returning s.id",
        {"session": provider_session, "identity": identity_id, "any": _ANY, "now": clock.now()},
    )
    for row in ended:
        await audit.record(tx, "access.end_session", patient_id=None, entity="Session", entity_id=row.id)


@job("access.lock_idle", policy="access.sweep", every="* * * * * */10")
async def lock_idle(tx: Transaction) -> None:
    """Tell the open pages of staff who left them that they are locked."""
    await staying.lock_idle(tx)


@job("access.close_settled", policy="access.sweep", every="*/5 * * * *")
async def close_settled(tx: Transaction) -> None:
    """Close what patients asked about caregivers who are none any more."""
    await questions.close_settled(tx)


@job("access.sweep", policy="access.sweep", every="17 3 * * *")
async def sweep(tx: Transaction) -> None:
    """Remove what is too old to matter."""
    await remove_old(tx)


async def remove_old(tx: Transaction) -> None:
    """Remove codes, challenges, wrong tries, ended sessions, and browsers nobody has signed in on for a year."""
    await tx.execute("delete from sign_in_code where expires_at < :cut", {"cut": clock.now() - timedelta(days=1)})
    await contact_codes.remove_old(tx)
    await tx.execute("delete from passkey_challenge where expires_at < :cut", {"cut": clock.now()})
    await tx.execute("delete from factor_try where tried_at < :cut", {"cut": clock.now() - timedelta(days=1)})
    await tx.execute(
        "delete from authenticator_app where confirmed_at is null and created_at < :cut",
        {"cut": clock.now() - timedelta(days=1)},
    )
    await tx.execute("delete from factor_invitation where expires_at < :cut", {"cut": clock.now()})
    for table in ("sign_on_request", "sign_on_link"):
        await tx.execute(f"delete from {table} where expires_at < :cut", {"cut": clock.now()})  # noqa: S608 - named here
    await tx.execute("delete from known_browser where seen_at < :cut", {"cut": clock.now() - rules.KNOWN_BROWSER_LIFE})
    await tx.execute(
        "delete from session where least(ended_at, expires_at) < :cut", {"cut": clock.now() - timedelta(days=30)}
    )


async def answer_request(tx: Transaction, request_id: UUID) -> None:
    """Make the code of a request and leave the mail that carries it.

    Nothing happens for an address nobody has, for a request that has its code, or once the codes of such browsers
    are used up (`rules.NEW_BROWSER_CODES`, `rules.KNOWN_BROWSER_CODES`).
    """
    request = await tx.first(
        "select id, email_index, code_hash, known_hash, locale from sign_in_code where id = :id for update",
        {"id": request_id},
    )
    if request is None or request.code_hash is not None:
        return
    # Locked, so that requests made at one instant are counted one after the other.
    person_id = await tx.scalar(
        "select id from person where email_index = :index and disabled_at is null for no key update",
        {"index": request.email_index},
    )
    is_known = await _is_known(tx, person_id, request.known_hash)
    if person_id is None or await _is_used_up(tx, request.email_index, request.known_hash if is_known else None):
        return
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    await tx.execute(
        update(SignInCode)
        .where(col(SignInCode.id) == request.id)
        .values(person_id=person_id, is_known=is_known, code_hash=code_hash(request.id, code))
    )
    await notify.enqueue_message(
        tx,
        person_id=person_id,
        template="sign_in_code",
        dedupe_key=f"sign-in-code:{request.id}",
        params={"code": code},
        locale=request.locale,
    )


async def _is_known(tx: Transaction, person_id: UUID | None, known_hash: str | None) -> bool:
    """Tell whether the person signed in before on the browser that asks."""
    since = clock.now() - rules.KNOWN_BROWSER_LIFE
    found: bool = await tx.scalar(
        "select exists (select from known_browser"
        " where person_id = :person_id and secret_hash = :known_hash and seen_at > :since)",
        {"person_id": person_id, "known_hash": known_hash, "since": since},
    )
    return found


async def _is_used_up(tx: Transaction, email_index: str, known_hash: str | None) -> bool:
    """Tell whether a known browser, or all the others together, had their codes for an address."""
    limits = rules.KNOWN_BROWSER_CODES if known_hash else rules.NEW_BROWSER_CODES
    for span, most in limits:
        sent = await tx.scalar(
            "select count(*) from sign_in_code where email_index = :index and code_hash is not null"
            " and created_at > :since and case when is_known then known_hash else '' end = :lane",
            {"index": email_index, "since": clock.now() - span, "lane": known_hash or ""},
        )
        if sent >= most:
            return True
    return False
