"""How the account with Stripe is set up, asked for `./portal doctor stripe`."""

from typing import Any

import stripe

from portal_app.features.reconciling.ports import AccountAway, Endpoint, ProcessorAccount
from portal_app.settings import Settings

_TIMEOUT_S = 20


def look(settings: Settings) -> ProcessorAccount:
    """Return what Stripe says of the account whose key is set. Raises AccountAway."""
    client = stripe.StripeClient(
        settings.stripe_key.get_secret_value().strip() if settings.stripe_key else "",
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_S),
        base_addresses={"api": settings.stripe_api_base} if settings.stripe_api_base else {},
    )
    try:
        account: dict[str, Any] = client.v1.accounts.retrieve_current().to_dict()
        methods = [one.to_dict() for one in client.v1.payment_method_configurations.list({"limit": 100}).data]
        endpoints = [one.to_dict() for one in client.v1.webhook_endpoints.list({"limit": 100}).data]
    except stripe.StripeError as error:
        raise AccountAway(error.user_message or type(error).__name__) from error
    payments = (account.get("settings") or {}).get("payments") or {}
    return ProcessorAccount(
        takes_payments=bool(account.get("charges_enabled")),
        pays_out=bool(account.get("payouts_enabled")),
        currency=str(account.get("default_currency") or "").upper(),
        country=str(account.get("country") or ""),
        descriptor=str(payments.get("statement_descriptor") or ""),
        methods=_offered(methods),
        endpoints=tuple(_endpoint(one) for one in endpoints),
        speaks=stripe.api_version,
    )


def _offered(configurations: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the methods that are on in the configuration that Checkout uses."""
    used = next((one for one in configurations if one.get("is_default") and one.get("active")), {})
    return tuple(sorted(name for name, how in used.items() if _is_on(how)))


def _is_on(how: Any) -> bool:
    return isinstance(how, dict) and (how.get("display_preference") or {}).get("value") == "on"


def _endpoint(told: dict[str, Any]) -> Endpoint:
    events = tuple(told.get("enabled_events") or ())
    return Endpoint(str(told["url"]), told.get("status") == "enabled", told.get("api_version"), events)
