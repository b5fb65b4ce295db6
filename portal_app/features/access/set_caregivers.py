"""Caregivers that staff set, with the document that justifies it: a court's order, a power of attorney, a consent."""

from uuid import UUID

from portal_app.core import audit
from portal_app.core.actor import Section
from portal_app.core.contents import CleanContent
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.files import save_file
from portal_app.core.i18n import N_
from portal_app.features.access import rules
from portal_app.features.access.caregivers import add_relation, end_relation
from portal_app.features.access.passkeys import require_fresh
from portal_app.features.access.views import ShareForm
from portal_app.settings import Settings


async def may_keep_document(tx: Transaction, patient_id: UUID) -> None:
    """Ask, before anything is taken apart, whether the actor may put a document into this chart.

    Raises:
        NotFound: if there is no such chart for the actor.
    """
    if not await tx.scalar("select exists (select from patient where id = :id)", {"id": patient_id}):
        raise NotFound


async def keep_document(
    tx: Transaction, settings: Settings, patient_id: UUID, clean: CleanContent, filename: str
) -> UUID:
    """Keep a document in the chart, where no caregiver sees it, and return its id.

    Raises:
        NotFound: as `may_keep_document`.
    """
    await may_keep_document(tx, patient_id)
    kept = await save_file(
        tx, settings, clean, filename=filename, section=Section.profile, patient_id=patient_id, confidentiality="R"
    )
    await audit.record(tx, "access.keep_document", patient_id=patient_id, entity="DocumentReference", entity_id=kept.id)
    return kept.id


async def set_caregiver(
    tx: Transaction, patient_id: UUID, form: ShareForm, request_id: UUID, *, document_id: UUID, kind: str, note: str
) -> None:
    """Ask somebody by mail to act for a patient, because a document says they may.

    Raises:
        InputRefused: if something is missing.
        CaregiverAlready: if this address was asked already.
        StepUpNeeded: if whoever sets them must sign in once more first.
    """
    await require_fresh(tx)
    if kind not in rules.DOCUMENT_KINDS:
        raise InputRefused("kind", N_("Choose what kind of document it is."))
    if len(note) > rules.NOTE_MOST:
        raise InputRefused("note", N_("Write at most 500 letters."))
    own = {"id": document_id, "patient_id": patient_id}
    if not await tx.scalar("select exists (select from stored_file where id = :id and patient_id = :patient_id)", own):
        raise InputRefused("document", N_("Choose the document first."))
    await add_relation(
        tx, patient_id, form, request_id, document_id=document_id, document_kind=kind, note=note.strip() or None
    )


async def chart_of_caregiver(tx: Transaction, relation_id: UUID) -> UUID:
    """Return whose caregiver it is. Raises NotFound if the actor may not know."""
    found: UUID | None = await tx.scalar("select patient_id from related_person where id = :id", {"id": relation_id})
    if found is None:
        raise NotFound
    return found


async def end_set_caregiver(tx: Transaction, patient_id: UUID, relation_id: UUID) -> None:
    """End what somebody may do for a patient, at once, whoever set it."""
    own = {"id": relation_id, "patient_id": patient_id}
    if not await tx.scalar(
        "select exists (select from related_person where id = :id and patient_id = :patient_id)", own
    ):
        raise NotFound
    await end_relation(tx, relation_id, patient_id)
