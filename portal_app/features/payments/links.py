"""The link of a statement: its bills are paid by whoever holds it, without signing in.

It shows a sum and the practice, nothing of a chart and nobody's name; opening it changes nothing, because programs that
check mail open every link in it. What is paid is what is owed then, whatever the browser says.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, limits, policy
from portal_app.core.db import Database, Transaction, secret_hash
from portal_app.core.errors import NotFound
from portal_app.features.payments import attempts, policies, settling, statements
from portal_app.features.payments.errors import AttemptOver, NothingOwed, PaidMeanwhile
from portal_app.features.payments.ports import PaymentPort
from portal_app.features.payments.views import AttemptView, Payable, WantedPayment

LINK_PATH: Final = "/pay-link"
LIFE: Final = timedelta(days=60)
STARTS_MOST: Final = "20/hour"
"""Of one link: nobody pays so often, and whoever tries stolen cards does."""
_BYTES: Final = 24
_LONGEST: Final = 100

_STATEMENT: Final = "select confidentiality <> 'N' as is_private from statement where id = :id and owed_minor > 0"
_MAKE: Final = """
insert into payment_link (id, statement_id, person_id, token_hash, is_private, made_at, expires_at)
values (:id, :statement_id, :person_id, :token_hash, :is_private, :now, :expires_at) on conflict do nothing
"""
# What whoever it was written to may see is asked anew each time: it may be less by now.
_OPEN: Final = """
select l.id, s.id as statement_id, s.patient_id, array(
  select b.invoice_id from statement_bill b join invoice i on i.id = b.invoice_id
  where b.statement_id = s.id and (i.confidentiality <> 'N') = l.is_private and i.voided_at is null
    and position(i.confidentiality in 'NRV') <= may.up_to) as bill_ids
from payment_link l join statement s on s.id = l.statement_id join person p on p.id = l.person_id
cross join lateral (
  select max(position(g.up_to in 'NRV')) as up_to from access_grant g
  where g.grantee = l.person_id and g.patient_id = s.patient_id
    and g.basis in ('self', 'caregiver') and 'bills' = any (g.sections) and 'view' = any (g.verbs)
    and (g.valid_until is null or g.valid_until > now())) may
where l.token_hash = :token_hash and l.expires_at > :now and p.disabled_at is null and may.up_to is not null
"""


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What a link pays: `due` is None where nothing of it is owed any more."""

    id: UUID
    patient_id: UUID
    due: Payable | None


async def make_link(tx: Transaction, statement_id: UUID, person_id: UUID) -> str:
    """Make the link of one reader of a statement and return its path; "" if nothing is owed, or it was made before.

    Part of writing the statement's mail, as the system.
    """
    policy.require(tx.actor, policies.SETTLE.name)
    statement: Any = await tx.first(_STATEMENT, {"id": statement_id})
    if statement is None:
        return ""
    token, now = secrets.token_urlsafe(_BYTES), clock.now()
    row = {
        "id": uuid4(), "statement_id": statement_id, "person_id": person_id, "token_hash": secret_hash(token),
        "is_private": statement.is_private, "now": now, "expires_at": now + LIFE,
    }  # fmt: skip
    return f"{LINK_PATH}?key={token}" if await tx.execute(_MAKE, row) else ""


async def read_link(database: Database, token: str) -> OpenLink:
    """Return what a link pays; changes nothing but the trail of who looked.

    Raises:
        NotFound: if it is none of ours, has run out, or whoever it was written to may not see the bills any more.
    """
    async with database.act_as_system("payments.pay_by_link") as tx:
        found = await _open(tx, token)
        await audit.record(
            tx, "payments.read_link", patient_id=found.patient_id, entity="PaymentLink", entity_id=found.id
        )
        return found


async def start_by_link(database: Database, processor: PaymentPort, token: str, request_key: UUID, locale: str) -> str:
    """Begin to pay all that a link is for, and return the processor's page; two taps get the same page.

    Raises:
        NotFound: as `read_link`.
        TooManyTries: if the link was used too often.
        NothingOwed and the other errors of `start_payment` and `open_page`.
    """
    async with database.act_as_system("payments.pay_by_link") as tx:
        found = await _open(tx, token)
        await limits.count(STARTS_MOST, "pay link", str(found.id))
        if found.due is None:
            raise NothingOwed
        wanted = WantedPayment(request_key, tuple(one.id for one in found.due.bills), locale=locale)
        attempt_id = await attempts.start_payment_by_link(tx, found.patient_id, wanted)
    return await attempts.open_page(database, processor, attempt_id)


async def link_outcome(database: Database, processor: PaymentPort, attempt_id: UUID) -> AttemptView:
    """Ask how a payment made by a link stands, and return its sum and status, nothing of what it was for.

    The status "unclear" is that of a payment of which something was said that is not what we asked.

    Raises:
        NotFound: if there is no such payment, or it was made by somebody who had signed in.
        ProcessorAway: ask again.
    """
    await _by_link(database, attempt_id)
    status = await settling.settle_for(database, processor, attempt_id)
    now = await _by_link(database, attempt_id)
    return AttemptView(
        now.id, now.patient_id, status, now.amount_minor, now.currency, now.created_at, now.settled_at,
        now.problem or "",
    )  # fmt: skip


async def go_on_by_link(database: Database, processor: PaymentPort, attempt_id: UUID) -> str:
    """Return the page on which a payment made by a link goes on, for whoever left it unpaid.

    Raises:
        NotFound: as `link_outcome`.
        TooManyTries: if it was gone on with too often.
        PaidMeanwhile, AttemptOver, ProcessorAway: what became of it says `link_outcome`.
    """
    await limits.count(STARTS_MOST, "payment by link", str(attempt_id))
    said = await link_outcome(database, processor, attempt_id)
    if said.status in ("paid", "processing", "unclear"):
        raise PaidMeanwhile
    if said.status not in ("new", "open"):
        raise AttemptOver
    return await attempts.open_page(database, processor, attempt_id)


async def _by_link(database: Database, attempt_id: UUID) -> Any:
    async with database.act_as_system("payments.pay_by_link") as tx:
        known: Any = await tx.first(statements.ATTEMPT, {"id": attempt_id})
    if known is None or known.via != "link":
        raise NotFound
    return known


async def _open(tx: Transaction, token: str) -> OpenLink:
    hashed = {"token_hash": secret_hash(token[:_LONGEST]), "now": clock.now()}
    row: Any = await tx.first(_OPEN, hashed)
    if row is None:
        raise NotFound
    found = await attempts.payable_of(tx, row.patient_id, row.bill_ids) if row.bill_ids else ()
    return OpenLink(row.id, row.patient_id, found[0] if len(found) == 1 else None)
