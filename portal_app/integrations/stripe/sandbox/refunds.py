"""Refunds, never of more than was taken and not refunded, and never while the bank is asked to decide."""

from typing import Final

from portal_app.integrations.stripe.sandbox.balance import moved
from portal_app.integrations.stripe.sandbox.customers import checked_metadata, means_of
from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Thing, Work

_UNDER_WAY_S: Final = 60


def create_refund(work: Work, given: Thing) -> Thing:
    """Give money back. Raises Refused."""
    charge = _charge_of(work, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    _require_refundable(charge, amount, left)
    means = means_of(work.get("payment_method", charge["payment_method"]))
    is_slow = means.refund_fails or means.is_debit
    refund = work.add(
        "re",
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"type": charge["payment_method_details"]["type"]},
        metadata=checked_metadata(given),
        payment_intent=charge["payment_intent"],
        reason=given.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="pending" if is_slow else "succeeded",
        transfer_reversal=None,
    )
    work.put(refund, balance_transaction=moved(work, "refund", -amount, 0, refund)["id"])
    refunded = charge["amount_refunded"] + amount
    work.put(charge, amount_refunded=refunded, refunded=refunded == charge["amount_captured"])
    if is_slow:
        takes_s = int(work.setting("debit_takes_s", _UNDER_WAY_S))
        work.set(f"refund:{refund['id']}", [work.now + takes_s, means.refund_fails])
    happened(work, "refund.created", refund)
    happened(work, "charge.refunded", charge)
    return refund


def _charge_of(work: Work, given: Thing) -> Thing:
    if given.get("charge"):
        return work.get("charge", given["charge"], "charge")
    if not given.get("payment_intent"):
        raise Refused("One of the following params should be provided for this request: payment_intent or charge.")
    intent = work.get("payment_intent", given["payment_intent"], "payment_intent")
    taken = work.find("charge", intent["latest_charge"] or "")
    if taken is None or not taken["captured"]:
        raise Refused(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return taken


def _require_refundable(charge: Thing, amount: int, left: int) -> None:
    if charge["disputed"]:
        words = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise Refused(words, code="charge_disputed", param="charge")
    if left <= 0:
        raise Refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount <= 0:
        raise Refused("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise Refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")


def end_refund(work: Work, refund: Thing, *, is_failed: bool) -> None:
    """Let a refund that was under way arrive, or come back to the practice."""
    if not is_failed:
        work.put(refund, status="succeeded")
        happened(work, "refund.updated", refund)
        return
    charge = work.get("charge", refund["charge"])
    work.put(charge, amount_refunded=charge["amount_refunded"] - refund["amount"], refunded=False)
    back = moved(work, "refund_failure", refund["amount"], 0, refund)
    work.put(refund, status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=back["id"])
    happened(work, "refund.updated", refund)
    happened(work, "refund.failed", refund)
