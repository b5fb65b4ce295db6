"""Open a chart, and give the person whose chart it is the key to it. Done by the system alone."""

from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import insert

from portal_app.core import audit
from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction
from portal_app.features.access.tables import AccessGrant, Patient, Person, PersonRole

SELF_SECTIONS: Final = {
    1: ["booking", "forms", "visits", "profile"],
    2: ["vitals", "messages", "results", "notes", "bills"],
}
"""What people may do with their own chart, by assurance."""


async def add_chart(
    tx: Transaction, given_name: str, family_name: str, birth_date: date, *, language: str, zone: str, phone: str,
    phone_keys: list[str],
) -> UUID:  # fmt: skip
    """Make a chart and return its id. `phone` is E.164, `phone_keys` are what it is found by."""
    patient_id = uuid4()
    await tx.execute(
        insert(Patient).values(
            id=patient_id, given_name=given_name, family_name=family_name, birth_date=birth_date, language=language,
            zone=zone, phone=phone, phone_keys=phone_keys,
        )
    )  # fmt: skip
    await audit.record(tx, "access.add_chart", patient_id=patient_id, entity="Patient", entity_id=patient_id)
    return patient_id


async def person_of_chart(tx: Transaction, patient_id: UUID) -> UUID | None:
    """Return whose chart it is, if they sign in."""
    person_id: UUID | None = await tx.scalar(
        "select grantee from access_grant where patient_id = :id and basis = 'self' limit 1", {"id": patient_id}
    )
    return person_id


async def person_of_address(tx: Transaction, email: str) -> UUID | None:
    """Return who signs in with a normalised address, if anybody does; for jobs, which tell nobody."""
    found: UUID | None = await tx.scalar(
        "select id from person where email_index = :index and disabled_at is null",
        {"index": blind_index(email, purpose="email")},
    )
    return found


async def add_person_of_chart(tx: Transaction, patient_id: UUID, name: str, email: str, locale: str) -> UUID | None:
    """Make the person of a chart that nobody signs in to, and return their id.

    Makes nobody and returns None if the address (normalised) is somebody else's already.
    """
    person_id, index = uuid4(), blind_index(email, purpose="email")
    if await tx.scalar("select exists (select from person where email_index = :index)", {"index": index}):
        return None
    person = insert(Person).values(id=person_id, display_name=name, email=email, email_index=index, locale=locale)
    await tx.execute(person)
    await tx.execute(insert(PersonRole).values(id=uuid4(), person_id=person_id, role="patient"))
    for assurance, sections in SELF_SECTIONS.items():
        await tx.execute(
            insert(AccessGrant).values(
                id=uuid4(), grantee=person_id, patient_id=patient_id, sections=sections, verbs=["view", "act"],
                up_to="V", min_assurance=assurance, basis="self",
            )
        )  # fmt: skip
    await audit.record(tx, "access.add_person", patient_id=patient_id, entity="Person", entity_id=person_id)
    return person_id
