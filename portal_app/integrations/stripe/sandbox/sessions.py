"""Checkout Sessions (https://docs.stripe.com/api/checkout/sessions), of the kind that is paid once."""

from typing import Any, Final

from portal_app.integrations.stripe.sandbox.amounts import require_payable
from portal_app.integrations.stripe.sandbox.customers import checked_metadata, customer_of
from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Thing, Work

_SOONEST_S, _LATEST_S = 30 * 60, 24 * 3600
_SLACK_S: Final = 60
"""A clock beside ours may be a little behind."""
PAGES: Final = "pages"
"""The setting that says at which address people pay."""


def create_session(work: Work, given: Thing) -> Thing:
    """Open a session. Raises Refused."""
    _require_practised(given)
    lines = [_line(number, item) for number, item in enumerate(given["line_items"])]
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise Refused("All line items must have the same currency.", param="line_items")
    total, currency = sum(line["amount_total"] for line in lines), currencies.pop()
    require_payable(total, currency)
    intent_data = given.get("payment_intent_data") or {}
    customer = _customer(work, given, intent_data)
    session = work.add(
        "cs_test",
        "checkout.session",
        **_asked(given),
        amount_subtotal=total,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        currency=currency,
        customer=customer,
        customer_details=None,
        expires_at=_expiry(work, given),
        invoice=None,
        metadata=checked_metadata(given),
        payment_intent=None,
        payment_link=None,
        payment_method_types=[
            kind
            for kind in given.get("allowed_payment_method_types", ["card", "us_bank_account"])
            if kind == "card" or currency == "usd"
        ],
        payment_status="unpaid",
        setup_intent=None,
        status="open",
        subscription=None,
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        practice_lines=lines,
        practice_intent={**intent_data, "metadata": checked_metadata(intent_data)},
    )
    return work.put(session, url=f"{work.setting(PAGES)}/pay/{session['id']}")


def _asked(given: Thing) -> Thing:
    kept = (
        "cancel_url", "client_reference_id", "customer_creation", "customer_email", "locale", "payment_method_options",
        "submit_type", "success_url",
    )  # fmt: skip
    return {name: given.get(name) for name in kept} | {"mode": given["mode"], "ui_mode": "hosted_page"}


def _require_practised(given: Thing) -> None:
    if given.get("mode") != "payment":
        raise Refused(f"The stand-in practises mode=payment alone, not {given.get('mode')}.", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refused("The stand-in practises ui_mode=hosted_page alone.", param="ui_mode")
    for name in ("line_items", "success_url"):
        if not given.get(name):
            raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if given.get("customer") and given.get("customer_email"):
        raise Refused("You may only specify one of these parameters: customer, customer_email.")


def _customer(work: Work, given: Thing, intent_data: Thing) -> str | None:
    customer: str | None = given.get("customer")
    if customer:
        customer_of(work, customer)
    elif intent_data.get("setup_future_usage") and given.get("customer_creation") != "always":
        raise Refused("To save a payment method, name a customer or set customer_creation=always.", param="customer")
    return customer


def _line(number: int, item: Thing) -> Thing:
    where = f"line_items[{number}]"
    price = item.get("price_data")
    if not price:
        raise Refused(f"The stand-in practises {where}[price_data] alone.", param=f"{where}[price]")
    if "unit_amount" not in price or "product_data" not in price:
        missing = "unit_amount" if "unit_amount" not in price else "product_data"
        where = f"{where}[price_data][{missing}]"
        raise Refused(f"Missing required param: {where}.", code="parameter_missing", param=where)
    if price["unit_amount"] < 0:
        where = f"{where}[price_data][unit_amount]"
        raise Refused("This value must be greater than or equal to 0.", param=where)
    quantity = item.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    currency = price["currency"].lower()
    sums = {"amount_subtotal": amount, "amount_total": amount, "amount_discount": 0, "amount_tax": 0}
    words = price["product_data"]["name"]
    return {"object": "item", "currency": currency, "description": words, "quantity": quantity, **sums}


def _expiry(work: Work, given: Thing) -> int:
    expires_at: int = given.get("expires_at", work.now + _LATEST_S)
    if not _SOONEST_S - _SLACK_S <= expires_at - work.now <= _LATEST_S + _SLACK_S:
        words = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise Refused(words, param="expires_at")
    return expires_at


def expire_session(work: Work, _given: Thing, session_id: str) -> Thing:
    """Close a session that nobody has paid. Raises Refused."""
    session = work.get("checkout.session", session_id, "session")
    if session["status"] != "open":
        words = f'Only Checkout Sessions with a status in ["open"] can be expired. This has {session["status"]}.'
        raise Refused(words)
    return close_unpaid(work, session)


def close_unpaid(work: Work, session: Thing) -> Thing:
    """Close a session, and give up what was tried."""
    work.put(session, status="expired", url=None)
    intent = work.find("payment_intent", session["payment_intent"] or "")
    if intent and intent["status"] not in ("succeeded", "processing", "canceled"):
        work.put(intent, status="canceled", canceled_at=work.now, cancellation_reason="automatic", next_action=None)
        happened(work, "payment_intent.canceled", intent)
    happened(work, "checkout.session.expired", session)
    return session


def list_lines(work: Work, given: Thing, session_id: str) -> Thing:
    """Return what a session is for."""
    session = work.get("checkout.session", session_id, "session")
    return lines_of(session, given.get("limit", 10))


def lines_of(session: Thing, limit: int = 10) -> Thing:
    """Return a session's lines as a list."""
    lines: list[Any] = [
        {"id": f"li_{session['id'][8:]}{number}", **line} for number, line in enumerate(session["practice_lines"])
    ]
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "url": url, "has_more": len(lines) > limit, "data": lines[:limit]}
