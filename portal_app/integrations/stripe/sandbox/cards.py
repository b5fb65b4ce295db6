"""Stripe's own test cards (https://docs.stripe.com/testing), and what becomes of a payment with each."""

from dataclasses import dataclass
from typing import Any, Final

from portal_app.core.i18n import N_


@dataclass(frozen=True, slots=True)
class Means:
    """Something to pay with.

    `asks` says when 3-D Secure asks the holder: never, once, always. `declined_later` only when nobody is there.
    """

    number: str
    words: str
    decline: str = ""
    asks: str = ""
    declined_later: bool = False
    disputed: bool = False
    refund_fails: bool = False
    is_debit: bool = False
    debit_fails: bool = False
    brand: str = "visa"

    @property
    def last4(self) -> str:
        """Return what people know it by."""
        return self.number[-4:]

    def details(self) -> dict[str, Any]:
        """Return what a PaymentMethod says of it."""
        if self.is_debit:
            bank = {"account_type": "checking", "bank_name": "PRACTICE BANK", "last4": self.last4}
            return {"type": "us_bank_account", "us_bank_account": {**bank, "routing_number": "110000000"}}
        card = {"brand": self.brand, "last4": self.last4, "exp_month": 12, "exp_year": 2034, "funding": "credit"}
        return {"type": "card", "card": {**card, "country": "US", "fingerprint": f"practice{self.last4}"}}


WORKS: Final = "4242424242424242"
MEANS: Final = {
    one.number: one
    for one in (
        Means(WORKS, N_("Card that works")),
        Means("4000000000000002", N_("Card that is declined"), decline="generic_decline"),
        Means("4000000000009995", N_("Card without enough money"), decline="insufficient_funds"),
        Means("4000002500003155", N_("Card whose bank asks you first"), asks="once"),
        Means("4000002760003184", N_("Card whose bank asks you each time"), asks="always"),
        Means("4000000000000341", N_("Card that works now and fails later"), declined_later=True),
        Means("4000000000000259", N_("Card whose owner complains to the bank"), disputed=True),
        Means("4000000000005126", N_("Card to which no refund can be made"), refund_fails=True),
        Means("000123456789", N_("Bank debit that takes a minute"), is_debit=True),
        Means("000111111116", N_("Bank debit that fails after a minute"), is_debit=True, debit_fails=True),
    )
}
READY: Final = {"pm_card_visa": WORKS, "pm_card_chargeCustomerFail": "4000000000000341"}
"""Methods that Stripe has ready for tests."""
