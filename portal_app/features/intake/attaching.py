"""A photo or a document as the answer to a question: sent by itself, and named by the answer afterwards."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.actor import Section
from portal_app.core.contents import CleanContent
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.files import Belonging, existing_files, save_file
from portal_app.core.i18n import N_
from portal_app.features.intake import policies, statements
from portal_app.features.intake.errors import FormAlreadySent
from portal_app.features.intake.filling import form_to_fill_in, known
from portal_app.features.intake.items import file_of
from portal_app.settings import Settings

MOST_A_DAY: Final = 60
"""More than any form asks for; somebody who sends without end is stopped."""
_SENT: Final = """
select count(*) from stored_file where owner_id = actor_person() and patient_id = :patient_id and section = 'forms'
  and created_at > :since
"""


async def may_attach(tx: Transaction, response_id: UUID) -> Any:
    """Go on only if the actor may answer a form that asks for a file, before anything is read. Returns its row.

    Raises:
        NotFound, OnlyOneself, OutOfScope: as `form_to_fill_in`.
        FormAlreadySent: if the form was sent.
    """
    policy.require(tx.actor, policies.FILL_IN.name)
    row = await form_to_fill_in(tx, response_id)
    if row.status != "in-progress":
        raise FormAlreadySent
    asked = known(row.questionnaire_id, row.resource).every()
    if not any(item.type == "attachment" and item.is_asked() for item in asked):
        raise NotFound
    return row


async def attach_file(
    tx: Transaction, settings: Settings, response_id: UUID, clean: CleanContent, *, filename: str, request_key: UUID
) -> UUID:
    """Keep a file for an answer to come and return its id; the same key keeps it once.

    Raises:
        NotFound, OnlyOneself, OutOfScope, FormAlreadySent: as `may_attach`.
        InputRefused: if they have sent too many already.
    """
    row = await may_attach(tx, response_id)
    locked: Any = await tx.first(statements.LOCK_FORM, {"id": response_id})
    if locked is None:
        raise FormAlreadySent
    file_id = file_of(response_id, str(request_key))
    if await existing_files(tx, [file_id]):
        return file_id
    since = clock.now() - timedelta(days=1)
    if await tx.scalar(_SENT, {"patient_id": row.patient_id, "since": since}) >= MOST_A_DAY:
        raise InputRefused("file", N_("That is all that can be sent in one day. Bring what else you have."))
    await save_file(
        tx, settings, clean, filename=filename, section=Section.forms, patient_id=row.patient_id,
        confidentiality=locked.confidentiality, belonging=Belonging(file_id, response_id),
    )  # fmt: skip
    await audit.record(
        tx, "intake.attach", patient_id=row.patient_id, entity="QuestionnaireResponse", entity_id=response_id
    )
    return file_id
