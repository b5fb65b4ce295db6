"""What people say about themselves and how they read the portal: each answer saved by itself, and recorded."""

from collections.abc import Mapping
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from portal_app.core import audit, policy
from portal_app.core.crypto import EncryptedJSON, EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.core.realtime import announce
from portal_app.features.access import service as access
from portal_app.features.notify import service as notify
from portal_app.features.patients import service as patients
from portal_app.features.practice import service as practice
from portal_app.features.profile import policies, rules
from portal_app.features.profile.changes import note_change
from portal_app.features.profile.tables import PatientProfile
from portal_app.features.profile.views import Contacts, EmergencyContact, Pharmacy, Profile, Reading

_FULL: Final = 2
"""From which assurance on contact details are shown as they are."""
_READABLE: Final = N_("Write it with letters and signs that everybody can see, and a little shorter.")
_PHONE: Final = N_("Write the telephone number with its area code.")
_CHOOSE: Final = N_("Choose one from the list.")

_PROFILE: Final = text("""
select c.called, c.pronouns, coalesce(c.reached_by, 'either') as reached_by, f.pharmacy, f.emergency_contact
from patient c left join patient_profile f on f.patient_id = c.id where c.id = :id
""").columns(pharmacy=EncryptedJSON, emergency_contact=EncryptedJSON)
_SAY: Final = {
    "called": "update patient set called = :said where id = :id",
    "pronouns": "update patient set pronouns = :said where id = :id",
}
_READING: Final = """
select text_size, contrast, units, reminders_by, offers_by, quiet_from, quiet_until from person where id = own_person()
"""
_CONTACTS: Final = text("""
select p.email, p.phone, (select c.phone from patient c join access_grant g on g.patient_id = c.id
  where g.grantee = p.id and g.basis = 'self' limit 1) as chart_phone
from person p where p.id = own_person()
""").columns(email=EncryptedText, phone=EncryptedText, chart_phone=EncryptedText)


async def profile(tx: Transaction) -> Profile:
    """Return what the patient acted for says about themself; after a code alone not whom to call in an emergency.

    Raises:
        NotFound: if the actor acts for nobody whose profile they may see.
    """
    policy.require(tx.actor, policies.VIEW.name)
    row = await tx.first(_PROFILE, {"id": tx.actor.patient_id})
    if row is None:
        raise NotFound
    await audit.record_view(
        tx, "profile.view", patient_id=tx.actor.patient_id, entity="Patient", entity_id=tx.actor.patient_id
    )
    country = await practice.country(tx)
    pharmacy, contact = (_with_number(kept, country) for kept in (row.pharmacy, row.emergency_contact))
    called = EmergencyContact(**contact)
    if tx.actor.assurance < _FULL:
        called = EmergencyContact(rules.masked_name(called.name), "", rules.masked_number(called.phone))
    return Profile(row.called, row.pronouns, row.reached_by, Pharmacy(**pharmacy), called)


def _with_number(kept: Mapping[str, str] | None, country: str) -> dict[str, str]:
    """Return an answer with its number as people write it."""
    said = dict(kept or {})
    return said | {"phone": patients.written_number(said["phone"], country)} if said.get("phone") else said


async def acts_for_self(tx: Transaction) -> bool:
    """Tell whether the chart acted for is the actor's own."""
    own: bool = await tx.scalar(
        "select exists (select from access_grant where grantee = own_person() and patient_id = :id and basis = 'self')",
        {"id": tx.actor.patient_id},
    )
    return own


async def reading(tx: Transaction) -> Reading:
    """Return how the actor, or whose pages they see, reads the portal and is written to.

    Raises:
        NotFound: if nobody signs in to the chart whose pages are seen.
    """
    row = await tx.first(_READING)
    if row is None:
        raise NotFound
    return Reading(**row._asdict())


async def contacts(tx: Transaction) -> Contacts:
    """Return how the actor, or whose pages they see, is reached; after a code alone as its owner knows it again.

    Raises NotFound as `reading`.
    """
    row = await tx.first(_CONTACTS)
    if row is None:
        raise NotFound
    number = row.phone or row.chart_phone or ""
    shown = patients.written_number(number, await practice.country(tx)) if number else ""
    email = row.email or ""
    if tx.actor.assurance < _FULL:
        return Contacts(rules.masked_email(email), rules.masked_number(shown), bool(row.phone), is_masked=True)
    return Contacts(email, shown, bool(row.phone))


async def called(tx: Transaction) -> str:
    """Return by which name the actor is greeted, "" where they said none; on their own chart alone."""
    said: str | None = await tx.scalar(
        "select c.called from patient c join access_grant g on g.patient_id = c.id"
        " where c.id = :id and g.grantee = own_person() and g.basis = 'self' limit 1",
        {"id": tx.actor.patient_id},
    )
    return said or ""


async def be_called(tx: Transaction, typed: str) -> None:
    """Keep the name the patient wants to be called by; "" for the one in the chart.

    Raises:
        InputRefused: if it is too long, or holds signs nobody can see.
    """
    said = _line("called", typed, rules.CALLED_MAX)
    await _say(tx, "called", "profile.be_called", said)


async def say_pronouns(tx: Transaction, typed: str) -> None:
    """Keep the patient's pronouns in their own words. Raises as `be_called`."""
    said = _line("pronouns", typed, rules.PRONOUNS_MAX)
    await _say(tx, "pronouns", "profile.say_pronouns", said)


async def choose_reached_by(tx: Transaction, chosen: str) -> None:
    """Keep how to reach the patient when there is something to talk about.

    Raises:
        InputRefused: if there is no such way.
    """
    policy.require(tx.actor, policies.CHANGE.name)
    if chosen not in rules.REACHED_BY:
        raise InputRefused("reached", _CHOOSE)
    statement = "update patient set reached_by = nullif(:said, 'either') where id = :id"
    if not await tx.execute(statement, {"said": chosen, "id": tx.actor.patient_id}):
        raise NotFound
    await _record(tx, "profile.choose_reached_by")
    await announce(tx, f"patient:{tx.actor.patient_id}")


async def _say(tx: Transaction, kind: Literal["called", "pronouns"], action: str, said: str) -> None:
    policy.require(tx.actor, policies.CHANGE.name)
    before = await tx.first(_PROFILE, {"id": tx.actor.patient_id})
    if before is None or not await tx.execute(_SAY[kind], {"said": said, "id": tx.actor.patient_id}):
        raise NotFound
    await note_change(tx, kind, {"said": getattr(before, kind)}, {"said": said})
    await _record(tx, action)


async def choose_pharmacy(tx: Transaction, typed: Pharmacy) -> None:
    """Keep where the patient's medicine comes from; nothing written means none.

    Raises:
        InputRefused: for the first part that cannot be taken.
    """
    name = _line("name", typed.name, rules.NAME_MAX)
    said = {
        "name": name, "phone": await _phone(tx, typed.phone),
        "address": _line("address", typed.address, rules.ADDRESS_MAX),
    }  # fmt: skip
    if any(said.values()) and not name:
        raise InputRefused("name", N_("Write the name of the pharmacy."))
    await _keep(tx, "pharmacy", "profile.choose_pharmacy", said if name else None)


async def require_proof_of_contact(tx: Transaction) -> None:
    """Go on only after a sign-in of the last minutes that was more than a code alone.

    Raises:
        StepUpNeeded: if the person must sign in once more first, or more strongly.
    """
    policy.require(tx.actor, policies.NAME_EMERGENCY.name)
    await access.require_fresh(tx)


async def name_emergency_contact(tx: Transaction, typed: EmergencyContact) -> None:
    """Keep whom to call about the patient; nothing written means nobody.

    Raises:
        InputRefused: for the first part that cannot be taken.
        StepUpNeeded: as `require_proof_of_contact`.
    """
    await require_proof_of_contact(tx)
    name = _line("name", typed.name, rules.NAME_MAX)
    said = {
        "name": name, "relation": _line("relation", typed.relation, rules.RELATION_MAX),
        "phone": await _phone(tx, typed.phone),
    }  # fmt: skip
    if any(said.values()) and not name:
        raise InputRefused("name", N_("Write the name of the person."))
    if name and not said["phone"]:
        raise InputRefused("phone", _PHONE)
    await _keep(tx, "emergency", "profile.name_emergency_contact", said if name else None)


async def _keep(
    tx: Transaction, kind: Literal["pharmacy", "emergency"], action: str, said: Mapping[str, str] | None
) -> None:
    policy.require(tx.actor, policies.CHANGE.name)
    if tx.actor.patient_id is None:
        raise NotFound
    column = {"pharmacy": "pharmacy", "emergency": "emergency_contact"}[kind]
    before = await tx.first(_PROFILE, {"id": tx.actor.patient_id})
    if before is None:
        raise NotFound
    await tx.execute(
        insert(PatientProfile)
        .values(patient_id=tx.actor.patient_id, **{column: said})
        .on_conflict_do_update(index_elements=["patient_id"], set_={column: said})
    )
    await note_change(tx, kind, getattr(before, column) or {}, said or {})
    await _record(tx, action)


async def choose_look(tx: Transaction, text_size: str, contrast: str) -> None:
    """Keep how large and how strong the actor reads the portal.

    Raises:
        InputRefused: if there is no such choice.
    """
    policy.require(tx.actor, policies.CHOOSE_LOOK.name)
    if not rules.look(text_size, contrast):
        raise InputRefused("text", _CHOOSE)
    await tx.execute(
        "update person set text_size = :text_size, contrast = :contrast where id = :id",
        {"text_size": text_size, "contrast": contrast, "id": tx.actor.person_id},
    )
    await _record_choice(tx, "look")


async def choose_units(tx: Transaction, units: str) -> None:
    """Keep in which units the actor reads measures. Raises as `choose_look`."""
    policy.require(tx.actor, policies.CHOOSE_CHANNELS.name)
    if units not in rules.UNITS:
        raise InputRefused("units", _CHOOSE)
    await tx.execute("update person set units = :units where id = :id", {"units": units, "id": tx.actor.person_id})
    await _record_choice(tx, "units")


async def choose_channels(tx: Transaction, reminders_by: str, offers_by: str, quiet: str) -> None:
    """Keep by which way the actor is reminded and offered times, and when their telephone stays silent.

    Raises:
        InputRefused: if there is no such choice, or they wish for texts and have proved no number, or for
            notifications and have them on for no browser.
    """
    policy.require(tx.actor, policies.CHOOSE_CHANNELS.name)
    for field, chosen in (("reminders", reminders_by), ("offers", offers_by)):
        if chosen not in rules.CHANNELS:
            raise InputRefused(field, _CHOOSE)
    if quiet not in rules.QUIET_HOURS:
        raise InputRefused("quiet", _CHOOSE)
    if "text" in (reminders_by, offers_by) and not (await contacts(tx)).is_phone_proven:
        raise InputRefused("reminders", N_("Add your telephone number first: on your page, under “Telephone”."))
    if "push" in (reminders_by, offers_by) and not await notify.has_notifications(tx):
        raise InputRefused("reminders", N_("Turn on notifications first: on your page, under “Notifications”."))
    quiet_from, _separator, quiet_until = quiet.partition("-")
    await tx.execute(
        "update person set reminders_by = :reminders_by, offers_by = :offers_by, quiet_from = :quiet_from,"
        " quiet_until = :quiet_until where id = :id",
        {"reminders_by": reminders_by, "offers_by": offers_by, "quiet_from": int(quiet_from),
         "quiet_until": int(quiet_until), "id": tx.actor.person_id},
    )  # fmt: skip
    await _record_choice(tx, "channels")


async def _record_choice(tx: Transaction, what: str) -> None:
    person_id = tx.actor.person_id
    await audit.record(
        tx, "profile.choose", patient_id=None, entity="Person", entity_id=person_id, detail={"what": what}
    )


async def _record(tx: Transaction, action: str) -> None:
    patient_id = tx.actor.patient_id
    await audit.record(tx, action, patient_id=patient_id, entity="Patient", entity_id=patient_id)


async def _phone(tx: Transaction, typed: str) -> str:
    if not typed.strip():
        return ""
    number = patients.normalised_number(typed, await practice.country(tx))
    if number is None:
        raise InputRefused("phone", _PHONE)
    return number


def _line(field: str, typed: str, most: int) -> str:
    said = rules.line(typed, most)
    if said is None:
        raise InputRefused(field, _READABLE)
    return said
