"""What insurance somebody has, for their side and for the desks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from portal_app.core import audit, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.coverage import policies, statements
from portal_app.features.coverage.views import (
    Amounts,
    ChangeView,
    CheckView,
    CoverageView,
    CoveredRow,
    PayerView,
    Subscriber,
)

LISTED_MAX: Final = 100


async def my_coverages(tx: Transaction, *, is_repeated: bool = False) -> Sequence[CoverageView]:
    """Return the insurances of the chart acted for: those that count, by who pays first, then the ended ones."""
    policy.require(tx.actor, policies.SEE.name)
    return await _of(tx, cast(UUID, tx.actor.patient_id), is_repeated=is_repeated)


async def coverages_of(tx: Transaction, patient_id: UUID, *, is_repeated: bool = False) -> Sequence[CoverageView]:
    """Return somebody's insurances for the desks."""
    policy.require(tx.actor, policies.REVIEW.name)
    return await _of(tx, patient_id, is_repeated=is_repeated)


async def coverage(
    tx: Transaction, coverage_id: UUID, *, is_repeated: bool = False
) -> tuple[CoverageView, Sequence[ChangeView]]:
    """Return an insurance and what it was before, the newest first; for the patient's side.

    Raises:
        NotFound: if the actor sees no such insurance.
    """
    policy.require(tx.actor, policies.SEE.name)
    row: Any = await tx.first(statements.ONE, {"coverage_id": coverage_id})
    if row is None:
        raise NotFound
    history = await tx.all(statements.HISTORY, {"coverage_id": coverage_id})
    if not is_repeated:
        await _record(tx, row.patient_id, coverage_id)
    return as_view(row), [
        ChangeView(
            one.payer_name or "", one.plan_name or "", one.member_id or "", one.status, one.precedence,
            one.valid_until, one.changed_at,
        )
        for one in history
    ]  # fmt: skip


async def covered_person(tx: Transaction, patient_id: UUID) -> tuple[str, date | None]:
    """Return the name and birth date of somebody whose insurance the desks may see.

    Raises:
        NotFound: if they may not.
    """
    policy.require(tx.actor, policies.REVIEW.name)
    row: Any = await tx.first(statements.PERSON, {"patient_id": patient_id, "confidentiality": "N"})
    if row is None or row.name is None:
        raise NotFound
    return row.name, row.born


async def unseen_coverages(tx: Transaction, *, is_repeated: bool = False) -> Sequence[CoveredRow]:
    """Return what nobody of the practice has looked at yet, the oldest first; a hundred at most."""
    policy.require(tx.actor, policies.REVIEW.name)
    rows: Sequence[Any] = await tx.all(statements.UNSEEN, {"most": LISTED_MAX})
    if not is_repeated:
        await audit.record_each(tx, "coverage.list", dict.fromkeys(row.patient_id for row in rows), entity="Coverage")
    return [
        CoveredRow(row.patient_id, row.name or "", row.born, row.payer_name or "", row.kind, row.entered_at)
        for row in rows
    ]


async def insurance_waits_since(tx: Transaction, patient_id: UUID, *, is_repeated: bool = False) -> datetime | None:
    """Return since when an insurance of somebody waits to be looked at, for whoever attends their visit; else None."""
    policy.require(tx.actor, policies.KNOW.name)
    since: datetime | None = await tx.scalar("select insurance_waits_since(:id)", {"id": patient_id})
    if since is not None and not is_repeated:
        await audit.record(tx, "coverage.list", patient_id=patient_id, entity="Coverage", entity_id=None)
    return since


async def payers(tx: Transaction) -> Sequence[PayerView]:
    """Return the insurers of the practice's list, by name."""
    return [PayerView(row.id, row.name) for row in await tx.all(statements.PAYERS, {})]


async def _of(tx: Transaction, patient_id: UUID, *, is_repeated: bool) -> Sequence[CoverageView]:
    rows = await tx.all(statements.OF_PATIENT, {"patient_id": patient_id, "with_ended": True})
    if not is_repeated:
        await _record(tx, patient_id, None)
    return [as_view(row) for row in rows]


async def _record(tx: Transaction, patient_id: UUID, coverage_id: UUID | None) -> None:
    await audit.record(tx, "coverage.view", patient_id=patient_id, entity="Coverage", entity_id=coverage_id)


def as_view(row: Any) -> CoverageView:
    """Return a row of the statements as screens show it."""
    subscriber = None
    if row.relation != "self" and row.subscriber_born:
        born = date.fromisoformat(row.subscriber_born)
        subscriber = Subscriber(row.subscriber_given or "", row.subscriber_family or "", born)
    return CoverageView(
        row.id, row.patient_id, row.kind, row.status, row.precedence, row.payer_id, row.payer_name or "",
        row.plan_name or "", row.member_id or "", row.group_number or "", row.relation, subscriber, row.valid_from,
        row.valid_until, row.front_file_id, row.back_file_id, row.sequence, row.entered_at, row.reviewed_at, row.zone,
        _check(row),
    )  # fmt: skip


def _check(row: Any) -> CheckView | None:
    if row.check_id is None:
        return None
    said = dict(row.answer or {})
    plan = str(said.pop("plan_name", ""))
    return CheckView(
        row.check_id, row.check_status, row.outcome, row.asked_at, row.answered_at, bool(row.is_of_now),
        Amounts(**said), plan,
    )  # fmt: skip
