"""Bills: make one of a charge, and say what is owed on it and why."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import NotFound
from portal_app.features.billing import bill_statements as statements
from portal_app.features.billing import books, money, policies
from portal_app.features.billing.books import Posting
from portal_app.features.billing.errors import ChargeMovedOn, FeeMissing
from portal_app.features.billing.views import BillView, FeeEntry, MyBills, PostingView, Shelf, Shelves, ToBillView

_HELD_AS: Final = {"95": "video", "93": "audio"}
LISTED_MAX: Final = 100
SHELF: Final = 12
"""How many bills a patient is shown at once: a page costs the same after ten years as after a month."""
FIRST_SHELVES: Final = Shelves(SHELF, SHELF)
_ALWAYS: Final = datetime.max.replace(tzinfo=UTC)


async def issue_bill(tx: Transaction, charge_id: UUID, corrections: int) -> UUID:
    """Make a bill of a charge that waits, at the practice's fee of that day; return it. A second tap gets the same.

    Raises:
        NotFound: if the actor sees no such charge.
        FeeMissing: if it has no service yet, or the service no fee.
        ChargeMovedOn: if it was corrected more often than `corrections`, or was not found ready to be billed.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    charge: Any = await tx.first(statements.CHARGE, {"charge_id": charge_id})
    if charge is None:
        raise NotFound
    if charge.bill_id is not None:
        return UUID(str(charge.bill_id))
    if charge.amount_minor is None:
        raise FeeMissing
    now, bill_id = clock.now(), uuid4()
    closed = {"charge_id": charge_id, "corrections": corrections, "person_id": tx.actor.person_id, "now": now}
    kept: Any = await tx.first(statements.CLOSE, closed)
    if kept is None:
        raise ChargeMovedOn
    # As private as the charge is now that nobody else can change it, not as it was when it was read.
    facts = charge._asdict() | {"modality": _HELD_AS.get(charge.modifier or "", "in_person")} | kept._asdict()
    due = {"due_on": money.due_on(now.date()), "person_id": tx.actor.person_id}
    await tx.execute(statements.ISSUE, facts | due | {"id": bill_id, "charge_id": charge_id})
    await books.post(tx, Posting(bill_id, "charge", charge.amount_minor, request_key=bill_id))
    return bill_id


async def my_bills(tx: Transaction, *, most: Shelves = FIRST_SHELVES, is_repeated: bool = False) -> MyBills:
    """Return what the chart acted for owes in all, and the first of its bills: so many of each as `most` says.

    That they were looked at is recorded, unless `is_repeated` says that an open page keeps itself up to date.
    """
    policy.require(tx.actor, policies.SEE_BILLS.name)
    patient_id = tx.actor.patient_id
    owed = await tx.all(statements.OWED_BY_PATIENT, {"patient_id": patient_id})
    to_pay = await _shelf(tx, statements.OPEN_OF_PATIENT, {"day": date.min, "number": 0}, most.to_pay)
    settled = await older_bills(tx, None, most.settled)
    if not is_repeated:
        await audit.record(tx, "billing.view_bills", patient_id=patient_id, entity="Invoice", entity_id=None)
    return MyBills(tuple((row.currency, row.owed_minor) for row in owed), to_pay, settled)


async def later_bills(tx: Transaction, after: tuple[date, int], most: int = SHELF) -> Shelf:
    """Return the next bills to pay of the chart acted for, those due after a day and the number of a bill."""
    policy.require(tx.actor, policies.SEE_BILLS.name)
    return await _shelf(tx, statements.OPEN_OF_PATIENT, {"day": after[0], "number": after[1]}, most)


async def older_bills(tx: Transaction, before: tuple[datetime, int] | None, most: int = SHELF) -> Shelf:
    """Return the next settled bills of the chart acted for, of visits before a moment and the number of a bill."""
    policy.require(tx.actor, policies.SEE_BILLS.name)
    moment, number = before or (_ALWAYS, 0)
    return await _shelf(tx, statements.SETTLED_OF_PATIENT, {"at": moment, "number": number}, most)


async def _shelf(tx: Transaction, statement: str, after: dict[str, Any], most: int) -> Shelf:
    rows = await tx.all(statement, after | {"patient_id": tx.actor.patient_id, "most": most + 1})
    return Shelf(tuple(_as_view(row) for row in rows[:most]), has_more=len(rows) > most)


async def bill(tx: Transaction, bill_id: UUID, *, is_repeated: bool = False) -> tuple[BillView, Sequence[PostingView]]:
    """Return a bill and what happened to it, the oldest first; for the patient's side and for billing.

    Raises:
        NotFound: if the actor sees no such bill.
    """
    policy.require(tx.actor, (policies.KEEP_BOOKS if tx.actor.is_staff() else policies.SEE_BILLS).name)
    row: Any = await tx.first(statements.ONE, {"bill_id": bill_id})
    if row is None:
        raise NotFound
    is_staff = tx.actor.is_staff()
    postings = [_as_posting(one, is_staff=is_staff) for one in await tx.all(statements.POSTINGS, {"bill_id": bill_id})]
    if not is_repeated:
        await audit.record(tx, "billing.view_bills", patient_id=row.patient_id, entity="Invoice", entity_id=bill_id)
    return _as_view(row), postings


async def charges_to_bill(tx: Transaction, *, is_repeated: bool = False) -> Sequence[ToBillView]:
    """Return the charges that were found ready to be billed, the oldest visit first; a hundred at most.

    That each chart was seen is recorded, unless the same open page only keeps itself up to date.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    rows = await tx.all(statements.TO_BILL, {"most": LISTED_MAX})
    if not is_repeated:
        await audit.record_each(
            tx, "billing.view_list", dict.fromkeys(row.patient_id for row in rows), entity="ChargeItem"
        )
    return [
        ToBillView(
            row.id, row.corrections, row.patient_name or "", row.served_at, row.zone,
            f"{row.practitioner_title} {row.practitioner_name}".strip(), row.words, row.amount_minor or 0,
            row.currency or "",
        )
        for row in rows
    ]  # fmt: skip


async def open_bills(tx: Transaction, number: int = 0, *, is_repeated: bool = False) -> Sequence[tuple[str, BillView]]:
    """Return the bills on which something is owed with their patients' names, or the one of a number.

    The first due comes first; a hundred at most.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    asked = (statements.BY_NUMBER, {"number": number}) if number else (statements.OPEN, {"most": LISTED_MAX})
    rows: Sequence[Any] = await tx.all(*asked)
    if not is_repeated:
        await audit.record_each(
            tx, "billing.list_bills", dict.fromkeys(row.patient_id for row in rows), entity="Invoice"
        )
    names = await _names(tx, [row.id for row in rows])
    return [(names.get(row.id, ""), _as_view(row)) for row in rows]


async def billed_to(tx: Transaction, bill_id: UUID) -> str:
    """Return the name of the patient of a bill, for whoever keeps the books; "" where they see no such bill."""
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    return (await _names(tx, [bill_id])).get(bill_id, "")


async def _names(tx: Transaction, ids: list[UUID]) -> dict[UUID, str]:
    return {row.id: row.name or "" for row in await tx.all(statements.NAMES, {"ids": ids})}


async def fill_fees(tx: Transaction, fees: Sequence[FeeEntry]) -> int:
    """Add fees to the practice's list; return how many. For the command line. What is billed stays as it was."""
    policy.require(tx.actor, policies.FILL_CODES.name)
    for one in fees:
        await tx.execute("delete from fee where service_code = :code and valid_from = :valid_from", _fee(one))
        await tx.execute(statements.FILL, _fee(one) | {"person_id": tx.actor.person_id})
    return len(fees)


async def unknown_services(tx: Transaction, codes: set[str]) -> set[str]:
    """Return those of the codes that are not in the practice's list. For the command line."""
    policy.require(tx.actor, policies.FILL_CODES.name)
    rows = await tx.all("select code from service_code where code = any (:codes)", {"codes": sorted(codes)})
    return codes - {row.code for row in rows}


def _fee(entry: FeeEntry) -> dict[str, Any]:
    return {"code": entry.code, "valid_from": entry.valid_from, "currency": entry.currency,
            "amount_minor": entry.amount_minor}  # fmt: skip


def _as_view(row: Any) -> BillView:
    return BillView(
        row.id, row.number, row.patient_id, row.currency, row.words, row.modality, row.served_at, row.zone,
        row.location_name, f"{row.practitioner_title} {row.practitioner_name}".strip(), row.issued_at, row.due_on,
        row.charged_minor, row.insured_minor, row.reduced_minor, row.paid_minor, row.owed_minor, row.is_void,
    )  # fmt: skip


def _as_posting(row: Any, *, is_staff: bool) -> PostingView:
    return PostingView(
        row.id, row.kind, row.made_at, row.off_minor, crypto.decrypt(row.reason) if row.reason and is_staff else "",
        row.corrected_kind or "", is_corrected=row.is_corrected,
        given_back_minor=row.given_back_minor,
    )  # fmt: skip
