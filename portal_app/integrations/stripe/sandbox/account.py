"""What the account says of itself, for whoever looks whether it is set up."""

from typing import Any

from portal_app.integrations.stripe.sandbox.events import API_VERSION, HOOK
from portal_app.integrations.stripe.sandbox.listing import page
from portal_app.integrations.stripe.sandbox.store import Thing, Work

ACCOUNT_ID = "acct_practice"
_CAPABILITIES = {"card_payments": "active", "transfers": "active", "us_bank_account_ach_payments": "active"}


def account(work: Work, _given: Thing) -> Thing:
    """Return the account."""
    names: dict[str, Any] = {"statement_descriptor": "PRACTICE", "statement_descriptor_kana": None}
    found: Thing = {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_type": "company",
        "capabilities": _CAPABILITIES,
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "payouts_enabled": True,
        "settings": {"payments": names, "payouts": {"schedule": {"interval": "daily", "delay_days": 2}}},
        "type": "standard",
    }
    return {**found, **work.setting("account", {})}


def endpoints(work: Work, given: Thing) -> Thing:
    """Return where events go."""
    hook = work.setting(HOOK)
    found: list[Thing] = []
    if hook:
        known: Thing = {"id": "we_practice", "object": "webhook_endpoint", "api_version": API_VERSION, "created": 0}
        more: Thing = {
            "description": None,
            "enabled_events": ["*"],
            "livemode": False,
            "metadata": {},
            "status": "enabled",
        }
        found = [{**known, **more, "url": work.setting("hook_as_known", hook), **work.setting("endpoint", {})}]
    return page(found, given, "/v1/webhook_endpoints")


def methods(work: Work, given: Thing) -> Thing:
    """Return which methods are offered."""
    on = {"available": True, "display_preference": {"overridable": None, "preference": "on", "value": "on"}}
    known: Thing = {"id": "pmc_practice", "object": "payment_method_configuration", "active": True, "livemode": False}
    more = {"name": "Default", "is_default": True, "application": None, "parent": None}
    shown = {**known, **more, "card": on, "us_bank_account": on}
    return page([shown | work.setting("methods", {})], given, "/v1/payment_method_configurations")
