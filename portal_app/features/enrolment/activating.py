"""Somebody opens the account of their chart: says who they are, proves an e-mail address, and is signed in.

Whoever does this is nobody yet, so these run as the system. The browser's own secret is what its progress is bound to;
nothing of a chart is ever shown. Every answer to a wrong try is the same, and costs the same, whatever was wrong. What
failed is returned, not raised, wherever a try was counted: that must be committed.
"""

import secrets
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, insert, text, update
from sqlmodel import col

from portal_app.core import audit, clock, i18n
from portal_app.core.crypto import EncryptedText, blind_index
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import InputRefused, NotAllowed, PortalError
from portal_app.core.i18n import N_
from portal_app.core.realtime import announce
from portal_app.features.access import service as access
from portal_app.features.enrolment import mails, rules
from portal_app.features.enrolment.errors import (
    ActivationCodeRefused,
    ActivationRefused,
    ActivationRunOut,
    ActivationWornOut,
    AddressInUse,
)
from portal_app.features.enrolment.making import TOPIC
from portal_app.features.enrolment.secret import code_hash
from portal_app.features.enrolment.tables import ActivationClaim
from portal_app.features.enrolment.views import Progress, Typed, Visitor

_OUT: Final = """
a.used_at is null and a.revoked_at is null and a.expires_at > :now
and not exists (select from access_grant g where g.patient_id = a.patient_id and g.basis = 'self')
"""
_LOOK: Final = f"""
select a.id, a.patient_id, c.given_name, c.family_name, c.birth_date
from activation a join patient c on c.id = a.patient_id
where (a.link_hash = :link_hash or a.code_hash = :code_hash) and {_OUT}
"""  # noqa: S608 - parts of our own
_TRY: Final = """
insert into activation_try (subject, tries, seen_at) values (:subject, 1, :now)
on conflict (subject) do update set tries = least(activation_try.tries + 1, 1000), seen_at = excluded.seen_at
returning tries
"""
_OWN: Final = text(f"""
select x.id, x.activation_id, x.is_by_link, x.email, x.code_hash, x.code_tries, x.codes_sent, x.code_expires_at,
  a.patient_id, a.channel, a.email as known_email, a.link_hash, c.given_name, c.family_name
from activation_claim x join activation a on a.id = x.activation_id join patient c on c.id = a.patient_id
where x.browser_hash = :browser and x.used_at is null and x.expires_at > :now and {_OUT}
order by x.created_at desc limit 1 for update of a, x
""").columns(email=EncryptedText, known_email=EncryptedText)  # noqa: S608 - parts of our own
_NOBODY: Final = ("", "", date(1, 1, 1))

Failure = type[PortalError]


async def note_opened(tx: Transaction, link: str) -> None:
    """Note that a link was opened, the first time; says nothing of whether there is one."""
    await tx.execute(
        "update activation set opened_at = :now where link_hash = :link_hash and opened_at is null",
        {"now": clock.now(), "link_hash": secret_hash(link)},
    )


async def progress(tx: Transaction, who: Visitor, link: str) -> Progress:
    """Return where this browser left off; from the beginning if it opens another link than it began with."""
    claim = await _own_claim(tx, who)
    if claim is None or (link and claim.link_hash != secret_hash(link)):
        return Progress("who")
    known = rules.masked_email(claim.known_email) if _has_proved_address(claim) else ""
    return Progress("code" if claim.code_hash else "email", known)


async def claim_activation(tx: Transaction, who: Visitor, typed: Typed) -> Failure | None:
    """Let this browser go on to prove an address, if name and birth date are those of the activation's chart."""
    await _act_from(tx, who)
    hashes = {"link_hash": secret_hash(typed.link) if typed.link else "",
              "code_hash": "" if typed.link else code_hash(typed.code)}  # fmt: skip
    row = await tx.first(_LOOK, {**hashes, "now": clock.now()})
    subject = str(row.id) if row else "".join(hashes.values())
    tries = await tx.scalar(_TRY, {"subject": subject, "now": clock.now()})
    given, family, born = (row.given_name, row.family_name, row.birth_date) if row else _NOBODY
    fits = rules.is_name_of(typed.name, given, family) & (typed.born == born)
    await audit.record(
        tx, "enrolment.try", patient_id=row.patient_id if row else None, entity="Activation",
        entity_id=row.id if row else None, detail={"fits": "yes" if row and fits else "no"},
    )  # fmt: skip
    if tries > rules.ACTIVATION_TRIES:
        return ActivationWornOut
    if row is None or not fits:
        return ActivationRefused
    await _claim(tx, row.id, who, is_by_link=bool(typed.link))
    return None


async def _claim(tx: Transaction, activation_id: UUID, who: Visitor, *, is_by_link: bool) -> None:
    now = clock.now()
    await tx.execute("delete from activation_try where subject = :subject", {"subject": str(activation_id)})
    await tx.execute(
        "update activation_claim set used_at = :now where browser_hash = :browser and used_at is null",
        {"browser": secret_hash(who.secret), "now": now},
    )
    await tx.execute(
        insert(ActivationClaim).values(
            id=uuid4(), activation_id=activation_id, browser_hash=secret_hash(who.secret), is_by_link=is_by_link,
            created_at=now, expires_at=now + rules.CLAIM_LIFE,
        )
    )  # fmt: skip
    await tx.execute(
        "update activation set opened_at = coalesce(opened_at, :now) where id = :id", {"id": activation_id, "now": now}
    )
    await announce(tx, TOPIC)


async def send_address_code(tx: Transaction, who: Visitor, typed_email: str, locale: str) -> None:
    """Send a code to the address somebody wants to sign in with; the answer is the same for an address in use.

    Raises:
        InputRefused: if the text cannot be an address, or as many codes were sent as may be.
        ActivationRunOut: if the activation was used, replaced or withdrawn meanwhile, or the half hour is over.
    """
    claim = await _own_claim(tx, who)
    if claim is None:
        raise ActivationRunOut
    email = access.normalised_email(typed_email)
    if email is None:
        raise InputRefused("email", N_("Write your e-mail address like this: name@example.org"))
    if claim.codes_sent >= rules.CODES_SENT:
        raise InputRefused("email", N_("We have sent as many codes as we can for now. Wait half an hour, or call us."))
    code = f"{secrets.randbelow(10**6):06d}"
    await tx.execute(
        update(ActivationClaim)
        .where(col(ActivationClaim.id) == claim.id)
        .values(
            email=email, code_hash=_address_code_hash(claim.id, code), code_tries=0, codes_sent=claim.codes_sent + 1,
            code_expires_at=clock.now() + rules.CODE_LIFE,
        )
    )  # fmt: skip
    key = f"activation-code:{claim.id}:{claim.codes_sent}"
    await mails.send(tx, email, mails.CODE, key, {"code": code}, locale)


async def forget_address(tx: Transaction, who: Visitor) -> None:
    """Go back to asking for an address."""
    await tx.execute(
        "update activation_claim set code_hash = null where browser_hash = :browser and used_at is null",
        {"browser": secret_hash(who.secret)},
    )


async def complete_activation(
    tx: Transaction, who: Visitor, typed_code: str, locale: str, *, keeps_known: bool = False
) -> access.NewSession | Failure:
    """Make the account and sign the browser in, once its address is proved by the code or by the link sent there."""
    await _act_from(tx, who)
    claim = await _own_claim(tx, who)
    if claim is None:
        return ActivationRunOut
    if keeps_known and _has_proved_address(claim):
        return await _open_account(tx, who, claim, claim.known_email, locale)
    code = access.normalised_code(typed_code)
    expected = claim.code_hash or secrets.token_hex()
    fits = secrets.compare_digest(_address_code_hash(claim.id, code or ""), expected)
    is_live = claim.code_expires_at is not None and claim.code_expires_at > clock.now()
    if not fits or not is_live or claim.code_tries >= rules.CODE_TRIES:
        await tx.execute("update activation_claim set code_tries = code_tries + 1 where id = :id", {"id": claim.id})
        return ActivationCodeRefused
    return await _open_account(tx, who, claim, claim.email, locale)


async def _open_account(
    tx: Transaction, who: Visitor, claim: Row[Any], email: str, locale: str
) -> access.NewSession | Failure:
    name = f"{claim.given_name} {claim.family_name}".strip()
    spoken = locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE
    person_id = await access.add_person_of_chart(tx, claim.patient_id, name, email, spoken)
    if person_id is None:
        await forget_address(tx, who)
        return AddressInUse
    given = {"id": claim.activation_id, "claim": claim.id, "person": person_id, "patient": claim.patient_id,
             "now": clock.now()}  # fmt: skip
    await tx.execute("update activation set used_at = :now where id = :id", given)
    await tx.execute("update activation_claim set used_at = :now where id = :claim", given)
    await tx.execute(
        "insert into onboarding (person_id, patient_id, created_at) values (:person, :patient, :now)", given
    )
    await audit.record(
        tx, "enrolment.activate", patient_id=claim.patient_id, entity="Activation", entity_id=claim.activation_id
    )
    await announce(tx, TOPIC, f"patient:{claim.patient_id}")
    # A card came from hand to hand, or by post: beside the code by e-mail it is a second proof.
    assurance = 2 if claim.channel == "card" else 1
    return await access.open_session(
        tx, person_id, assurance=assurance, user_agent=who.user_agent, method="activation",
        known_secret=who.known_secret,
    )  # fmt: skip


def _has_proved_address(claim: Row[Any]) -> bool:
    """Tell whether the claim was made by a link that only the reader of a mailbox had."""
    return bool(claim.is_by_link and claim.channel == "mail")


async def _own_claim(tx: Transaction, who: Visitor) -> Row[Any] | None:
    if not who.secret:
        raise NotAllowed
    return await tx.first(_OWN, {"browser": secret_hash(who.secret), "now": clock.now()})


async def _act_from(tx: Transaction, who: Visitor) -> None:
    """Have the trail say where it came from."""
    await tx.execute("select set_config('portal.address', :address, true)", {"address": who.address})


def _address_code_hash(claim_id: UUID, code: str) -> str:
    return blind_index(f"{claim_id}:{code}", purpose="activation address code")
