"""Send a form: after its review, whole, signed where it must be, and once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.features.intake import policies, statements
from portal_app.features.intake.checking import problems_of, sent
from portal_app.features.intake.errors import FormAlreadySent, FormChanged, FormIncomplete
from portal_app.features.intake.filling import current_answers, form_to_fill_in, known
from portal_app.features.intake.items import Answers, Questionnaire
from portal_app.features.intake.responses import response_of
from portal_app.features.intake.signing import signature
from portal_app.features.profile import service as profile


async def submit_form(
    tx: Transaction, response_id: UUID, latest: int, locale: str, signed_name: str = "", drawn: str = ""
) -> datetime:
    """Send the answers as they were reviewed and return when; the same person's second tap finds the first one's.

    `latest` is the number of the last answer that the review showed, `drawn` the strokes of a drawn signature.

    Raises:
        NotFound, OnlyOneself, OutOfScope: if the actor has no such form, or may not answer it.
        FormAlreadySent: if somebody else sent it.
        FormChanged: if there are answers that the review did not show.
        FormIncomplete: if it is blank, or something required is missing.
        SignatureMissing: if it wants a signature and there is no name, or what is drawn is none.
    """
    policy.require(tx.actor, policies.FILL_IN.name)
    row = await form_to_fill_in(tx, response_id)
    questionnaire = known(row.questionnaire_id, row.resource)
    answers = await _reviewed(tx, response_id, latest, questionnaire)
    now = clock.now()
    response = response_of(
        questionnaire, answers, response_id=response_id, patient_id=row.patient_id, locale=locale, authored=now
    )
    signed = None
    if questionnaire.is_signed:
        signed = signature(
            questionnaire, response, locale=locale, name=signed_name, drawn=drawn, person_id=tx.actor.person_id, at=now
        )
    content = {
        "response": response,
        "answers": sent(questionnaire, answers),
        "by": tx.actor.display_name,
        "is_own": await profile.acts_for_self(tx),
        "signature": signed,
    }
    params = {"id": response_id, "content": content, "locale": locale, "person_id": tx.actor.person_id, "now": now}
    await tx.execute(statements.SEND, params)
    await audit.record(
        tx, "intake.send", patient_id=row.patient_id, entity="QuestionnaireResponse", entity_id=response_id
    )
    return now


async def _reviewed(tx: Transaction, response_id: UUID, latest: int, questionnaire: Questionnaire) -> Answers:
    """Lock a form and return its answers: those that the review showed, and whole. Errors as `submit_form`."""
    locked: Any = await tx.first(statements.LOCK_FORM, {"id": response_id})
    if locked is None:  # what was sent is no longer theirs to lock
        raise FormAlreadySent
    if locked.latest != latest:
        raise FormChanged
    answers = await current_answers(tx, response_id)
    for problem in problems_of(questionnaire, answers):
        raise FormIncomplete(problem.at)
    return answers
