"""Write a note while talking: saved again and again, never over somebody else's words."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam

from portal_app.core import audit, clock, policy
from portal_app.core.crypto import EncryptedJSON, EncryptedText
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.features.notes import policies, rules, statements
from portal_app.features.notes.errors import NoteChanged, NoteSigned, NoteUnsigned
from portal_app.features.notes.reading import visit_row

_JSON: Final = (bindparam("content", type_=EncryptedJSON), bindparam("ending", type_=EncryptedJSON))
_ADD: Final = statements.ADD_NOTE.bindparams(*_JSON)
_WRITE: Final = statements.WRITE_NOTE.bindparams(*_JSON)
_ADD_ADDENDUM: Final = statements.ADD_ADDENDUM.bindparams(bindparam("words", type_=EncryptedText))


async def save_note(
    tx: Transaction, appointment_id: UUID, version: int, content: Mapping[str, str], ending: Mapping[str, Any]
) -> int:
    """Save what is written and picked so far, and return the version that it is now.

    `version` is what the writer had before them, 0 for a note that was not begun. With another one standing nothing is
    written: who else wrote is shown, and a person decides.

    Raises:
        NotFound: if the actor has no such visit.
        NoteChanged, NoteSigned: if it was saved elsewhere, or signed.
        InputRefused: if a part is too long; `field` is the part.
    """
    policy.require(tx.actor, policies.WRITE.name)
    kept = _cleaned(content)
    found = await visit_row(tx, appointment_id)
    if version == 0:
        params = {"id": uuid4(), "appointment_id": appointment_id, "patient_id": found.patient_id,
                  "confidentiality": found.confidentiality, "practitioner_id": found.practitioner_id}  # fmt: skip
        if not await tx.execute(_ADD, params | _written(tx, kept, ending)):
            raise NoteChanged
        await _record(tx, "notes.write", found.patient_id, appointment_id)
        return 1
    await _write_over(tx, appointment_id, version, kept, ending)
    return version + 1


async def _write_over(
    tx: Transaction, appointment_id: UUID, version: int, kept: Mapping[str, str], ending: Mapping[str, Any]
) -> None:
    await tx.execute(statements.LOCK_NOTE, {"id": appointment_id})
    standing: Any = await tx.first(statements.NOTE, {"id": appointment_id})
    if standing is not None and standing.signed_at is not None:
        raise NoteSigned
    if standing is None or standing.version != version:
        raise NoteChanged
    is_same = standing.written_by == tx.actor.person_id
    if rules.begins_version(is_same, standing.kept_at, clock.now()):
        await tx.execute(statements.KEEP_VERSION, {"id": appointment_id, "key": uuid4()})
        await _record(tx, "notes.write", standing.patient_id, appointment_id)
    params = {"id": appointment_id, "version": version} | _written(tx, kept, ending)
    if not await tx.execute(_WRITE, params):
        raise NoteChanged


async def add_to_note(tx: Transaction, appointment_id: UUID, words: str, request_key: UUID) -> None:
    """Add words to a signed note; the same key adds them once.

    Raises:
        NotFound: if the actor has no such visit.
        NoteUnsigned: if the note is not signed.
        InputRefused: if there are no words, or too many.
    """
    policy.require(tx.actor, policies.WRITE.name)
    found = await visit_row(tx, appointment_id)
    standing: Any = await tx.first(statements.NOTE, {"id": appointment_id})
    if standing is None or standing.signed_at is None:
        raise NoteUnsigned
    try:
        said = rules.clean(words, rules.ADDENDUM_MAX, "addendum")
    except rules.Refused as error:
        raise InputRefused("addendum", N_("This is too long. Shorten it, or add it in two parts.")) from error
    if not said:
        raise InputRefused("addendum", N_("Write what you want to add."))
    params = {"id": uuid4(), "appointment_id": appointment_id, "words": said, "person_id": tx.actor.person_id,
              "now": clock.now(), "request_key": request_key}  # fmt: skip
    if await tx.execute(_ADD_ADDENDUM, params):
        await _record(tx, "notes.add", found.patient_id, appointment_id)


def _cleaned(content: Mapping[str, str]) -> dict[str, str]:
    try:
        return rules.clean_content(content)
    except rules.Refused as error:
        raise InputRefused(
            error.where, N_("This part is too long to be kept. Shorten it: 20,000 characters fit.")
        ) from error


def _written(tx: Transaction, kept: Mapping[str, str], ending: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": kept, "ending": dict(ending), "person_id": tx.actor.person_id, "now": clock.now()}


async def _record(tx: Transaction, action: str, patient_id: UUID, appointment_id: UUID) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="Appointment", entity_id=appointment_id)
