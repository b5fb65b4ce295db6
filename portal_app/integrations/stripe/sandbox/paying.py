"""What people do on the pay page: pay, approve, refuse."""

from portal_app.integrations.stripe.sandbox import intents
from portal_app.integrations.stripe.sandbox.cards import MEANS, Means
from portal_app.integrations.stripe.sandbox.customers import create_customer, means_of, new_method
from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Thing, Work


def open_session(work: Work, session_id: str) -> Thing:
    """Return a session that can be paid. Raises Refused."""
    session = work.get("checkout.session", session_id, "session")
    if session["status"] != "open":
        raise Refused(f"This session is {session['status']}.", status=409)
    return session


def pay(work: Work, session_id: str, number: str) -> Thing:
    """Try to pay a session with a test card, and return the session: complete, or open with an intent that says why."""
    session = open_session(work, session_id)
    means = MEANS.get(number)
    if means is None or means.details()["type"] not in session["payment_method_types"]:
        raise Refused("This is no card to practise with.", param="card")
    intent = _intent_of(work, session)
    method = new_method(work, means, None, {"email": session["customer_email"] or "somebody@practice.example"})
    work.put(intent, payment_method=method["id"], status="requires_confirmation")
    if means.asks:
        intents.ask_holder(work, intent, session["success_url"])
        return session
    return _settle(work, session, intent, means)


def answer_bank(work: Work, session_id: str, *, is_approved: bool) -> Thing:
    """Tell the bank that one pays oneself, or not (3-D Secure)."""
    session = open_session(work, session_id)
    intent = work.find("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "requires_action":
        raise Refused("The bank asks nothing.", status=409)
    means = means_of(work.get("payment_method", intent["payment_method"]))
    if is_approved:
        return _settle(work, session, intent, means)
    intents.refuse(work, intent, means, "payment_intent_authentication_failure")
    return session


def _intent_of(work: Work, session: Thing) -> Thing:
    known = work.find("payment_intent", session["payment_intent"] or "")
    if known is not None:
        return known
    if session["customer"] is None and session["customer_creation"] == "always":
        work.put(session, customer=create_customer(work, {"email": session["customer_email"]})["id"])
    given = {"amount": session["amount_total"], "currency": session["currency"], "customer": session["customer"]}
    intent = intents.new_intent(work, {**session["practice_intent"], **given})
    work.put(session, payment_intent=intent["id"])
    return intent


def _settle(work: Work, session: Thing, intent: Thing, means: Means) -> Thing:
    if not means.decline and intent["setup_future_usage"] and intent["customer"]:
        method = work.get("payment_method", intent["payment_method"])
        happened(work, "payment_method.attached", work.put(method, customer=intent["customer"]))
    intents.settle(work, intent, means)
    if intent["status"] in ("succeeded", "processing"):
        is_paid = intent["status"] == "succeeded"
        email = session["customer_email"] or "somebody@practice.example"
        details: Thing = {
            "address": None,
            "email": email,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        }
        session.update(customer_details=details, url=None, status="complete")
        work.put(session, payment_status="paid" if is_paid else "unpaid")
        happened(work, "checkout.session.completed", session)
    return session


def end_debit(work: Work, intent: Thing) -> None:
    """Let a bank debit arrive, or not."""
    means = means_of(work.get("payment_method", intent["payment_method"]))
    if means.debit_fails:
        intents.refuse(work, intent, means, "payment_method_provider_decline")
    else:
        intents.succeed(work, intent, means)
    for session in work.every("checkout.session", payment_intent=intent["id"]):
        if means.debit_fails:
            happened(work, "checkout.session.async_payment_failed", session)
        else:
            happened(work, "checkout.session.async_payment_succeeded", work.put(session, payment_status="paid"))
