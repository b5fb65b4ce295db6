"""Ask a form of a person: now, or every so many days until a day; what stands out, and what is overdue."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from portal_app.core import audit, clock, policy
from portal_app.core.actor import Section
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound, OutOfScope
from portal_app.core.i18n import N_
from portal_app.features.intake import assignment_statements as statements
from portal_app.features.intake import policies
from portal_app.features.intake import statements as own_statements
from portal_app.features.intake.choosing import keep_shipped, shipped
from portal_app.features.intake.errors import FormUnknown, OnlyOneself
from portal_app.features.intake.filling import known
from portal_app.features.intake.jobs import tell_soon, time_for_it
from portal_app.features.intake.parsing import read_questionnaire
from portal_app.features.intake.views import AskedForm, Assignment, NewAssignment
from portal_app.features.profile import service as profile

EVERY_MOST: Final = 366
FARTHEST: Final = timedelta(days=2 * 366)


def may_ask(tx: Transaction) -> bool:
    """Tell whether the actor is one of those who ask forms of patients."""
    return policies.ASSIGN.is_allowed(tx.actor)


async def forms_to_ask(tx: Transaction) -> Sequence[tuple[str, Any]]:
    """Return every form that can be asked of a person, as its address and the form itself."""
    policy.require(tx.actor, policies.ASSIGN.name)
    imported = {row.url: row.resource for row in await tx.all(own_statements.NEWEST) if row.url not in shipped()}
    return [(url, read_questionnaire(one)) for url, one in (shipped() | imported).items()]


async def assign_form(tx: Transaction, wanted: NewAssignment) -> None:
    """Ask a form of a person from now on, and tell them that there is something; the same id twice is once.

    Raises:
        NotFound: if the actor does not reach the chart at that confidentiality.
        FormUnknown: if there is no such form.
        InputRefused: if the days between, or the last day, cannot be.
    """
    policy.require(tx.actor, policies.ASSIGN.name)
    now = clock.now()
    level = "R" if wanted.is_private else "N"
    if not await tx.scalar(statements.REACHES, {"patient_id": wanted.patient_id, "confidentiality": level}):
        raise NotFound
    # The last day is one where the patient lives: in their evening it may be tomorrow in UTC.
    zone = await tx.scalar(statements.ZONE, {"patient_id": wanted.patient_id})
    _check_days(wanted, now.astimezone(ZoneInfo(zone or "UTC")).date())
    if wanted.url not in {url for url, _form in await forms_to_ask(tx)}:
        raise FormUnknown
    await keep_shipped(tx, wanted.url)
    params = {
        "id": wanted.id, "url": wanted.url, "patient_id": wanted.patient_id, "confidentiality": level,
        "every_days": wanted.every_days, "until": wanted.until, "now": now,
        "due_at": now + time_for_it(wanted.every_days), "person_id": tx.actor.person_id,
    }  # fmt: skip
    if await tx.execute(statements.ASSIGN, params):
        await _record(tx, "intake.assign", wanted.patient_id, wanted.id)
        await tell_soon(tx, wanted.id)


def _check_days(wanted: NewAssignment, today: date) -> None:
    if wanted.every_days is None and wanted.until is None:
        return
    if wanted.every_days is None or not 1 <= wanted.every_days <= EVERY_MOST:
        raise InputRefused("every", N_("Write a number of days from 1 to 366."))
    if wanted.until is None or not today < wanted.until <= today + FARTHEST:
        raise InputRefused("until", N_("Choose a last day within the next two years."))


async def end_assignment(tx: Transaction, assignment_id: UUID) -> None:
    """Ask a form no more; what was answered stays. Twice is once.

    Raises:
        NotFound: if the actor reaches no such form.
    """
    policy.require(tx.actor, policies.ASSIGN.name)
    row: Any = await tx.first(statements.END, {"id": assignment_id, "now": clock.now()})
    if row is None:
        raise NotFound
    await _record(tx, "intake.unassign", row.patient_id, assignment_id)


async def outstanding(
    tx: Transaction, patient_id: UUID | None = None, *, is_repeated: bool = False
) -> Sequence[Assignment]:
    """Return the forms that were asked and not sent yet, the longest due first; of one chart, or of all in reach.

    That each chart was seen is recorded, unless the same open page looks again.
    """
    policy.require(tx.actor, policies.ASSIGN.name)
    now = clock.now()
    rows: Sequence[Any] = await tx.all(statements.OUTSTANDING, {"patient_id": patient_id, "now": now})
    if not is_repeated:
        await audit.record_each(tx, "intake.view_asked", dict.fromkeys(row.patient_id for row in rows), entity="Task")
    return [
        Assignment(
            row.id, row.patient_id, row.patient_name, known(row.questionnaire_id, row.resource), row.status or "new",
            row.due_at, row.due_at < now, row.every_days, row.until, row.zone,
        )
        for row in rows
    ]  # fmt: skip


async def asked_forms(tx: Transaction, *, is_repeated: bool = False) -> Sequence[AskedForm]:
    """Return the forms that are asked of the chart acted for and not sent yet.

    That a caregiver looked is recorded, unless an open page looks again.
    """
    policy.require(tx.actor, policies.SEE.name)
    if not is_repeated:
        await audit.record_view(tx, "intake.view_asked", patient_id=tx.actor.patient_id, entity="Task", entity_id=None)
    params = {"patient_id": tx.actor.patient_id, "now": clock.now()}
    rows: Sequence[Any] = await tx.all(statements.OWN, params)
    is_own = await profile.acts_for_self(tx)
    return [_asked(row, is_own=is_own) for row in rows]


def _asked(row: Any, *, is_own: bool) -> AskedForm:
    form = known(row.questionnaire_id, row.resource)
    is_for_them = is_own or not form.self_report
    return AskedForm(row.id, form, row.status or "new", is_for_them, not row.fills_in, row.response_id)


async def open_asked(tx: Transaction, assignment_id: UUID) -> UUID:
    """Begin a form that is asked of the chart acted for, or return the one that was begun, whoever began it.

    Raises:
        NotFound: if no such form is asked now.
        OnlyOneself: if only the patient may answer it.
        OutOfScope: if the actor may only see it.
    """
    policy.require(tx.actor, policies.FILL_IN.name)
    params = {"patient_id": tx.actor.patient_id, "now": clock.now()}
    row: Any = next((one for one in await tx.all(statements.OWN, params) if one.id == assignment_id), None)
    if row is None:
        raise NotFound
    if not _asked(row, is_own=await profile.acts_for_self(tx)).is_for_them:
        raise OnlyOneself
    if not row.fills_in:
        raise OutOfScope(Section.forms)
    if row.response_id is not None:
        return UUID(str(row.response_id))
    begun = uuid4()
    started = {
        "id": begun, "questionnaire_id": row.questionnaire_id, "url": row.url, "patient_id": row.patient_id,
        "confidentiality": row.confidentiality, "assignment_id": row.id, "occurrence": row.occurrence,
        "locale": tx.actor.locale, "person_id": tx.actor.person_id, "now": clock.now(),
    }  # fmt: skip
    if not await tx.execute(statements.START, started):  # by another tap, at the same time
        return UUID(str(await tx.scalar(statements.STARTED, started)))
    await _record(tx, "intake.start", row.patient_id, begun)
    return begun


async def _record(tx: Transaction, action: str, patient_id: UUID, entity_id: UUID) -> None:
    entity = "QuestionnaireResponse" if action == "intake.start" else "Task"
    await audit.record(tx, action, patient_id=patient_id, entity=entity, entity_id=entity_id)
