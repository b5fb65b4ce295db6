"""The ledger: post once and for good, take back by another posting, and derive what is owed."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, crypto, policy
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotFound
from portal_app.core.i18n import N_
from portal_app.features.billing import policies
from portal_app.features.billing.errors import BillTakenBack, CorrectedAlready, KeyUsedOtherwise, TooMuch
from portal_app.features.billing.money import AMOUNT_MAX_MINOR, CORRECTABLE, Entry, Kind, entries_of, opposite

REASON_MAX: Final = 500

# One bill at a time, whoever posts: a bill without a posting has no balance to lock yet, and its row is for billing.
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended('bill:' || cast(:bill_id as text), 0))"
_BILL: Final = """
select i.patient_id, i.confidentiality, i.currency, i.voided_at is not null as is_void,
  coalesce(b.owed_minor, 0) as owed
from invoice i left join bill_balance b on b.invoice_id = i.id where i.id = :bill_id
"""
_STANDING: Final = """
select p.id, p.kind, p.patient_id, p.corrects, e.account, e.amount_minor, e.invoice_id
from ledger_posting p join ledger_entry e on e.posting_id = p.id
where p.request_key = :request_key order by e.line
"""
_LOCK_ACCOUNT: Final = "select pg_advisory_xact_lock(hashtextextended('account:' || cast(:whose as text), 0))"
_POST: Final = """
insert into ledger_posting (id, kind, patient_id, confidentiality, currency, reason, made_by, request_key, corrects)
values (:id, :kind, :patient_id, :confidentiality, :currency, :reason, :person_id, :request_key, :corrects)
"""
_ENTER: Final = """
insert into ledger_entry (posting_id, line, account, invoice_id, patient_id, confidentiality, amount_minor)
select cast(:id as uuid), line - 1, account, cast(:bill_id as uuid), cast(:patient_id as uuid), :confidentiality,
  amount_minor
from unnest(cast(:accounts as text[]), cast(:amounts as bigint[])) with ordinality as n (account, amount_minor, line)
"""
_POSTED: Final = """
select p.kind, e.account, e.amount_minor, e.invoice_id,
  exists (select from ledger_posting c where c.corrects = p.id)
    or exists (select from refund r where r.payment_id = p.id and r.status <> 'failed') as is_corrected
from ledger_posting p join ledger_entry e on e.posting_id = p.id
where p.id = :posting_id order by e.line
"""


@dataclass(frozen=True, slots=True)
class Posting:
    """What happened to one bill. `request_key` makes two taps one posting; `reason` is for staff's eyes.

    `entries` say which accounts have more and less where the kind's own two do not fit; they sum to zero.
    """

    bill_id: UUID
    kind: Kind
    amount_minor: int
    request_key: UUID
    reason: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountPosting:
    """What happened to no bill: a patient's credit, or what is nobody's, a payout or a fee.

    `confidentiality` is that of the visit from which it comes; who may not see that sees nothing of this.
    """

    kind: Kind
    amount_minor: int
    currency: str
    request_key: UUID
    patient_id: UUID | None = None
    reason: str = ""
    entries: tuple[Entry, ...] = ()
    confidentiality: str = "N"


@dataclass(frozen=True, slots=True)
class _Side:
    """Whose books a posting is written in."""

    bill_id: UUID | None
    patient_id: UUID | None
    confidentiality: str
    currency: str
    owed: int
    is_void: bool = False


async def post(tx: Transaction, posting: Posting) -> UUID:
    """Write what happened to a bill in the books and return the posting; the same key again gives the same one.

    Raises:
        NotFound: if the actor sees no such bill.
        InputRefused: if the amount or the reason cannot be.
        TooMuch: if more would be taken off than is owed.
        BillTakenBack: if the bill was taken back.
        KeyUsedOtherwise: if the key made another posting before.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    why = said_reason(posting.reason, is_needed=posting.kind in ("adjustment", "write_off"))
    if not 0 < posting.amount_minor <= AMOUNT_MAX_MINOR:
        raise InputRefused("amount", N_("Type an amount above nothing, like 25.00."))
    side = await _locked(tx, posting.bill_id)
    entries = posting.entries or entries_of(posting.kind, posting.amount_minor)
    if standing := await _standing(tx, posting.request_key, side, posting.kind, entries):
        return standing
    if side.is_void:
        raise BillTakenBack
    if side.owed + sum(one.amount_minor for one in entries if one.account == "receivable") < 0:
        raise TooMuch
    return await _write(tx, side, posting.kind, entries, why, posting.request_key)


async def post_aside(tx: Transaction, posting: AccountPosting) -> UUID:
    """Write what happened to no bill in the books and return the posting; the same key again gives the same one.

    Raises:
        KeyUsedOtherwise: if the key made another posting before.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    why = said_reason(posting.reason, is_needed=False)
    await tx.one(_LOCK_ACCOUNT, {"whose": str(posting.patient_id or posting.request_key)})
    side = _Side(None, posting.patient_id, posting.confidentiality, posting.currency, 0)
    entries = posting.entries or entries_of(posting.kind, posting.amount_minor)
    if standing := await _standing(tx, posting.request_key, side, posting.kind, entries):
        return standing
    return await _write(tx, side, posting.kind, entries, why, posting.request_key)


async def take_back(tx: Transaction, posting_id: UUID, reason: str, request_key: UUID) -> UUID:
    """Post the opposite of a posting, which stays; return the new one. The same key again gives the same one.

    Raises:
        NotFound: if the actor sees no such posting.
        InputRefused: if no reason is given.
        CorrectedAlready: if it was taken back or given back before, or is the charge or a correction itself.
        BillTakenBack: if the whole bill was.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    why = said_reason(reason, is_needed=True)
    rows: Any = await tx.all(_POSTED, {"posting_id": posting_id})
    if not rows:
        raise NotFound
    if rows[0].invoice_id is None:
        raise CorrectedAlready
    side = await _locked(tx, rows[0].invoice_id)
    (first, *_rest) = await tx.all(_POSTED, {"posting_id": posting_id})  # again, now that the bill is locked
    entries = opposite(Entry(row.account, row.amount_minor) for row in rows)
    if standing := await _standing(tx, request_key, side, "correction", entries, corrects=posting_id):
        return standing
    if side.is_void:
        raise BillTakenBack
    if first.is_corrected or first.kind not in CORRECTABLE:
        raise CorrectedAlready
    return await _write(tx, side, "correction", entries, why, request_key, corrects=posting_id)


async def owed_now(tx: Transaction, bill_id: UUID) -> int:
    """Return what is owed on a bill, on which nobody else posts until this transaction ends.

    Raises NotFound.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    return (await _locked(tx, bill_id)).owed


async def hold(tx: Transaction, bill_id: UUID) -> None:
    """Let nobody else post to a bill, or make its visit private, before this transaction ends."""
    await tx.one(_LOCK, {"bill_id": bill_id})


async def _locked(tx: Transaction, bill_id: UUID) -> _Side:
    await hold(tx, bill_id)
    bill: Any = await tx.first(_BILL, {"bill_id": bill_id})
    if bill is None:
        raise NotFound
    return _Side(bill_id, bill.patient_id, bill.confidentiality, bill.currency, bill.owed, bill.is_void)


async def _standing(
    tx: Transaction,
    request_key: UUID,
    side: _Side,
    kind: Kind,
    entries: tuple[Entry, ...],
    *,
    corrects: UUID | None = None,
) -> UUID | None:
    """Return the posting that this key made before, which was the very same, or None."""
    rows: Any = await tx.all(_STANDING, {"request_key": request_key})
    if not rows:
        return None
    wanted = [(kind, side.patient_id, side.bill_id, corrects, one.account, one.amount_minor) for one in entries]
    if wanted != [(r.kind, r.patient_id, r.invoice_id, r.corrects, r.account, r.amount_minor) for r in rows]:
        raise KeyUsedOtherwise
    return UUID(str(rows[0].id))


async def _write(
    tx: Transaction,
    side: _Side,
    kind: Kind,
    entries: tuple[Entry, ...],
    reason: str,
    request_key: UUID,
    *,
    corrects: UUID | None = None,
) -> UUID:
    posting_id = uuid4()
    common = {"id": posting_id, "patient_id": side.patient_id, "confidentiality": side.confidentiality}
    await tx.execute(_POST, common | {
        "kind": kind, "currency": side.currency, "reason": crypto.encrypt(reason) if reason else None,
        "person_id": tx.actor.person_id, "request_key": request_key, "corrects": corrects,
    })  # fmt: skip
    lines = {"accounts": [one.account for one in entries], "amounts": [one.amount_minor for one in entries]}
    await tx.execute(_ENTER, common | lines | {"bill_id": side.bill_id})
    entity = "Invoice" if side.bill_id else "Account"
    await audit.record(
        tx, f"billing.post_{kind}", patient_id=side.patient_id, entity=entity, entity_id=side.bill_id or posting_id
    )
    return posting_id


def said_reason(typed: str, *, is_needed: bool) -> str:
    """Return why something is written, as it is kept.

    Raises InputRefused if it is needed and missing, or too long.
    """
    why = " ".join(typed.split())
    if is_needed and not why:
        raise InputRefused("reason", N_("Say why in a few words. It stays in the books."))
    if len(why) > REASON_MAX:
        raise InputRefused("reason", N_("Keep the reason under 500 characters."))
    return why
