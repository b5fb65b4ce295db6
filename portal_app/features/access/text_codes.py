"""A second channel after an e-mail code: a code by text message makes the sign-in as strong as a passkey does.

For patients and caregivers, never for staff. Whoever owns a passkey is asked for that first; where it is not at hand,
a text goes to the number they have proved, and never to one that only the practice knows.
"""

from typing import Any, Final

from sqlalchemy import text

from portal_app.core import audit, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import NotAllowed
from portal_app.core.jobs import enqueue
from portal_app.features.access import contact_codes, jobs, policies, service
from portal_app.features.access.errors import CodeRefused, CodeWornOut
from portal_app.features.access.views import Browser, NewSession, TextOffer
from portal_app.features.notify import service as notify

HINT_DIGITS: Final = 2

# The number the person has proved; for whoever has no passkey also the one the practice keeps in their own chart.
_NUMBER: Final = text("""
select p.phone, (select c.phone from patient c join access_grant g on g.patient_id = c.id
                 where g.grantee = p.id and g.basis = 'self' limit 1) as chart_phone,
  exists (select from passkey k where k.person_id = p.id and k.flagged_at is null
          and k.vouched_at is not null) as has_passkey
from person p where p.id = :id
""").columns(phone=EncryptedText, chart_phone=EncryptedText)


async def text_offer(tx: Transaction) -> TextOffer:
    """Return whether the actor can prove their sign-in by a text message, and to which number it goes."""
    found = await _found(tx)
    return TextOffer(_number(found)[-HINT_DIGITS:], found.has_passkey, notify.can_text())


async def ask_for_text_code(tx: Transaction, network: str) -> None:
    """Have a code sent to the actor's telephone once this transaction commits.

    Raises:
        NotAllowed: if no number is known, or they own a passkey and have proved none: the page offers neither.
        TooManyTries: if they, or their network, asked too often.
    """
    policy.require(tx.actor, policies.PROVE_BY_TEXT.name)
    found = await _found(tx)
    number = _number(found)
    if not number or not notify.can_text():
        raise NotAllowed(policies.PROVE_BY_TEXT.name)
    await contact_codes.ask(tx, "prove", number, contact_codes.phone_index(number), network)
    await audit.record(tx, "access.ask_text_code", patient_id=None, entity="Person", entity_id=tx.actor.person_id)


async def check_text_code(
    tx: Transaction, typed: str, browser: Browser, network: str
) -> NewSession | type[CodeRefused] | type[CodeWornOut]:
    """Make a new session of assurance 2 if the code is the one sent to the actor's telephone; the caller ends the old.

    A code to a number that is not theirs any more is refused, and so is one to a number of the chart alone that was
    asked for before they had a passkey. The number is from now on known to be theirs. The owner of a passkey is told by
    mail that somebody got in without it.

    Raises:
        TooManyTries: if too many wrong codes came from this network.
    """
    policy.require(tx.actor, policies.PROVE_BY_TEXT.name)
    found = await _found(tx)
    answered = await contact_codes.check(tx, "prove", typed, network)
    if not isinstance(answered, contact_codes.Answered):
        return answered
    number = _number(found)
    if not number or contact_codes.phone_index(number) != answered.address_index:
        return CodeRefused
    await tx.execute("select use_contact_code(:id)", {"id": answered.id})
    await tx.execute("select vouch_for_passkeys()")
    session = await service.open_session(
        tx, tx.actor.person_id, assurance=2, user_agent=browser.user_agent, method="text",
        stays_at=tx.actor.patient_id, known_secret=browser.known_secret,
    )  # fmt: skip
    if found.has_passkey:
        await enqueue(tx, jobs.tell_without_passkey, person_id=session.person_id, about=answered.id)
    return session


def _number(found: Any) -> str:
    number: str = found.phone or (not found.has_passkey and found.chart_phone) or ""
    return number


async def _found(tx: Transaction) -> Any:
    return await tx.one(_NUMBER, {"id": tx.actor.person_id})
