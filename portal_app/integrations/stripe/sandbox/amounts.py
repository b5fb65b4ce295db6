"""What may be paid at all (https://docs.stripe.com/currencies)."""

from typing import Final

from portal_app.integrations.stripe.sandbox.refusals import Refused

_MINIMUM: Final = {
    "usd": 50, "eur": 50, "cad": 50, "aud": 50, "gbp": 30, "mxn": 1000, "jpy": 50, "kwd": 200, "bhd": 200, "chf": 50,
    "sek": 300, "nok": 300, "dkk": 250, "pln": 200, "brl": 50, "inr": 50, "nzd": 50, "aed": 200, "omr": 200, "jod": 200,
    "krw": 500, "clp": 500, "sar": 200, "tnd": 1600,
}  # fmt: skip
_MOST: Final = 99_999_999
_OF_THOUSAND: Final = frozenset({"kwd", "bhd", "jod", "omr", "tnd"})


def require_payable(amount: int, currency: str) -> None:
    """Raise Refused for an amount that Stripe does not take."""
    known = currency.lower()
    if known not in _MINIMUM:
        words = f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(_MINIMUM)}"
        raise Refused(words, param="currency")
    if amount < _MINIMUM[known]:
        raise Refused("Amount must convert to at least 50 cents.", code="amount_too_small", param="amount")
    if amount > _MOST:
        raise Refused("Amount must be no more than 999,999.99", code="amount_too_large", param="amount")
    if known in _OF_THOUSAND and amount % 10:
        raise Refused("The last digit of a three-decimal amount must be 0.", param="amount")
