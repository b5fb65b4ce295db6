"""What Stripe's objects say, in the words of payments. Everything else in them is left unread."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from portal_app.features.payments.ports import Event, Facts, KeptMethod, RefundFacts

_AMOUNTS: Final = ("amount_total", "amount")
_INTENT_STATUS: Final[Mapping[str, str]] = {
    "succeeded": "paid", "processing": "processing", "canceled": "failed", "requires_capture": "processing",
}  # fmt: skip
_REFUND_STATUS: Final[Mapping[str, str]] = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
DECLINES: Final[Mapping[str, str]] = {
    "insufficient_funds": "funds", "expired_card": "expired", "incorrect_cvc": "number", "incorrect_number": "number",
    "authentication_required": "authentication", "payment_intent_authentication_failure": "authentication",
}  # fmt: skip
"""Why a bank says no, in a word of ours; all else is "declined", because the rest is between people and their bank."""


def decline_of(code: str) -> str:
    """Return our word for the processor's reason, "" for none."""
    return DECLINES.get(code, "declined") if code else ""


def facts_of_session(session: Mapping[str, Any]) -> Facts:
    """Return how the attempt of a Checkout Session stands; its `payment_intent` is expanded.

    Complete is not paid: a bank debit completes the page days before the money comes, or does not.
    (docs.stripe.com/checkout/fulfillment)
    """
    intent = session.get("payment_intent") or {}
    if isinstance(intent, str):
        intent = {"id": intent}
    status = str(session["status"])
    if status == "complete":
        is_paid = session["payment_status"] == "paid"
        status = "paid" if is_paid else _unpaid(str(intent.get("status", "processing")))
    return Facts(
        str(session.get("client_reference_id") or ""), session["id"], intent.get("id") or "", status,
        session.get("amount_total") or 0, str(session.get("currency") or "").upper(), bool(session["livemode"]),
        session.get("url") or "", _problem(intent), _id_of(session.get("customer")),
        _id_of(intent.get("payment_method")),
    )  # fmt: skip


def _unpaid(intent_status: str) -> str:
    found = _INTENT_STATUS.get(intent_status, "failed")
    return "processing" if found == "paid" else found  # the session will say so itself


def facts_of_intent(intent: Mapping[str, Any]) -> Facts:
    """Return how a charge stands that was made without a page."""
    return Facts(
        str((intent.get("metadata") or {}).get("attempt") or ""), "", intent["id"],
        _INTENT_STATUS.get(intent["status"], "failed"), intent["amount"], str(intent["currency"]).upper(),
        bool(intent["livemode"]), problem=_problem(intent), customer_id=_id_of(intent.get("customer")),
    )  # fmt: skip


def _problem(intent: Mapping[str, Any]) -> str:
    error = intent.get("last_payment_error") or {}
    return decline_of(str(error.get("decline_code") or error.get("code") or ""))


def facts_of_refund(refund: Mapping[str, Any]) -> RefundFacts:
    """Return how a refund stands."""
    return RefundFacts(
        refund["id"], _REFUND_STATUS.get(str(refund["status"]), "pending"), refund["amount"],
        str(refund["currency"]).upper(), str((refund.get("metadata") or {}).get("refund") or ""),
        _id_of(refund.get("payment_intent")),
    )  # fmt: skip


def method_of(method: Mapping[str, Any]) -> KeptMethod:
    """Return by what its owner knows a kept method."""
    kind = str(method["type"])
    held = method.get(kind) or {}
    expires = f"{held['exp_month']:02d}/{held['exp_year'] % 100:02d}" if held.get("exp_month") else ""
    return KeptMethod(method["id"], str(held.get("brand") or kind), str(held.get("last4") or ""), expires)


def event_of(event: Mapping[str, Any]) -> Event:
    """Return what an event tells. Raises KeyError, TypeError, ValueError for what is none."""
    about: Mapping[str, Any] = event["data"]["object"]
    amount = next((about[name] for name in _AMOUNTS if about.get(name) is not None), None)
    attempt = about.get("client_reference_id") or (about.get("metadata") or {}).get("attempt") or ""
    return Event(
        str(event["id"]), str(event["type"]), str(about.get("id") or ""), str(attempt)[:64],
        int(amount) if amount is not None else None, str(about.get("currency") or "").upper()[:3],
        bool(event["livemode"]), datetime.fromtimestamp(int(event["created"]), UTC),
    )  # fmt: skip


def _id_of(one: Any) -> str:
    return str(one) if isinstance(one, str) else str((one or {}).get("id") or "")
