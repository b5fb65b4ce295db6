"""Take a questionnaire from elsewhere into the forms of the practice: looked at first, and each version once."""

import asyncio
from typing import Any, Final
from uuid import uuid4

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.features.intake import policies, statements
from portal_app.features.intake.choosing import shipped
from portal_app.features.intake.errors import VersionTaken
from portal_app.features.intake.items import Problem, Questionnaire
from portal_app.features.intake.parsing import QuestionnaireRefused, read_questionnaire
from portal_app.features.intake.views import Candidate

_OWN: Final = "urn:sala:"


async def look_at_form(tx: Transaction, written: str) -> Candidate:
    """Read a questionnaire without keeping it, and say what keeping it would mean.

    Raises:
        QuestionnaireRefused: with everything that is wrong, each with its path.
        VersionTaken: if this version is kept with other words.
    """
    policy.require(tx.actor, policies.CHOOSE.name)
    questionnaire = await asyncio.to_thread(_read, written)
    rows: list[Any] = list(await tx.all(statements.VERSIONS, {"url": questionnaire.url}))
    same = next((row for row in rows if row.version == questionnaire.version), None)
    if same is not None and same.resource != written:
        raise VersionTaken
    standing = "kept" if same is not None else "newer" if rows else "new"
    return Candidate(questionnaire, standing, rows[0].version if rows else "")


def _read(written: str) -> Questionnaire:
    questionnaire = read_questionnaire(written)
    if questionnaire.url in shipped() or questionnaire.url.startswith(_OWN):
        raise QuestionnaireRefused([Problem("Questionnaire.url", "our_own")])
    return questionnaire


async def import_form(tx: Transaction, written: str) -> Candidate:
    """Keep a questionnaire as it is written. What is begun stays with its version; the same one again is once.

    Raises:
        QuestionnaireRefused, VersionTaken: as `look_at_form`.
    """
    found = await look_at_form(tx, written)
    form = found.questionnaire
    if found.standing == "kept":
        return found
    form_id = uuid4()
    params = {"id": form_id, "url": form.url, "version": form.version, "resource": written,
              "person_id": tx.actor.person_id, "now": clock.now()}  # fmt: skip
    if not await tx.execute(statements.ADD_QUESTIONNAIRE, params):  # somebody else kept this version just now
        return await look_at_form(tx, written)
    detail = {"url": form.url, "version": form.version}
    await audit.record(
        tx, "intake.import_form", patient_id=None, entity="Questionnaire", entity_id=form_id, detail=detail
    )
    return found
