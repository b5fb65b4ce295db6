"""Share a chart: invite a caregiver, change what they may do, end it. The grants follow in the database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlmodel import col

from portal_app.core import audit, clock
from portal_app.core.crypto import blind_index
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound, Refusals, StepUpNeeded
from portal_app.core.i18n import N_
from portal_app.core.jobs import enqueue
from portal_app.features.access import questions, rules
from portal_app.features.access.charts import person_of_chart
from portal_app.features.access.errors import CaregiverAlready, SetByPractice
from portal_app.features.access.invitations import send_invitation
from portal_app.features.access.passkeys import require_fresh
from portal_app.features.access.questions import QUESTION
from portal_app.features.access.tables import RelatedPerson
from portal_app.features.access.views import CaregiverView, ShareForm
from portal_app.features.tasks import service as tasks

_NAME_MOST = 80
ENDED: Final = "caregiver_ended"
"""What staff are given to see to: a paper that the patient took back."""
# Who was a minor is asked of the rule by age that counted when staff set it; without one, everybody was.
_DOCUMENTED: Final = """
select r.id, is_bound_by_age(r, c.birth_date, state_of(c.id)) is not false as was_minor,
  bool_or(r.document_kind = 'court_order' and r.status in ('invited', 'active')
    and (r.valid_until is null or r.valid_until > :now)) over () as is_under_order
from related_person r join patient c on c.id = r.patient_id
where r.patient_id = :patient_id and r.document_kind is not null
"""


async def require_proof_to_share(tx: Transaction) -> None:
    """Go on only after a fresh sign-in that was more than a code by e-mail: who reads somebody's mail shares nothing.

    Raises:
        StepUpNeeded: if the patient must sign in once more first, or more strongly.
    """
    await require_fresh(tx)
    if tx.actor.assurance < 2:
        raise StepUpNeeded


async def invite_caregiver(tx: Transaction, form: ShareForm, request_id: UUID) -> None:
    """Ask somebody by mail to act for the patient; the request's id makes it one, however often it is sent.

    Raises:
        InputRefused: with everything that is missing.
        CaregiverAlready: if this address was asked already.
        StepUpNeeded: if the patient must sign in once more first, or more strongly.
    """
    await require_proof_to_share(tx)
    patient_id = _own_chart_id(tx)
    await add_relation(tx, patient_id, form, request_id)


async def add_relation(tx: Transaction, patient_id: UUID, form: ShareForm, request_id: UUID, **more: object) -> None:
    """Write an invitation down and have it sent; `more` is the document, where staff set it."""
    values = await _checked(tx, patient_id, form)
    now = clock.now()
    expired = col(RelatedPerson.valid_until) <= now
    lapsed = (col(RelatedPerson.status) == "invited") & (col(RelatedPerson.answer_by) <= now)
    own = (col(RelatedPerson.patient_id) == patient_id, col(RelatedPerson.email_index) == values["email_index"],
           col(RelatedPerson.status).in_(("invited", "active")))  # fmt: skip
    await tx.execute(update(RelatedPerson).where(*own, expired | lapsed).values(status="ended", ended_at=now))
    confidentiality = await tx.scalar("select confidentiality from patient where id = :id", {"id": patient_id})
    if confidentiality is None:
        raise NotFound
    added = await tx.execute(
        insert_once(RelatedPerson)
        .values(id=request_id, patient_id=patient_id, confidentiality=confidentiality, invited_by=tx.actor.person_id,
                invited_at=now, answer_by=now + rules.INVITATION_LIFE, status="invited", **values, **more)
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )  # fmt: skip
    if not added:
        if await tx.scalar(select(col(RelatedPerson.id)).where(col(RelatedPerson.id) == request_id, *own)):
            return
        raise CaregiverAlready
    await audit.record(
        tx, "access.invite_caregiver", patient_id=patient_id, entity="RelatedPerson", entity_id=request_id
    )
    await enqueue(tx, send_invitation, relation_id=request_id)


async def change_shares(tx: Transaction, relation_id: UUID, ticked: Sequence[str], until: str) -> None:
    """Give a caregiver other parts of the chart, or another end; it counts at once, on their open pages too.

    Raises:
        InputRefused: if nothing is ticked or no end is chosen.
        SetByPractice, NotFound, StepUpNeeded.
    """
    await require_proof_to_share(tx)
    await _require_own(tx, relation_id)
    view, act, valid_until = _shares(ticked, until, Refusals())
    await tx.execute(
        update(RelatedPerson)
        .where(col(RelatedPerson.id) == relation_id)
        .values(view_sections=view, act_sections=act, valid_until=valid_until)
    )
    await audit.record(
        tx, "access.change_caregiver", patient_id=tx.actor.patient_id, entity="RelatedPerson", entity_id=relation_id
    )


async def end_caregiver(tx: Transaction, relation_id: UUID) -> None:
    """End what somebody may do, at once and on every open page; one that has ended is as wished.

    No second sign-in is asked for: ending gives nobody anything. Where a document of the patient's own will stands
    behind it, staff are given it to check.

    Raises:
        SetByPractice: if it rests on law or a court.
        NotFound: if the patient has no such caregiver.
    """
    found = await caregiver(tx, relation_id)
    if not found.is_own_will:
        raise SetByPractice
    if not found.is_open:
        return
    await end_relation(tx, relation_id, _own_chart_id(tx))
    if found.is_set_by_practice:
        await _give_to_staff(tx, ENDED, relation_id)


async def ask_about_caregiver(tx: Transaction, relation_id: UUID) -> None:
    """Ask the practice to look at a relation that it alone can end; asked again while that is open, once.

    Raises:
        NotFound: if the patient has none such.
    """
    found = await caregiver(tx, relation_id)
    if found.is_own_will or not found.is_open:
        raise NotFound
    if not found.is_asked:
        await _give_to_staff(tx, QUESTION, relation_id)
        await audit.record(
            tx, "access.ask_about_caregiver", patient_id=tx.actor.patient_id, entity="RelatedPerson",
            entity_id=relation_id,
        )  # fmt: skip


async def _give_to_staff(tx: Transaction, code: str, relation_id: UUID) -> None:
    due_at = clock.now() + rules.CHECKED_WITHIN
    await tasks.open_task(tx, code, relation_id, patient_id=_own_chart_id(tx), due_at=due_at)


async def end_relation(tx: Transaction, relation_id: UUID, patient_id: UUID) -> None:
    """End a relation, whoever may; what the patient asked about it is answered by that."""
    await tx.execute(
        update(RelatedPerson)
        .where(col(RelatedPerson.id) == relation_id, col(RelatedPerson.status).in_(("invited", "active")))
        .values(status="ended", ended_at=clock.now(), ended_by=tx.actor.person_id)
    )
    await audit.record(tx, "access.end_caregiver", patient_id=patient_id, entity="RelatedPerson", entity_id=relation_id)
    await questions.close(tx, relation_id)


async def list_caregivers(tx: Transaction, patient_id: UUID | None = None) -> Sequence[CaregiverView]:
    """Return who acts for a chart (the one acted for, unless staff name another), or did; open ones first."""
    wanted = patient_id or _own_chart_id(tx)
    row_of = RelatedPerson.__table__.c  # type: ignore[attr-defined]
    rows = await tx.all(select(*row_of).where(col(RelatedPerson.patient_id) == wanted).order_by(row_of.invited_at))
    await audit.record_view(tx, "access.view_caregivers", patient_id=wanted, entity="RelatedPerson", entity_id=None)
    found = await _views(tx, wanted, rows)
    return sorted(found, key=lambda one: not one.is_open)


async def sees_caregivers(tx: Transaction) -> bool:
    """Tell whether support, who sees the pages of a chart, is shown who acts for it."""
    return bool(await tx.scalar("select may('view', 'caregivers', actor_patient(), 'N')"))


async def caregiver(tx: Transaction, relation_id: UUID) -> CaregiverView:
    """Return one caregiver of the chart acted for. Raises NotFound."""
    row = await _require_own(tx, relation_id, may_be_practice=True)
    (found,) = await _views(tx, row.patient_id, [row])
    return found


async def _checked(tx: Transaction, patient_id: UUID, form: ShareForm) -> dict[str, Any]:
    name, email = " ".join(form.name.split()), rules.normalised_email(form.email)
    wrong = Refusals()
    if not name or len(name) > _NAME_MOST or not name.isprintable():
        wrong.note("name", N_("Write the name of the person, in up to 80 letters."))
    if email is None:
        wrong.note("email", N_("Write their e-mail address like this: name@example.org"))
    index = blind_index(email or "", purpose="email")
    owner = await person_of_chart(tx, patient_id)
    own = {"id": owner, "index": index}
    if owner and await tx.scalar("select exists (select from person where id = :id and email_index = :index)", own):
        wrong.note("email", N_("This is the address of the patient. Write the other person's."))
    if form.relationship not in rules.RELATIONSHIPS:
        wrong.note("relationship", N_("Choose who this person is to you."))
    view, act, valid_until = _shares(form.ticked, form.until, wrong)
    return {"name": name, "email": email, "email_index": index, "relationship": form.relationship,
            "view_sections": view, "act_sections": act, "valid_until": valid_until}  # fmt: skip


def _shares(ticked: Sequence[str], until: str, wrong: Refusals) -> tuple[list[str], list[str], datetime | None]:
    """Return what is shared until when; raises InputRefused with all that is wrong by now."""
    view, act = rules.shared_sections(ticked)
    if not view:
        wrong.note("shares", N_("Choose at least one thing that this person may do."))
    if until not in rules.SHARE_LIVES:
        wrong.note("until", N_("Choose until when."))
    wrong.done()
    life = rules.SHARE_LIVES[until]
    return view, act, clock.now() + life if life else None


def _own_chart_id(tx: Transaction) -> UUID:
    if tx.actor.patient_id is None:
        raise NotFound
    return tx.actor.patient_id


async def _require_own(tx: Transaction, relation_id: UUID, *, may_be_practice: bool = False) -> Row[Any]:
    """Return a row of the chart acted for."""
    table = RelatedPerson.__table__  # type: ignore[attr-defined]
    row = await tx.first(select(*table.c).where(table.c.id == relation_id, table.c.patient_id == _own_chart_id(tx)))
    if row is None:
        raise NotFound
    if row.document_kind is not None and not may_be_practice:
        raise SetByPractice
    return row


async def _views(tx: Transaction, patient_id: UUID, rows: Sequence[Row[Any]]) -> list[CaregiverView]:
    """Return rows of one chart with what their documents mean for the patient."""
    known = {row.id: row for row in await tx.all(_DOCUMENTED, {"patient_id": patient_id, "now": clock.now()})}
    asked = await tasks.open_about(tx, QUESTION, list(known)) if known else frozenset()
    found = [_view(row, clock.now()) for row in rows]
    return [
        replace(
            one,
            is_own_will=rules.rests_on_own_will(
                one.document_kind, one.relationship, was_minor=known[one.id].was_minor,
                is_under_order=known[one.id].is_under_order,
            ),
            is_asked=one.id in asked,
        )
        if one.id in known
        else one
        for one in found
    ]  # fmt: skip


def _view(row: Row[Any], now: datetime) -> CaregiverView:
    status = row.status
    if status == "active" and row.valid_until is not None and row.valid_until <= now:
        status = "expired"
    if status == "invited" and row.answer_by <= now:
        status = "lapsed"
    return CaregiverView(
        row.id, row.name, row.email, row.relationship, tuple(rules.ticked_shares(row.view_sections, row.act_sections)),
        status, row.invited_at, row.accepted_at, row.valid_until, row.ended_at, row.used_at,
        row.document_id, row.document_kind or "", row.note or "", is_own_will=not row.document_kind,
    )  # fmt: skip
