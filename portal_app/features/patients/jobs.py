"""Background work of registering: tell staff that somebody asks, and open the chart once they have decided."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from portal_app.core.crypto import EncryptedJSON
from portal_app.core.db import Transaction
from portal_app.core.jobs import job
from portal_app.core.realtime import announce
from portal_app.features.access import service as access
from portal_app.features.notify import service as notify
from portal_app.features.patients import messages, telecom
from portal_app.features.practice import service as practice
from portal_app.features.tasks import service as tasks

_REGISTRATION: Final = text(
    "select id, status, content, locale, patient_id from registration where id = :id for update"
).columns(content=EncryptedJSON)


@job("patients.take_registration", policy="patients.open_chart")
async def take_registration(tx: Transaction, registration_id: str) -> None:
    """Put a wish to become a patient onto the list of the front desk."""
    await list_registration(tx, registration_id)


async def list_registration(tx: Transaction, registration_id: str) -> None:
    """Do it; nothing if it is decided already."""
    found = await tx.first(_REGISTRATION, {"id": UUID(registration_id)})
    if found is not None and found.status == "open":
        await tasks.open_task(tx, "registration", found.id)


@job("patients.open_chart", policy="patients.open_chart")
async def open_chart(tx: Transaction, registration_id: str) -> None:
    """Make the chart and its person, as staff decided, and mail how to sign in."""
    await open_registered(tx, registration_id)


async def open_registered(tx: Transaction, registration_id: str) -> None:
    """Do it; what was made before is not made again."""
    found: Any = await tx.first(_REGISTRATION, {"id": UUID(registration_id)})
    if found is None or found.status not in ("accepted", "linked"):
        return
    patient_id = found.patient_id or await _new_chart(tx, found)
    person_id = await access.person_of_chart(tx, patient_id) or await _new_person(tx, found, patient_id)
    if person_id is not None:
        await _tell(tx, person_id, found)
        return
    # The address signs somebody else in: whoever reads it is told so, and the front desk calls.
    owner_id = await access.person_of_address(tx, found.content["email"])
    if owner_id is not None:
        await _tell_owner(tx, owner_id, found)
    await tasks.open_task(tx, "undelivered", patient_id, patient_id=patient_id)


async def _new_chart(tx: Transaction, found: Any) -> UUID:
    content = found.content
    zone = next((one.zone for one in await practice.locations(tx)), "UTC")
    patient_id = await access.add_chart(
        tx, content["given_name"], content["family_name"], date.fromisoformat(content["birth_date"]),
        language=found.locale, zone=zone, phone=content["phone"], phone_keys=telecom.keys(content["phone"]),
    )  # fmt: skip
    await tx.execute(
        "update registration set patient_id = :patient_id where id = :id", {"id": found.id, "patient_id": patient_id}
    )
    # Whoever decided still has the request open, and is shown the way to the chart.
    await announce(tx, "tasks:all")
    return patient_id


async def _new_person(tx: Transaction, found: Any, patient_id: UUID) -> UUID | None:
    content = found.content
    name = f"{content['given_name']} {content['family_name']}"
    return await access.add_person_of_chart(tx, patient_id, name, content["email"], found.locale)


async def _tell_owner(tx: Transaction, person_id: UUID, found: Any) -> None:
    us = await practice.practice(tx)
    await notify.enqueue_message(
        tx, person_id=person_id, template=messages.ADDRESS_IN_USE.name, dedupe_key=f"registered:{found.id}",
        params={"practice": us.name, "phone": us.phone}, locale=found.locale,
    )  # fmt: skip


async def _tell(tx: Transaction, person_id: UUID, found: Any) -> None:
    us = await practice.practice(tx)
    await notify.enqueue_message(
        tx, person_id=person_id, template=messages.REGISTERED.name, dedupe_key=f"registered:{found.id}",
        params={"practice": us.name, "phone": us.phone, "link": "/sign-in"}, locale=found.locale,
    )  # fmt: skip
