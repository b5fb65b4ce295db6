"""Charges: what was taken, or was not."""

from portal_app.integrations.stripe.sandbox.balance import fee_of, moved
from portal_app.integrations.stripe.sandbox.cards import Means
from portal_app.integrations.stripe.sandbox.disputes import open_dispute
from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.store import Thing, Work


def _new(work: Work, intent: Thing, means: Means, **more: object) -> Thing:
    details = means.details()
    fields: Thing = {
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": False,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "metadata": intent["metadata"],
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": details,
        "receipt_email": intent["receipt_email"],
        "receipt_url": None,
        "refunded": False,
        "statement_descriptor": intent["statement_descriptor"],
        "status": "failed",
    }
    return work.add("ch" if details["type"] == "card" else "py", "charge", **(fields | more))


def charge(work: Work, intent: Thing, means: Means) -> Thing:
    """Take the whole amount of an intent, at once."""
    amount = intent["amount"]
    outcome = {"network_status": "approved_by_network", "type": "authorized", "seller_message": "Payment complete."}
    taken = _new(
        work, intent, means, amount_captured=amount, captured=True, paid=True, status="succeeded", outcome=outcome
    )
    kind = "payment" if means.is_debit else "charge"
    transaction = moved(work, kind, amount, fee_of(amount), taken)
    work.put(taken, balance_transaction=transaction["id"])
    work.put(intent, latest_charge=taken["id"])
    happened(work, "charge.succeeded", taken)
    if means.disputed:
        open_dispute(work, taken, "fraudulent")
    return taken


def failed_charge(work: Work, intent: Thing, means: Means, error: Thing) -> Thing:
    """Write down that nothing was taken."""
    outcome = {"network_status": "declined_by_network", "type": "issuer_declined", "seller_message": error["message"]}
    tried = _new(work, intent, means, failure_code=error["code"], failure_message=error["message"], outcome=outcome)
    work.put(intent, latest_charge=tried["id"])
    happened(work, "charge.failed", tried)
    return tried
