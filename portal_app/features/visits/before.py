"""Before somebody is let in: where they are now, how to reach them, who is with them, and that they agree to video.

All of it is remembered from visit to visit and confirmed each time, because an ambulance goes to the address that is
written here, and because licences go by the state in which the patient is (notes on telehealth).
"""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.crypto import EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound, Refusals
from portal_app.core.i18n import N_
from portal_app.features.practice import service as practice
from portal_app.features.profile import service as profile
from portal_app.features.visits import policies, rules
from portal_app.features.visits.errors import VisitOver, WhereaboutsChanged
from portal_app.features.visits.joining import ensure_visit
from portal_app.features.visits.regions import ELSEWHERE, regions_of
from portal_app.features.visits.rules import VisitStatus
from portal_app.features.visits.views import Told, Whereabouts

COMPANY: Final = ("alone", "family", "carer", "other")
"""Who can be with the patient; the words are on the screen."""
ADDRESS_MAX: Final = 200
PROVED: Final = 2
"""The assurance of whoever proved more than a code by mail: before, what is remembered is shown in part."""

_SAY: Final = """
update visit set address = :address, region = :region, call_back_number = :number, company = :company, said_at = :now,
  consented_at = :now, consented_by = actor_person()
where id = :id
"""
SAID: Final = {"address": EncryptedText, "region": EncryptedText, "number": EncryptedText, "company": EncryptedText}
_LAST: Final = text("""
select v.address, v.region, v.call_back_number as number, v.company, v.id, v.said_at from visit v
where v.patient_id = :patient_id and v.said_at is not null and may('act', 'visits', v.patient_id, 'N')
order by v.said_at desc limit 1
""").columns(**SAID)
_PHONE: Final = text("""
select c.phone from patient c where c.id = :patient_id and may('act', 'visits', c.id, 'N')
""").columns(phone=EncryptedText)


async def remembered(tx: Transaction) -> Whereabouts:
    """Return what the patient said before their last visit, to be confirmed; else what the chart knows.

    Nothing for whoever may only see visits: they confirm nothing.
    """
    return (await _last(tx))[0]


async def _last(tx: Transaction) -> tuple[Whereabouts, str]:
    """Return what is remembered, and its version: another one as soon as anybody says it anew."""
    policy.require(tx.actor, policies.VIEW.name)
    row: Any = await tx.first(_LAST, {"patient_id": tx.actor.patient_id})
    if row is not None:
        said = (row.address, row.region, row.number, row.company)
        return Whereabouts(*(one or "" for one in said)), f"{row.id} {row.said_at.isoformat()}"
    phone = await tx.scalar(_PHONE, {"patient_id": tx.actor.patient_id})
    return Whereabouts("", "", _written(phone, await practice.country(tx)), ""), ""


async def told(tx: Transaction) -> Told:
    """Return what is remembered as a page shows it: address and number in part after a code alone."""
    last, version = await _last(tx)
    if tx.actor.assurance >= PROVED:
        return Told(last, is_masked=False, version=version)
    shown = replace(last, address=rules.masked_address(last.address), number=profile.masked_number(last.number))
    return Told(shown, is_masked=True, version=version)


async def confirm_whereabouts(tx: Transaction, appointment_id: UUID, version: str, *, agrees: bool) -> None:
    """Take what is remembered as true again, which no page need know to say so; `version` is what `told` showed.

    Raises as `say_whereabouts`.
    """
    said = await _shown(tx, version)
    await say_whereabouts(tx, appointment_id, said, agrees=agrees, version=version)


async def say_whereabouts(
    tx: Transaction, appointment_id: UUID, said: Whereabouts, *, agrees: bool, version: str = ""
) -> None:
    """Write down where the patient is, how to reach them and who is with them, and that they agree to video.

    Whoever was shown in part what is remembered leaves empty what still holds, but no address in another state;
    `version` is what `told` showed.

    Raises:
        WhereaboutsChanged: if something is taken as shown, and it is not what was shown any more.
        NotFound: if the actor has no such appointment.
        VisitCalledOff, VisitOver: if there is no visit to come.
        InputRefused: with every field that cannot be taken.
    """
    policy.require(tx.actor, policies.JOIN.name)
    if tx.actor.assurance < PROVED and not (said.address.strip() and said.number.strip()):
        last = await _shown(tx, version)
        address = last.address if said.region == last.region else ""
        said = replace(said, address=said.address.strip() or address, number=said.number.strip() or last.number)
    checked = await _checked(tx, said, agrees=agrees)
    visit = await ensure_visit(tx, appointment_id)
    if visit.status in (VisitStatus.finished, VisitStatus.cancelled):
        raise VisitOver
    params = {
        "id": visit.id, "now": clock.now(), "address": crypto.encrypt(checked.address),
        "region": crypto.encrypt(checked.region), "number": crypto.encrypt(checked.number),
        "company": crypto.encrypt(checked.company),
    }  # fmt: skip
    if not await tx.execute(_SAY, params):
        raise NotFound
    await audit.record(tx, "visits.say", patient_id=visit.patient_id, entity="Encounter", entity_id=visit.id)


async def _shown(tx: Transaction, version: str) -> Whereabouts:
    last, current = await _last(tx)
    if current != version:
        raise WhereaboutsChanged
    return last


def _written(phone: str | None, country: str) -> str:
    """Return the chart's number as people write it; as it stands where it cannot be read."""
    try:
        return practice.readable_number(phone or "", country)
    except InputRefused:
        return phone or ""


async def _checked(tx: Transaction, said: Whereabouts, *, agrees: bool) -> Whereabouts:
    country = await practice.country(tx)
    address, number, wrong = " ".join(said.address.split()), "", Refusals()
    if not 5 <= len(address) <= ADDRESS_MAX:
        wrong.note("address", N_("Enter the street, the number and the town where you are now."))
    known = regions_of(country)
    if known and said.region not in {*known, ELSEWHERE}:
        wrong.note("region", N_("Choose the state where you are now."))
    try:
        number = practice.readable_number(said.number, country)
    except InputRefused as error:
        wrong.note(error.field, error.reason)
    if said.company not in COMPANY:
        wrong.note("company", N_("Choose who is with you."))
    if not agrees:
        wrong.note("agrees", N_("Tick the box if you agree, or call us to have the visit another way."))
    wrong.done()
    return Whereabouts(address, said.region if known else "", number, said.company)
