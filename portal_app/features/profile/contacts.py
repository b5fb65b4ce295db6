"""A new e-mail address or telephone: proven by a code sent to it, announced on the old one, put back by staff.

It wants a sign-in of the last minutes and of assurance 2, because whoever changes the address that codes go to has the
account. Whether an address is somebody else's is never told: its owner is (features/access/contact_codes.py).
"""

from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotAllowed
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.access import service as access
from portal_app.features.notify import service as notify
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.features.profile import jobs, policies, rules
from portal_app.features.profile.changes import note_change, settle
from portal_app.features.profile.errors import ChangeOver
from portal_app.features.profile.views import UndoableChange

Kind = Literal["email", "phone"]

_OWN: Final = text("""
select p.email, p.phone, (select g.patient_id from access_grant g
  where g.grantee = p.id and g.basis = 'self' limit 1) as own_chart from person p where p.id = :id
""").columns(email=EncryptedText, phone=EncryptedText)
_BEFORE: Final = text("select old_address from contact_change where id = :id").columns(old_address=EncryptedText)
_NEWEST: Final = """
select id, kind, created_at from contact_change
where patient_id = :patient_id and undone_at is null and created_at > :since
order by created_at desc, id limit 1
"""


async def propose(tx: Transaction, kind: Kind, typed: str, network: str) -> str:
    """Have a code sent to a new address, and return the address as it is kept. Nothing else changes yet.

    Raises:
        StepUpNeeded: if the person must sign in once more first, or more strongly.
        InputRefused: if it cannot be an address, or is theirs already.
        NotAllowed: for a telephone, where no text message can be sent.
        TooManyTries: if they, or their network, asked too often.
    """
    policy.require(tx.actor, policies.CHANGE_CONTACT.name)
    await access.require_fresh(tx)
    own = await tx.one(_OWN, {"id": tx.actor.person_id})
    address = await (_email(typed, own) if kind == "email" else _phone(tx, typed, own))
    index = access.email_index(address) if kind == "email" else access.phone_index(address)
    await access.ask_contact_code(tx, kind, address, index, network)
    await _record(tx, f"profile.propose_{kind}", tx.actor.person_id)
    return address


async def confirm(
    tx: Transaction, kind: Kind, typed: str, network: str
) -> type[access.CodeRefused] | type[access.CodeWornOut] | None:
    """Make a new address the actor's own, if this is the code sent to it; the old one is told.

    The code was asked for within ten minutes by a fresh sign-in of this very session, so none is asked for again.

    Raises:
        StepUpNeeded: if the session is too weak.
        TooManyTries: if too many wrong codes came from this network.
    """
    policy.require(tx.actor, policies.CHANGE_CONTACT.name)
    answered = await access.check_contact_code(tx, kind, typed, network)
    if not isinstance(answered, access.Answered):
        return answered
    change_id: UUID | None = await tx.scalar("select use_contact_code(:id)", {"id": answered.id})
    if change_id is None:
        return (
            access.CodeRefused
        )  # somebody else has proved the same address since: said as for any code that does not fit
    own = await tx.one(_OWN, {"id": tx.actor.person_id})
    if own.own_chart is not None and own.own_chart == tx.actor.patient_id:  # a caregiver's own is none of the chart
        before: str | None = await tx.scalar(_BEFORE, {"id": change_id})
        await note_change(tx, kind, {"said": before or ""}, {"said": answered.address})
        if kind == "phone":
            await patients.write_number(tx, own.own_chart, answered.address)
    await _record(tx, f"profile.change_{kind}", change_id)
    await enqueue(tx, jobs.tell_contact_changed, change_id=change_id)
    return None


async def undoable(tx: Transaction, patient_id: UUID) -> UndoableChange | None:
    """Return the newest address that a patient changed within a month, for the front desk."""
    if not policies.UNDO_CONTACT.is_allowed(tx.actor):
        return None
    row = await tx.first(_NEWEST, {"patient_id": patient_id, "since": clock.now() - rules.UNDO_LIFE})
    return UndoableChange(row.id, row.kind, row.created_at) if row else None


async def undo(tx: Transaction, patient_id: UUID, change_id: UUID) -> None:
    """Put a patient's newest changed address back and sign them out everywhere, once this transaction commits.

    Raises:
        ChangeOver: if it was put back, changed again, or is older than a month.
    """
    policy.require(tx.actor, policies.UNDO_CONTACT.name)
    newest = await undoable(tx, patient_id)
    given = {"id": change_id, "person_id": tx.actor.person_id, "now": clock.now()}
    undone = (
        newest is not None
        and newest.id == change_id
        and await tx.execute(
            "update contact_change set undone_at = :now, undone_by = :person_id where id = :id and undone_at is null",
            given,
        )
    )
    if not undone:
        raise ChangeOver
    if newest is not None:
        await settle(tx, patient_id, newest.kind)
    await audit.record(tx, "profile.undo_contact", patient_id=patient_id, entity="ContactChange", entity_id=change_id)
    await enqueue(tx, jobs.put_contact_back, change_id=change_id)


async def _email(typed: str, own: Any) -> str:
    email = access.normalised_email(typed)
    if email is None:
        raise InputRefused("address", N_("Write your e-mail address like this: name@example.org"))
    if email == own.email:
        raise InputRefused("address", N_("This is your e-mail address already."))
    return email


async def _phone(tx: Transaction, typed: str, own: Any) -> str:
    if not notify.can_text():
        raise NotAllowed(policies.CHANGE_CONTACT.name)
    number = patients.normalised_number(typed[:64], await practice.country(tx))
    if number is None:
        raise InputRefused("address", N_("Write your telephone number with its area code."))
    if number == own.phone:
        raise InputRefused("address", N_("This is your number already."))
    return number


async def _record(tx: Transaction, action: str, entity_id: UUID) -> None:
    await audit.record(tx, action, patient_id=tx.actor.patient_id, entity="ContactChange", entity_id=entity_id)
