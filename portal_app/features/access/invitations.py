"""Background work of sharing a chart: mail the link of an invitation, and tell the patient what came of it."""

import secrets
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, insert, select, update
from sqlmodel import col

from portal_app.core.db import Transaction, secret_hash
from portal_app.core.jobs import job
from portal_app.features.access import mails, questions
from portal_app.features.access.charts import person_of_chart
from portal_app.features.access.tables import Person, PersonRole, RelatedPerson
from portal_app.features.notify import service as notify


@job("access.send_invitation", policy="access.send_invitation")
async def send_invitation(tx: Transaction, relation_id: str) -> None:
    """Mail the link of an invitation."""
    await mail_invitation(tx, UUID(relation_id))


async def mail_invitation(tx: Transaction, relation_id: UUID) -> None:
    """Do it, once. Somebody new can sign in from now on by proving that very address; they see nothing yet."""
    table = RelatedPerson.__table__  # type: ignore[attr-defined]
    row = await tx.first(select(*table.c).where(table.c.id == relation_id).with_for_update())
    if row is None or row.status != "invited" or row.secret_hash is not None:
        return
    language = await tx.scalar("select language from patient where id = :id", {"id": row.patient_id})
    person_id = await _person_of(tx, row, language)
    secret = secrets.token_urlsafe(32)
    own = update(RelatedPerson).where(col(RelatedPerson.id) == relation_id)
    await tx.execute(own.values(secret_hash=secret_hash(secret), person_id=person_id))
    await notify.enqueue_message(
        tx, person_id, mails.INVITED.name, f"caregiver-invited:{relation_id}", {"link": f"/invitation?key={secret}"}
    )


@job("access.tell_answer", policy="access.send_invitation")
async def tell_answer(tx: Transaction, relation_id: str) -> None:
    """Mail the patient that somebody acts for them from now on, or declined."""
    await mail_answer(tx, UUID(relation_id))


async def mail_answer(tx: Transaction, relation_id: UUID) -> None:
    """Do it; nobody is told of a chart that nobody signs in to."""
    row = await tx.one("select patient_id, status from related_person where id = :id", {"id": relation_id})
    if row.status == "declined":
        await questions.close(tx, relation_id)
    owner = await person_of_chart(tx, row.patient_id)
    template = mails.DECLINED if row.status == "declined" else mails.ACCEPTED
    if owner is not None:
        link = {"link": f"{mails.CAREGIVERS}?about={relation_id}"}
        await notify.enqueue_message(tx, owner, template.name, f"{template.name}:{relation_id}", link)


async def _person_of(tx: Transaction, row: Row[Any], language: str) -> UUID:
    found: UUID | None = await tx.scalar("select id from person where email_index = :index", {"index": row.email_index})
    if found is not None:
        return found
    person_id = uuid4()
    await tx.execute(
        insert(Person).values(
            id=person_id, display_name=row.name, email=row.email, email_index=row.email_index, locale=language
        )
    )
    await tx.execute(insert(PersonRole).values(id=uuid4(), person_id=person_id, role="caregiver"))
    return person_id
