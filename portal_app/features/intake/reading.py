"""Read what patients sent, for whoever treats them; every look is recorded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.intake import policies, statements
from portal_app.features.intake.checking import totals
from portal_app.features.intake.filling import known
from portal_app.features.intake.signing import is_bound
from portal_app.features.intake.views import FormRow, OwnForm, SentForm, Signature
from portal_app.features.profile import service as profile


async def sent_form(tx: Transaction, response_id: UUID, *, is_repeated: bool = False) -> SentForm:
    """Return a form that was sent. That it was looked at is recorded, unless an open page keeps itself up to date.

    Raises:
        NotFound: if the actor reaches no such form.
    """
    policy.require(tx.actor, policies.READ.name)
    row: Any = await tx.first(statements.SENT, {"id": response_id})
    if row is None:
        raise NotFound
    if not is_repeated:
        await _record(tx, "intake.read", row.patient_id, response_id)
    questionnaire, answers = known(row.questionnaire_id, row.resource), row.content["answers"]
    return SentForm(
        row.id, row.patient_id, row.patient_name, row.appointment_id, questionnaire, row.locale, answers,
        totals(questionnaire, answers), _signature(row.content), row.submitted_at,
        row.content["by"], row.content["is_own"], row.zone, row.reviewed_by, row.reviewed_at,
    )  # fmt: skip


def _signature(content: Mapping[str, Any]) -> Signature | None:
    given = content.get("signature")
    if not given:
        return None
    return Signature(
        given["name"], UUID(given["person_id"]), datetime.fromisoformat(given["at"]), given["words"], given["version"],
        given.get("drawn", ""), "digest" not in given or is_bound(given, content["response"]),
    )  # fmt: skip


async def sent_forms(tx: Transaction, patient_id: UUID, *, is_repeated: bool = False) -> Sequence[FormRow]:
    """Return the forms of a chart that were sent, the newest first; none for whoever does not read answers.

    That there were some was seen is recorded, unless what is opened of them says so.
    """
    if not policies.READ.is_allowed(tx.actor):
        return ()
    rows: Sequence[Any] = await tx.all(statements.SENT_OF_PATIENT, {"patient_id": patient_id})
    if rows and not is_repeated:
        await audit.record_view(
            tx, "intake.view_sent", patient_id=patient_id, entity="QuestionnaireResponse", entity_id=None
        )
    return [
        FormRow(row.id, known(row.questionnaire_id, row.resource), row.submitted_at, row.zone, row.is_reviewed)
        for row in rows
    ]


async def my_sent_forms(tx: Transaction) -> Sequence[OwnForm]:
    """Return the forms of the chart acted for that were sent, with what was answered, the newest first.

    What only the patient may answer is for the patient alone. Looking is recorded by whoever asks for all of them.
    """
    policy.require(tx.actor, policies.SEE.name)
    is_own = await profile.acts_for_self(tx)
    found = []
    for row in await tx.all(statements.SENT_OF_OWN, {"patient_id": tx.actor.patient_id}):
        asked, answers = known(row.questionnaire_id, row.resource), row.content["answers"]
        if is_own or not asked.self_report:
            found.append(
                OwnForm(asked, row.locale, answers, totals(asked, answers), row.submitted_at, row.content["by"])
            )
    return found


async def review_form(tx: Transaction, response_id: UUID) -> None:
    """Mark a form as reviewed; the first who does so stands.

    Raises:
        NotFound: if the actor reaches no such form.
    """
    policy.require(tx.actor, policies.READ.name)
    row: Any = await tx.first(statements.SENT, {"id": response_id})
    if row is None:
        raise NotFound
    params = {"id": response_id, "person_id": tx.actor.person_id, "name": tx.actor.display_name, "now": clock.now()}
    if await tx.execute(statements.REVIEW, params):
        await _record(tx, "intake.review", row.patient_id, response_id)


async def _record(tx: Transaction, action: str, patient_id: UUID, response_id: UUID) -> None:
    await audit.record(tx, action, patient_id=patient_id, entity="QuestionnaireResponse", entity_id=response_id)
