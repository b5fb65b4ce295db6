"""The practice's account with the processor: every movement to the cent, and what goes to the bank."""

from typing import Any, Final

from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.listing import is_created, page
from portal_app.integrations.stripe.sandbox.store import Thing, Work

DISPUTE_FEE_MINOR: Final = 1500
_FEE_TENTH_PERCENT: Final = 29
_FEE_FIXED_MINOR: Final = 30
_READY_AFTER_S: Final = 2 * 86400
_CATEGORIES: Final = {"charge": "charge", "payment": "charge", "refund": "refund", "adjustment": "dispute"}


def fee_of(amount_minor: int) -> int:
    """Return what the processor keeps of a payment: 2.9 % and thirty minor units, rounded to the nearest."""
    return (amount_minor * _FEE_TENTH_PERCENT + 500) // 1000 + _FEE_FIXED_MINOR


def moved(work: Work, kind: str, amount: int, fee: int, source: Thing, **more: Any) -> Thing:
    """Write down one movement; `amount` is what comes in, and `fee` what the processor keeps."""
    details = {"amount": fee, "application": None, "currency": source["currency"], "type": "stripe_fee"}
    fields: Thing = {
        "amount": amount,
        "available_on": work.now + _READY_AFTER_S,
        "balance_type": "payments",
        "currency": source["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [{**details, "description": "Stripe processing fees"}] if fee else [],
        "net": amount - fee,
        "reporting_category": _CATEGORIES.get(kind, kind),
        "source": source["id"],
        "status": "pending",
        "type": kind,
        "practice_payout": None,
    }
    return work.add("txn", "balance_transaction", **(fields | more))


def list_movements(work: Work, given: Thing) -> Thing:
    """Return movements; those of a payout with the payout itself."""
    wanted: Thing = {name: given[name] for name in ("currency", "source", "type") if name in given}
    if "payout" in given:
        wanted["practice_payout"] = given["payout"]
    found = list(reversed(work.every("balance_transaction", **wanted)))
    found = [one for one in found if is_created(one, given.get("created"))]
    return page(found, given, "/v1/balance_transactions")


def pay_out(work: Work, *, everything: bool = False) -> list[Thing]:
    """Send what is available to the bank, each currency by itself, and return the payouts."""
    open_now = [one for one in work.every("balance_transaction") if one["practice_payout"] is None]
    ready = [one for one in open_now if everything or one["available_on"] <= work.now]
    made = []
    for currency in sorted({one["currency"] for one in ready}):
        mine = [one for one in ready if one["currency"] == currency]
        total = sum(one["net"] for one in mine)
        if total > 0:
            made.append(_payout(work, currency, total, mine))
    return made


def _payout(work: Work, currency: str, total: int, mine: list[Thing]) -> Thing:
    payout = work.add(
        "po",
        "payout",
        amount=total,
        application_fee=None,
        application_fee_amount=None,
        arrival_date=work.now,
        automatic=True,
        balance_transaction=None,
        currency=currency,
        description="STRIPE PAYOUT",
        destination="ba_practice",
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        metadata={},
        method="standard",
        original_payout=None,
        reconciliation_status="completed",
        reversed_by=None,
        source_type="card",
        statement_descriptor=None,
        status="paid",
        type="bank_account",
    )
    for one in mine:
        work.put(one, practice_payout=payout["id"], status="available")
    now = {"available_on": work.now, "status": "available", "practice_payout": payout["id"]}
    own = moved(work, "payout", -total, 0, payout, **now)
    work.put(payout, balance_transaction=own["id"])
    happened(work, "payout.created", payout)
    happened(work, "payout.paid", payout)
    happened(work, "payout.reconciliation_completed", payout)
    return payout


def balance(work: Work) -> Thing:
    """Return what is there."""
    every = work.every("balance_transaction")
    sums: dict[str, dict[str, int]] = {}
    for one in every:
        kind = "available" if one["available_on"] <= work.now or one["practice_payout"] else "pending"
        of_currency = sums.setdefault(one["currency"], {"available": 0, "pending": 0})
        of_currency[kind] += one["net"]
    shown = {
        kind: [{"amount": both[kind], "currency": currency, "source_types": {}} for currency, both in sums.items()]
        for kind in ("available", "pending")
    }
    return {"object": "balance", "livemode": False, **shown}
