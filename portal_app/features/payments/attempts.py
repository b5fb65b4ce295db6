"""Begin to pay: how much is decided here, from the ledger, and the page of the processor is opened once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from portal_app.core import audit, clock, i18n, policy
from portal_app.core.db import Database, Transaction
from portal_app.features.billing import service as billing
from portal_app.features.payments import policies, rules, settling, statements
from portal_app.features.payments.errors import (
    AttemptOver,
    CoinsAtDesk,
    CurrencyNotTaken,
    MoreThanOwed,
    NothingOwed,
    PaidMeanwhile,
    TooLittleToPay,
)
from portal_app.features.payments.ports import PaymentPort, WantedSession
from portal_app.features.payments.views import Payable, PayableBill, WantedPayment
from portal_app.settings import get_settings

RETURN_PATH: Final = "/pay/return"
LINK_RETURN_PATH: Final = "/pay-link/return"
_LEFT_AT_LEAST: Final = timedelta(minutes=5)
"""A page that is open is given again while there is time to pay on it."""


async def payable(tx: Transaction, bill_ids: Sequence[UUID] = ()) -> tuple[Payable, ...]:
    """Return what the chart acted for can pay now, by currency; only of these bills if any are named."""
    policy.require(tx.actor, policies.PAY.name)
    return await payable_of(tx, tx.actor.patient_id, bill_ids)


async def start_payment(tx: Transaction, wanted: WantedPayment) -> UUID:
    """Begin an attempt of whoever signed in and return it; the same key, or the same wish again, gets the same one.

    The amount is counted here, from the ledger; what was asked for can only lower it. An older attempt of the chart
    gives way: its page is closed before the new one is opened.

    Raises:
        NothingOwed, MoreThanOwed, TooLittleToPay, CoinsAtDesk, CurrencyNotTaken: if it cannot be paid so.
        KeyUsedOtherwise: if the key began another payment before.
    """
    policy.require(tx.actor, policies.PAY.name)
    patient_id = tx.actor.patient_id
    if patient_id is None:
        raise NothingOwed
    return await _start(tx, patient_id, wanted, "portal", tx.actor.person_id)


async def start_payment_by_link(tx: Transaction, patient_id: UUID, wanted: WantedPayment) -> UUID:
    """Begin an attempt of whoever holds a link to pay; who that is was proved by whoever calls, as the system.

    Raises as `start_payment` does.
    """
    policy.require(tx.actor, policies.SETTLE.name)
    return await _start(tx, patient_id, wanted, "link", None)


@dataclass(frozen=True, slots=True)
class Copay:
    """The co-pay of a visit for which there is no bill yet, as whoever knows of visits and insurances says."""

    appointment_id: UUID
    patient_id: UUID
    confidentiality: str
    amount_minor: int
    currency: str

    @property
    def online_minor(self) -> int:
        """Return what of it can be paid online."""
        return rules.whole_steps(self.amount_minor, self.currency)


async def copaid(tx: Transaction, appointment_id: UUID) -> int:
    """Return what of a visit's co-pay is paid, or on its way."""
    policy.require(tx.actor, policies.PAY.name)
    return int(await tx.scalar(statements.COPAID, {"appointment_id": appointment_id}) or 0)


async def start_copay(tx: Transaction, due: Copay, wanted: WantedPayment) -> UUID:
    """Begin an attempt for what is left of a visit's co-pay; once paid it is the patient's credit.

    Raises:
        NothingOwed: if it is paid already, or of another chart.
        TooLittleToPay, CurrencyNotTaken: if it cannot be paid so.
    """
    policy.require(tx.actor, policies.PAY.name)
    if tx.actor.patient_id != due.patient_id:
        raise NothingOwed
    if standing := await _of_key(tx, wanted, None):
        return standing
    await tx.one(statements.LOCK_ACCOUNT, {"patient_id": due.patient_id})
    left = due.amount_minor - await copaid(tx, due.appointment_id)
    if left <= 0:
        raise NothingOwed
    amount = rules.whole_steps(left, due.currency)
    _require_chargeable(amount, due.currency)
    facts = _facts(due.patient_id, wanted, "portal", tx.actor.person_id, amount, due.currency)
    what = {"purpose": "copay", "confidentiality": due.confidentiality, "appointment_id": due.appointment_id}
    return await _make(tx, facts | what, [])


async def _start(tx: Transaction, patient_id: UUID, wanted: WantedPayment, via: str, person_id: UUID | None) -> UUID:
    if standing := await _of_key(tx, wanted, wanted.amount_minor):
        return standing
    await tx.one(statements.LOCK_ACCOUNT, {"patient_id": patient_id})
    found = await payable_of(tx, patient_id, wanted.bill_ids)
    if not found:
        raise NothingOwed
    if len(found) > 1:
        raise CurrencyNotTaken
    (due,) = found
    amount = due.online_minor if wanted.amount_minor is None else wanted.amount_minor
    if amount > due.amount_minor:
        raise MoreThanOwed
    if amount > due.online_minor:
        raise CoinsAtDesk
    _require_chargeable(amount, due.currency)
    shares = _shares(amount, due.bills, due.currency)
    level = max((one.confidentiality for one, _ in shares), key="NRV".index)
    facts = _facts(patient_id, wanted, via, person_id, amount, due.currency)
    return await _make(tx, facts | {"purpose": "bills", "confidentiality": level}, shares)


async def _of_key(tx: Transaction, wanted: WantedPayment, amount_minor: int | None) -> UUID | None:
    row: Any = await tx.first(statements.BY_REQUEST, {"request_key": wanted.request_key})
    if row is None:
        return None
    if amount_minor not in (None, row.amount_minor):
        raise billing.KeyUsedOtherwise
    return UUID(str(row.id))


async def payable_of(tx: Transaction, patient_id: UUID | None, bill_ids: Sequence[UUID]) -> tuple[Payable, ...]:
    """Return what can be paid of a chart now, as far as the actor sees it. Part of other use cases."""
    rows: Any = await tx.all(statements.PAYABLE, {"patient_id": patient_id, "bill_ids": list(bill_ids) or None})
    by_currency: dict[str, list[PayableBill]] = {}
    for row in rows:
        if row.payable_minor > 0:
            by_currency.setdefault(row.currency, []).append(PayableBill(**row._asdict()))
    return tuple(Payable(currency, tuple(bills)) for currency, bills in by_currency.items())


def _require_chargeable(amount_minor: int, currency: str) -> None:
    if currency not in rules.MINIMUM_MINOR:
        raise CurrencyNotTaken
    if amount_minor % rules.step_of(currency):
        raise CoinsAtDesk
    if not rules.is_chargeable(amount_minor, currency):
        raise TooLittleToPay


def _shares(amount_minor: int, bills: Sequence[PayableBill], currency: str) -> list[tuple[PayableBill, int]]:
    return rules.shares_of(amount_minor, [(one, one.payable_minor) for one in bills], rules.step_of(currency))


def _facts(
    patient_id: UUID, wanted: WantedPayment, via: str, person_id: UUID | None, amount_minor: int, currency: str
) -> dict[str, Any]:
    return {
        "patient_id": patient_id, "via": via, "person_id": person_id, "amount_minor": amount_minor,
        "currency": currency, "request_key": wanted.request_key, "locale": wanted.locale,
        "keeps_method": wanted.keeps_method and person_id is not None, "now": clock.now(), "customer_id": None,
        "appointment_id": None,
        "expires_at": (clock.now() + rules.SESSION_LIFE).replace(microsecond=0),
    }  # fmt: skip


async def _make(tx: Transaction, facts: dict[str, Any], shares: list[tuple[PayableBill, int]]) -> UUID:
    wish = facts | {"bill_ids": sorted(one.id for one, _ in shares), "until": clock.now() + _LEFT_AT_LEAST}
    wish["asked_since"] = clock.now() - rules.ASK_AGAIN_FOR
    standing: Any = await tx.first(statements.STANDING, wish)
    if standing is not None:
        return UUID(str(standing.id))
    await tx.one(statements.REPLACE, {"patient_id": facts["patient_id"]})
    attempt_id = uuid4()
    await _write(tx, facts | {"id": attempt_id}, shares)
    return attempt_id


async def _write(tx: Transaction, attempt: dict[str, Any], shares: list[tuple[PayableBill, int]]) -> None:
    await tx.execute(statements.MAKE, attempt)
    for bill, amount in shares:
        share = {"bill_id": bill.id, "confidentiality": bill.confidentiality, "amount_minor": amount}
        await tx.execute(statements.SHARE, attempt | share)
    await audit.record(
        tx, "payments.start", patient_id=attempt["patient_id"], entity="PaymentAttempt", entity_id=attempt["id"]
    )


async def make_instalment(tx: Transaction, attempt_id: UUID, part: Any) -> int:
    """Write the attempt of a plan's part for what its payer may see of what is still owed.

    Return how much it is; 0 if nothing is.
    """
    await tx.one(statements.LOCK_ACCOUNT, {"patient_id": part.patient_id})
    due = [one for one in await payable_of(tx, part.patient_id, ()) if one.currency == part.currency]
    bills = [bill for one in due for bill in one.bills if "NRV".index(bill.confidentiality) < part.up_to]
    amount: int = min(part.amount_minor, sum(rules.whole_steps(one.payable_minor, part.currency) for one in bills))
    if not bills or not rules.is_chargeable(amount, part.currency):
        return 0
    wanted = WantedPayment(attempt_id, (), amount, locale=part.locale)
    facts = _facts(part.patient_id, wanted, "plan", part.person_id, amount, part.currency)
    shares = _shares(amount, bills, part.currency)
    level = max((one.confidentiality for one, _ in shares), key="NRV".index)
    made = facts | {"id": attempt_id, "purpose": "instalment", "confidentiality": level}
    await _write(tx, made, shares)
    return amount


async def open_page(database: Database, processor: PaymentPort, attempt_id: UUID) -> str:
    """Return the address on which an attempt is paid, asking the processor for it once; again gets the same.

    Raises:
        ProcessorAway: nothing is lost; the same attempt can be asked for again.
        AttemptOver: if a newer one took its place, or its time is over.
        PaidMeanwhile: if it, or an older one of the chart, is paid or on its way.
    """
    attempt, older = await _attempt_and_older(database, attempt_id)
    for one in older:
        facts = await processor.close_session(one.session_id)
        if await settling.apply(database, processor, one.id, facts) in ("paid", "processing"):
            await _give_up(database, attempt_id)
            raise PaidMeanwhile
    if attempt.status == "open" and attempt.session_url and attempt.expires_at > clock.now():
        return str(attempt.session_url)
    _require_open(attempt)
    facts = await processor.open_session(await _wanted(database, processor, attempt))
    opened = {"id": attempt_id, "session_id": facts.session_id, "url": facts.url, "now": clock.now()}
    async with database.act_as_system("payments.open_page") as tx:
        if not await tx.execute(statements.OPENED, opened):
            await tx.execute(statements.OPENED_TOO_LATE, opened)
        now: Any = await tx.one(statements.ATTEMPT, {"id": attempt_id})
    if now.status == "open" and now.session_id == facts.session_id:
        return facts.url
    closed = await processor.close_session(facts.session_id)  # a newer attempt came while we asked
    await settling.apply(database, processor, attempt_id, closed)
    raise AttemptOver


async def _attempt_and_older(database: Database, attempt_id: UUID) -> tuple[Any, Sequence[Any]]:
    async with database.act_as_system("payments.open_page") as tx:
        attempt: Any = await tx.one(statements.ATTEMPT, {"id": attempt_id})
        older = await tx.all(statements.REPLACED, {"patient_id": attempt.patient_id})
    return attempt, [one for one in older if one.id != attempt_id]


def _require_open(attempt: Any) -> None:
    if attempt.status in ("paid", "processing"):
        raise PaidMeanwhile
    too_late = attempt.created_at + rules.ASK_AGAIN_FOR < clock.now()
    if attempt.status != "new" or too_late:
        raise AttemptOver


async def _wanted(database: Database, processor: PaymentPort, attempt: Any) -> WantedSession:
    customer_id = await settling.customer_of(database, processor, attempt) if attempt.person_id else ""
    path = LINK_RETURN_PATH if attempt.via == "link" else RETURN_PATH
    back_to = f"{i18n.localized_path(attempt.locale, path)}?attempt={attempt.id}"
    return WantedSession(
        attempt.id, attempt.amount_minor, attempt.currency, attempt.locale, attempt.expires_at,
        get_settings().public_origin + back_to, customer_id, attempt.keeps_method,
    )  # fmt: skip


async def _give_up(database: Database, attempt_id: UUID) -> None:
    async with database.act_as_system("payments.open_page") as tx:
        attempt: Any = await tx.one(statements.ATTEMPT_LOCKED, {"id": attempt_id})
        if attempt.status in ("new", "open"):
            await settling.go_on(tx, attempt, "replaced")
