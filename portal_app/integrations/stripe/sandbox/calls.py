"""Every call that is practised: where it is asked, which type of stripe-python it is held against, and who does it."""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from stripe import params
from stripe.params import checkout

from portal_app.integrations.stripe.sandbox import account, balance, customers, disputes, events, intents, refunds
from portal_app.integrations.stripe.sandbox import sessions as checkout_sessions
from portal_app.integrations.stripe.sandbox.listing import listed
from portal_app.integrations.stripe.sandbox.refusals import Refused
from portal_app.integrations.stripe.sandbox.store import Thing, Work

Does = Callable[..., Thing]


class Call(NamedTuple):
    """One call."""

    method: str
    path: re.Pattern[str]
    params: Any
    does: Does


def _call(method: str, path: str, kind: Any, does: Does) -> Call:
    return Call(method, re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path) + r"\Z"), kind, does)


def _gets(kind: str) -> Does:
    def get(work: Work, _given: Thing, thing_id: str) -> Thing:
        return work.get(kind, thing_id)

    return get


def _lists(kind: str, url: str) -> Does:
    def lists(work: Work, given: Thing, **exact: Any) -> Thing:
        return listed(work, kind, given, url, **exact)

    return lists


def _methods_of(work: Work, given: Thing, customer_id: str) -> Thing:
    customers.customer_of(work, customer_id)
    return listed(work, "payment_method", given, f"/v1/customers/{customer_id}/payment_methods", customer=customer_id)


_TABLE: Final = (
    _call("GET", "/v1/account", params.AccountRetrieveCurrentParams, account.account),
    _call("GET", "/v1/balance", params.BalanceRetrieveParams, lambda work, _given: balance.balance(work)),
    _call("GET", "/v1/payment_method_configurations", params.PaymentMethodConfigurationListParams, account.methods),
    _call("GET", "/v1/webhook_endpoints", params.WebhookEndpointListParams, account.endpoints),
    _call("POST", "/v1/customers", params.CustomerCreateParams, customers.create_customer),
    _call("GET", "/v1/customers", params.CustomerListParams, _lists("customer", "/v1/customers")),
    _call("GET", "/v1/customers/{id}", params.CustomerRetrieveParams, customers.retrieve_customer),
    _call("POST", "/v1/customers/{id}", params.CustomerUpdateParams, customers.update_customer),
    _call("DELETE", "/v1/customers/{id}", params.CustomerDeleteParams, customers.delete_customer),
    _call("GET", "/v1/customers/{id}/payment_methods", params.CustomerPaymentMethodListParams, _methods_of),
    _call("GET", "/v1/payment_methods", params.PaymentMethodListParams,
          _lists("payment_method", "/v1/payment_methods")),
    _call("GET", "/v1/payment_methods/{id}", params.PaymentMethodRetrieveParams, _gets("payment_method")),
    _call("POST", "/v1/payment_methods/{id}/attach", params.PaymentMethodAttachParams, customers.attach),
    _call("POST", "/v1/payment_methods/{id}/detach", params.PaymentMethodDetachParams, customers.detach),
    _call("POST", "/v1/checkout/sessions", checkout.SessionCreateParams, checkout_sessions.create_session),
    _call("GET", "/v1/checkout/sessions", checkout.SessionListParams,
          _lists("checkout.session", "/v1/checkout/sessions")),
    _call("GET", "/v1/checkout/sessions/{id}", checkout.SessionRetrieveParams, _gets("checkout.session")),
    _call("POST", "/v1/checkout/sessions/{id}/expire", checkout.SessionExpireParams, checkout_sessions.expire_session),
    _call("GET", "/v1/checkout/sessions/{id}/line_items", checkout.SessionListLineItemsParams,
          checkout_sessions.list_lines),
    _call("POST", "/v1/payment_intents", params.PaymentIntentCreateParams, intents.create_intent),
    _call("GET", "/v1/payment_intents", params.PaymentIntentListParams,
          _lists("payment_intent", "/v1/payment_intents")),
    _call("GET", "/v1/payment_intents/{id}", params.PaymentIntentRetrieveParams, _gets("payment_intent")),
    _call("POST", "/v1/payment_intents/{id}/confirm", params.PaymentIntentConfirmParams, intents.confirm_intent),
    _call("POST", "/v1/payment_intents/{id}/cancel", params.PaymentIntentCancelParams, intents.cancel_intent),
    _call("GET", "/v1/charges", params.ChargeListParams, _lists("charge", "/v1/charges")),
    _call("GET", "/v1/charges/{id}", params.ChargeRetrieveParams, _gets("charge")),
    _call("POST", "/v1/refunds", params.RefundCreateParams, refunds.create_refund),
    _call("GET", "/v1/refunds", params.RefundListParams, _lists("refund", "/v1/refunds")),
    _call("GET", "/v1/refunds/{id}", params.RefundRetrieveParams, _gets("refund")),
    _call("GET", "/v1/disputes", params.DisputeListParams, _lists("dispute", "/v1/disputes")),
    _call("GET", "/v1/disputes/{id}", params.DisputeRetrieveParams, _gets("dispute")),
    _call("POST", "/v1/disputes/{id}", params.DisputeUpdateParams, disputes.answer_dispute),
    _call("POST", "/v1/disputes/{id}/close", params.DisputeCloseParams, disputes.close_dispute),
    _call("GET", "/v1/events", params.EventListParams, events.list_events),
    _call("GET", "/v1/events/{id}", params.EventRetrieveParams, _gets("event")),
    _call("GET", "/v1/balance_transactions", params.BalanceTransactionListParams, balance.list_movements),
    _call("GET", "/v1/balance_transactions/{id}", params.BalanceTransactionRetrieveParams,
          _gets("balance_transaction")),
    _call("GET", "/v1/payouts", params.PayoutListParams, _lists("payout", "/v1/payouts")),
    _call("GET", "/v1/payouts/{id}", params.PayoutRetrieveParams, _gets("payout")),
)  # fmt: skip


def find_call(method: str, path: str) -> tuple[Call, tuple[str, ...]]:
    """Return the call, and the ids in its address. Raises Refused."""
    for call in _TABLE:
        found = call.path.match(path)
        if found and call.method == method:
            return call, found.groups()
    raise Refused(f"Unrecognized request URL ({method}: {path}): not practised here.", status=404)


def expanded(work: Work, answer: Thing, paths: list[str]) -> Thing:
    """Return an answer with things in the place of their ids (https://docs.stripe.com/expand)."""
    for path in paths:
        _expand(work, answer, path.split("."))
    return answer


def _expand(work: Work, thing: Any, parts: list[str]) -> None:
    first, *rest = parts
    if first == "line_items" and thing.get("object") == "checkout.session":
        thing[first] = checkout_sessions.lines_of(thing)
    elif isinstance(thing.get(first), str):
        thing[first] = work.any(thing[first]) or thing[first]
    elif first not in thing:
        raise Refused(f"This property cannot be expanded ({first}).", param="expand")
    inner = thing[first]
    for one in inner if isinstance(inner, list) else [inner]:
        if rest and isinstance(one, dict):
            _expand(work, one, rest)
