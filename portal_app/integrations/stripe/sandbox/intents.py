"""PaymentIntents and what becomes of them (https://docs.stripe.com/payments/paymentintents/lifecycle)."""

import secrets
from typing import Any, Final

from portal_app.integrations.stripe.sandbox.amounts import require_payable
from portal_app.integrations.stripe.sandbox.cards import Means
from portal_app.integrations.stripe.sandbox.charges import charge, failed_charge
from portal_app.integrations.stripe.sandbox.customers import checked_metadata, customer_of, means_of, method_of
from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.refusals import Refused, declined
from portal_app.integrations.stripe.sandbox.store import Thing, Work

DEBIT_TAKES_S: Final = 60
"""How long a bank debit is under way here; with Stripe up to four business days."""
_ENDED: Final = frozenset({"succeeded", "canceled"})
_WORDS: Final = {
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "card_declined": "Your card was declined.",
    "payment_intent_authentication_failure": "We are unable to authenticate your payment method.",
    "payment_method_provider_decline": "The bank account has been closed.",
}


def new_intent(work: Work, given: Thing) -> Thing:
    """Make an intent that nothing pays yet."""
    customer = given.get("customer")
    if customer:
        customer_of(work, customer)
    require_payable(given["amount"], given["currency"])
    intent = work.add(
        "pi",
        "payment_intent",
        amount=given["amount"],
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods={"enabled": True, "allow_redirects": "always"},
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic_async",
        client_secret=f"practice_secret_{secrets.token_hex(8)}",
        confirmation_method="automatic",
        currency=given["currency"].lower(),
        customer=customer,
        description=given.get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=checked_metadata(given),
        next_action=None,
        payment_method=None,
        payment_method_types=["card", "us_bank_account"],
        processing=None,
        receipt_email=given.get("receipt_email"),
        setup_future_usage=given.get("setup_future_usage"),
        statement_descriptor=given.get("statement_descriptor"),
        statement_descriptor_suffix=given.get("statement_descriptor_suffix"),
        status="requires_payment_method",
    )
    happened(work, "payment_intent.created", intent)
    return intent


def create_intent(work: Work, given: Thing) -> Thing:
    """Make an intent, and confirm it where that was asked for."""
    if given.get("off_session") and not given.get("confirm"):
        raise Refused("off_session can only be set when confirm is true.", param="off_session")
    if given.get("capture_method", "automatic_async") == "manual":
        raise Refused(
            "The stand-in captures by itself: capture_method=manual is not practised.", param="capture_method"
        )
    if given.get("confirm") and not given.get("payment_method"):
        raise Refused("You cannot confirm this PaymentIntent because it's missing a payment method.")
    intent = new_intent(work, given)
    if given.get("payment_method"):
        _take_method(work, intent, given["payment_method"])
    return confirm_intent(work, given, intent["id"]) if given.get("confirm") else intent


def _take_method(work: Work, intent: Thing, method_id: str) -> None:
    method = method_of(work, method_id)
    owner = method["customer"]
    if owner is not None and owner != intent["customer"]:
        raise Refused("The provided PaymentMethod belongs to another Customer.", param="payment_method")
    if owner is None and intent["customer"] is not None and method["id"] == method_id:
        raise Refused(
            "The provided PaymentMethod was not attached to the Customer, or was detached.", param="payment_method"
        )
    work.put(intent, payment_method=method["id"], status="requires_confirmation")


def confirm_intent(work: Work, given: Thing, intent_id: str) -> Thing:
    """Try to pay, with nobody there where `off_session` says so. Raises Refused where the method is declined."""
    intent = work.get("payment_intent", intent_id, "intent")
    if intent["status"] not in ("requires_confirmation", "requires_payment_method"):
        raise _unexpected(intent, "confirm")
    if given.get("payment_method"):
        _take_method(work, intent, given["payment_method"])
    if not intent["payment_method"]:
        raise Refused("You cannot confirm this PaymentIntent because it's missing a payment method.")
    means = means_of(work.get("payment_method", intent["payment_method"]))
    nobody_there = bool(given.get("off_session"))
    if means.asks == "always" or (means.asks and not nobody_there):
        if nobody_there or given.get("error_on_requires_action"):
            return _fail(work, intent, means, "authentication_required", "authentication_required")
        return ask_holder(work, intent, given.get("return_url"))
    if nobody_there and means.declined_later:
        return _fail(work, intent, means, "card_declined", "generic_decline")
    settle(work, intent, means)
    if intent["last_payment_error"]:
        error = intent["last_payment_error"]
        raise declined(error["message"], error["code"], intent, decline_code=error.get("decline_code"))
    return intent


def _fail(work: Work, intent: Thing, means: Means, code: str, decline_code: str) -> Thing:
    refuse(work, intent, means, code, decline_code)
    raise declined(_WORDS[code], code, intent, decline_code=decline_code)


def ask_holder(work: Work, intent: Thing, return_url: str | None) -> Thing:
    """Wait for the bank to hear from the holder (3-D Secure)."""
    where = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": None}}
    work.put(intent, status="requires_action", next_action=where)
    happened(work, "payment_intent.requires_action", intent)
    return intent


def settle(work: Work, intent: Thing, means: Means) -> None:
    """Pay with what the holder approved, or fail as the test card says."""
    if means.decline:
        refuse(work, intent, means, "card_declined", means.decline)
    elif means.is_debit:
        work.put(intent, status="processing", next_action=None, last_payment_error=None)
        work.set(f"debit:{intent['id']}", work.now + int(work.setting("debit_takes_s", DEBIT_TAKES_S)))
        happened(work, "payment_intent.processing", intent)
    else:
        succeed(work, intent, means)


def succeed(work: Work, intent: Thing, means: Means) -> None:
    """Take the money."""
    amount = intent["amount"]
    work.put(intent, status="succeeded", amount_received=amount, next_action=None, last_payment_error=None)
    charge(work, intent, means)
    happened(work, "payment_intent.succeeded", intent)


def refuse(work: Work, intent: Thing, means: Means, code: str, decline_code: str | None = None) -> None:
    """Leave an intent unpaid, to be tried again with something else."""
    error: dict[str, Any] = {"type": "card_error", "code": code, "message": _WORDS[code]}
    error["payment_method"] = work.get("payment_method", intent["payment_method"])
    if decline_code:
        error["decline_code"] = decline_code
    work.put(intent, status="requires_payment_method", last_payment_error=error, next_action=None)
    work.put(intent, payment_method=None)
    failed_charge(work, intent, means, error)
    happened(work, "payment_intent.payment_failed", intent)


def cancel_intent(work: Work, given: Thing, intent_id: str) -> Thing:
    """Give up an intent."""
    intent = work.get("payment_intent", intent_id, "intent")
    if intent["status"] in _ENDED or intent["status"] == "processing":
        raise _unexpected(intent, "cancel")
    reason = given.get("cancellation_reason")
    work.put(intent, status="canceled", canceled_at=work.now, cancellation_reason=reason, next_action=None)
    happened(work, "payment_intent.canceled", intent)
    return intent


def _unexpected(intent: Thing, verb: str) -> Refused:
    words = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
    return Refused(words, code="payment_intent_unexpected_state", payment_intent=intent)
