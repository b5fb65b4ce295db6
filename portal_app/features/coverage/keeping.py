"""Say what insurance somebody has: add one, put it right, end it, or say that there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from portal_app.core import audit, clock, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound, Refusals
from portal_app.core.i18n import N_
from portal_app.features.coverage import policies, rules, statements
from portal_app.features.coverage.asking import ask_now
from portal_app.features.coverage.errors import CoverageMovedOn, CoverageNotNoted, TooManyCoverages
from portal_app.features.coverage.tables import Coverage
from portal_app.features.coverage.views import CoverageForm
from portal_app.features.patients import service as patients

_TYPED: Final = {"other": "", "": ""}
_NAME_WRONG: Final = N_("Write it with letters, at most 80, as on the card.")
_NUMBER_WRONG: Final = N_("Copy it from the card: letters and digits, at most 30.")


async def add_coverage(tx: Transaction, form: CoverageForm, request_key: UUID) -> UUID:
    """Keep an insurance of the chart acted for, have the insurer asked, and return it; the same key keeps it once.

    Who pays first already steps back for one that is said to pay first. That there was none is over by it.

    Raises:
        InputRefused: with all that is wrong in the form.
        TooManyCoverages: if there are three.
        CoverageNotNoted: if one that the actor does not see has this turn.
    """
    policy.require(tx.actor, policies.CHANGE.name)
    facts = await _facts(tx, form)
    standing = await _locked(tx, request_key)
    if standing is not None:
        return standing
    await _end_self_pay(tx)
    coverage_id = uuid4()
    with _in_turn():
        turn = await _make_room(tx, int(facts.pop("precedence")), None)
        await tx.execute(insert(Coverage).values(**_new(tx, coverage_id, request_key), kind="insurance",
                                                 precedence=turn, **facts))  # fmt: skip
    await _record(tx, "coverage.add", coverage_id)
    await ask_now(tx, coverage_id, request_key)
    return coverage_id


async def change_coverage(
    tx: Transaction, coverage_id: UUID, sequence: int, form: CoverageForm, request_key: UUID
) -> None:
    """Put an insurance right that was changed `sequence` times, and have the insurer asked again.

    Raises:
        InputRefused: with all that is wrong in the form.
        NotFound: if the actor sees no such insurance.
        CoverageMovedOn: if it was changed or ended in the meantime.
        CoverageNotNoted: as `add_coverage`.
    """
    policy.require(tx.actor, policies.CHANGE.name)
    facts = await _facts(tx, form)
    await tx.one(statements.LOCK, {"patient_id": tx.actor.patient_id})
    row: Any = await tx.first(statements.ONE, {"coverage_id": coverage_id})
    if row is None:
        raise NotFound
    if row.sequence != sequence or row.status != "active" or row.kind != "insurance":
        raise CoverageMovedOn
    with _in_turn():
        facts["precedence"] = await _make_room(tx, int(facts["precedence"]), row)
        await tx.execute(update(Coverage).where(col(Coverage.id) == coverage_id).values(**facts))
    await _record(tx, "coverage.change", coverage_id)
    await ask_now(tx, coverage_id, request_key)


async def end_coverage(tx: Transaction, coverage_id: UUID, sequence: int) -> None:
    """Say that an insurance is over; it stays in the history. A second tap changes nothing.

    Raises:
        NotFound: if the actor sees no such insurance.
        CoverageMovedOn: if it was changed in the meantime.
    """
    policy.require(tx.actor, policies.CHANGE.name)
    row: Any = await tx.first(statements.ONE, {"coverage_id": coverage_id})
    if row is None:
        raise NotFound
    params = {"coverage_id": coverage_id, "sequence": sequence, "today": clock.now().date()}
    if await tx.execute(statements.END, params):
        await _record(tx, "coverage.end", coverage_id)
    elif row.status == "active":
        raise CoverageMovedOn


async def say_uninsured(tx: Transaction, request_key: UUID) -> UUID:
    """Say that there is no insurance; whatever counted until now is over by it. The same key says it once.

    Raises:
        CoverageNotNoted: if there is one that the actor does not see.
    """
    policy.require(tx.actor, policies.CHANGE.name)
    standing = await _locked(tx, request_key)
    if standing is not None:
        return standing
    for one in await tx.all(statements.TAKEN, {"patient_id": tx.actor.patient_id}):
        if one.kind == "self_pay":
            return UUID(str(one.id))
        await end_coverage(tx, one.id, -1)
    coverage_id = uuid4()
    with _in_turn():
        await tx.execute(insert(Coverage).values(**_new(tx, coverage_id, request_key), kind="self_pay", precedence=1))
    await _record(tx, "coverage.say_uninsured", coverage_id)
    return coverage_id


@contextmanager
def _in_turn() -> Iterator[None]:
    """Answer plainly where an insurance has the turn already that the actor, as a carer, is not shown."""
    try:
        yield
    except IntegrityError as error:
        if not isinstance(error.orig, psycopg.errors.ExclusionViolation):
            raise
        raise CoverageNotNoted from error


async def _locked(tx: Transaction, request_key: UUID) -> UUID | None:
    await tx.one(statements.LOCK, {"patient_id": tx.actor.patient_id})
    standing: UUID | None = await tx.scalar(
        "select id from coverage where entered_by = actor_person() and request_key = :key", {"key": request_key}
    )
    return standing


async def _end_self_pay(tx: Transaction) -> None:
    for one in await tx.all(statements.TAKEN, {"patient_id": tx.actor.patient_id}):
        if one.kind == "self_pay":
            await end_coverage(tx, one.id, -1)


async def _make_room(tx: Transaction, wanted: int, own: Any) -> int:
    """Return the turn that an insurance gets: the wanted one, and whoever had it takes the old or the next free one."""
    others = {one.precedence: one.id for one in await tx.all(statements.TAKEN, {"patient_id": tx.actor.patient_id})
              if own is None or one.id != own.id}  # fmt: skip
    free = rules.next_free(set(others))
    if free is None:
        raise TooManyCoverages
    if wanted not in others:
        return wanted
    if own is None:
        await _move(tx, others[wanted], free)
        return wanted
    # Two change places: one statement, after which nobody has the turn of another.
    params = {"own": own.id, "other": others[wanted], "wanted": wanted, "old": own.precedence}
    await tx.execute(
        "update coverage set precedence = case when id = :own then :wanted else :old end where id in (:own, :other)",
        params,
    )
    return wanted


async def _move(tx: Transaction, coverage_id: UUID, turn: int) -> None:
    await tx.execute("update coverage set precedence = :turn where id = :id", {"turn": turn, "id": coverage_id})


async def _facts(tx: Transaction, form: CoverageForm) -> dict[str, Any]:
    wrong, known = Refusals(), {str(one.id): one.name for one in await _payers(tx)}
    payer = known.get(form.payer) or rules.typed_name(form.payer_name)
    if form.payer not in known and form.payer not in _TYPED:
        wrong.note("payer", N_("Choose the insurer, or “Another”."))
    if not payer:
        wrong.note("payer_name" if form.payer == "other" else "payer", N_("Say which insurer it is, as on the card."))
    plan, member = rules.typed_name(form.plan_name), rules.typed_number(form.member_id)
    group = rules.typed_number(form.group_number) if form.group_number.strip() else ""
    for field, value, reason in (("plan_name", plan, _NAME_WRONG), ("member_id", member, _NUMBER_WRONG),
                                 ("group_number", group, _NUMBER_WRONG)):  # fmt: skip
        if value is None:
            wrong.note(field, reason)
    subscriber = _subscriber(form, wrong)
    start, until = _day(form.valid_from, "valid_from", wrong), _day(form.valid_until, "valid_until", wrong)
    if start and until and until < start:
        wrong.note("valid_until", N_("It ends before it begins. Look at both days again."))
    if form.precedence not in ("1", "2", "3"):
        wrong.note("precedence", N_("Say whether this insurance pays first or second."))
    wrong.done()
    return {
        "payer_id": UUID(form.payer) if form.payer in known else None, "payer_name": payer, "plan_name": plan or None,
        "member_id": member, "group_number": group or None, "relation": form.relation, "valid_from": start,
        "valid_until": until, "precedence": int(form.precedence), **subscriber,
    }  # fmt: skip


def _subscriber(form: CoverageForm, wrong: Refusals) -> dict[str, str | None]:
    if form.relation not in rules.RELATIONS:
        wrong.note("relation", N_("Say whose name is on the card."))
    if form.relation == "self":
        return {"subscriber_given": None, "subscriber_family": None, "subscriber_born": None}
    given, family = rules.typed_name(form.subscriber_given), rules.typed_name(form.subscriber_family)
    born = patients.read_birth_date(*form.subscriber_born)
    if form.relation in rules.RELATIONS:
        for field, name in (("subscriber_given", given), ("subscriber_family", family)):
            if not name:
                wrong.note(field, _NAME_WRONG)
        if born is None:
            wrong.note("subscriber_born", N_("Write the birth date of the person on the card."))
    return {"subscriber_given": given, "subscriber_family": family,
            "subscriber_born": born.isoformat() if born else None}  # fmt: skip


def _day(typed: tuple[str, str, str], field: str, wrong: Refusals) -> date | None:
    if not any(part.strip() for part in typed):
        return None
    found = patients.read_day(*typed)
    if found is None:
        wrong.note(field, N_("Write day, month and year, or leave all three empty."))
    return found


async def _payers(tx: Transaction) -> Any:
    return await tx.all(statements.PAYERS, {})


def _new(tx: Transaction, coverage_id: UUID, request_key: UUID) -> dict[str, Any]:
    return {"id": coverage_id, "patient_id": tx.actor.patient_id, "entered_by": tx.actor.person_id,
            "entered_at": clock.now(), "request_key": request_key}  # fmt: skip


async def _record(tx: Transaction, action: str, coverage_id: UUID) -> None:
    await audit.record(tx, action, patient_id=tx.actor.patient_id, entity="Coverage", entity_id=coverage_id)
