"""`./portal doctor stripe`: whether payments would work with the account of the settings, in plain words."""

from collections.abc import Iterator
from typing import Final

from portal_app.features.reconciling.ports import AccountAway, ProcessorAccount
from portal_app.settings import Settings

Said = tuple[bool, str, str]
"""Whether it is well, what was seen, and what to do if not."""

NEEDED: Final = ("checkout.session.", "payment_intent.", "refund.", "charge.dispute.", "payout.")
"""How the events begin that the webhook must be sent."""


def findings(settings: Settings) -> Iterator[Said]:
    """Say what was found, one thing after another; nothing of a key is said but how it begins."""
    if settings.stripe_key is None:
        yield True, "No PORTAL_STRIPE_KEY: nobody is offered to pay online", ""
        return
    yield from _of_settings(settings)
    from portal_app.wiring import stripe_account

    try:
        account = stripe_account(settings)
    except AccountAway as problem:
        yield False, f"Stripe does not answer to this key: {problem}", "Make a new one at dashboard.stripe.com/apikeys."
        return
    yield from _of_account(account)
    yield from _of_webhook(settings, account)


def _of_settings(settings: Settings) -> Iterator[Said]:
    key = settings.stripe_key.get_secret_value() if settings.stripe_key else ""
    if settings.practises_payments:
        yield settings.is_demo, "The key is of the stand-in on this machine: practice money", "Set a key of Stripe's."
    else:
        beginning = key[:8]
        is_secret = beginning in ("sk_test_", "sk_live_", "rk_test_", "rk_live_")
        kind = "real money" if beginning.endswith("live_") else "Stripe's test money; nobody really pays"
        words = f"The key begins {beginning}: {kind}" if is_secret else "PORTAL_STRIPE_KEY is no secret key"
        yield is_secret, words, "Take the secret key (sk_…) or a restricted one (rk_…)."
        is_ours = not settings.stripe_api_base
        yield is_ours, "Stripe itself is asked" if is_ours else "PORTAL_STRIPE_API_BASE leads elsewhere", "Unset it."
    given = settings.stripe_webhook_secrets.get_secret_value() if settings.stripe_webhook_secrets else ""
    secrets = [one.strip() for one in given.split(",") if one.strip()]
    is_well = bool(secrets) and all(one.startswith("whsec_") for one in secrets)
    advice = "Set PORTAL_STRIPE_WEBHOOK_SECRETS to the endpoint's signing secret (whsec_…)."
    yield is_well, f"{len(secrets)} signing secret(s) of the webhook", advice


def _of_account(account: ProcessorAccount) -> Iterator[Said]:
    advice = "Finish the account's details at dashboard.stripe.com/account."
    takes = "takes payments" if account.takes_payments else "takes no payments"
    pays = "pays out" if account.pays_out else "pays nothing out"
    yield account.takes_payments and account.pays_out, f"The account {takes} and {pays}", advice
    words = f"It is settled in {account.currency} ({account.country}); the practice's fees should be in it"
    yield bool(account.currency), words, "Set the account's default currency."
    named = f"Statements of cards name the practice {account.descriptor}"
    yield bool(account.descriptor), named, "Set a statement descriptor: the practice's name, never a specialty."
    offered = f"Payers are offered: {', '.join(account.methods) or 'nothing'}"
    yield "card" in account.methods, offered, "Switch cards on at dashboard.stripe.com/settings/payment_methods."


def _of_webhook(settings: Settings, account: ProcessorAccount) -> Iterator[Said]:
    wanted = f"{settings.public_origin}/webhooks/stripe"
    found = next((one for one in account.endpoints if one.url == wanted), None)
    if found is None:
        yield False, f"No webhook leads to {wanted}", "Add it at dashboard.stripe.com/webhooks."
        return
    yield found.is_enabled, f"A webhook leads to {wanted}", "It is switched off: enable it."
    missing = [kind for kind in NEEDED if "*" not in found.events and not any(e.startswith(kind) for e in found.events)]
    words = "It is sent what the portal needs" if not missing else f"It is not sent {', '.join(missing)}"
    yield not missing, words, "Choose these events for it."
    is_same = found.api_version in (None, account.speaks)
    yield is_same, f"It speaks {found.api_version or 'the default version'}", f"Make it anew with {account.speaks}."
