"""Bills in the words of whoever reads them: of their own, or of the patient for whom they look after them."""

from typing import Final

from portal_app.core.i18n import N_, _

OF_ANOTHER: Final = {
    N_("Your bills"): N_("Bills of {name}"),
    N_("Your bill"): N_("A bill of {name}"),
    N_("You owe"): N_("{name} owes"),
    N_("You owe nothing"): N_("{name} owes nothing"),
    N_("When a visit costs you something, the bill stands here, with how it came about."): N_(
        "When a visit costs {name} something, the bill stands here, with how it came about."
    ),
    N_("What the visit cost"): N_("What the visit cost"),
    N_("Your insurance paid"): N_("The insurance paid"),
    N_("Taken off the price"): N_("Taken off the price"),
    N_("You have paid"): N_("Already paid"),
    N_("Left for you to pay"): N_("Left to pay"),
    N_("Lower price agreed with your insurance, or a mistake put right"): N_(
        "Lower price agreed with the insurance, or a mistake put right"
    ),
    N_("We let go of this part"): N_("We let go of this part"),
    N_("You paid at our desk. Thank you"): N_("Paid at our desk. Thank you"),
    N_("You paid online. Thank you"): N_("Paid online. Thank you"),
    N_("We paid you back"): N_("We paid this back"),
    N_("Your bank did not take what we paid back. We keep it for you"): N_(
        "The bank did not take what we paid back. We keep it for {name}"
    ),
    N_("Your bank took a payment back"): N_("The bank took a payment back"),
    N_("We cancelled this bill"): N_("We cancelled this bill"),
    N_("Kept as credit for you"): N_("Kept as credit for {name}"),
    N_("Paid from your credit"): N_("Paid from the credit of {name}"),
    N_("On its way to you"): N_("On its way back"),
    N_("To the card or account you paid with"): N_("To the card or account that paid it"),
    N_("It did not arrive"): N_("It did not arrive"),
    N_("We are paying you back"): N_("We are paying this back"),
    N_("You have money with us"): N_("{name} has money with us"),
    N_("You paid more than a bill came to, or before it was made. Nothing is charged to a card."): N_(
        "More was paid than a bill came to, or before it was made. Nothing is charged to a card."
    ),
    N_("Pay {amount} from your credit"): N_("Pay {amount} from the credit of {name}"),
    N_("Paid from your credit: {amount}. Thank you."): N_("Paid from the credit of {name}: {amount}. Thank you."),
    N_("Your co-pay for a visit, as your insurance told us"): N_(
        "The co-pay for a visit of {name}, as the insurance told us"
    ),
    N_("We have spoken about it."): N_("We have spoken about it."),
    N_("The bill was taken back: you owe nothing on it."): N_("The bill was taken back: nothing is owed on it."),
}
"""What is said to a patient of their own bills, and of these to whoever acts for them."""


def said(own: str, name: str, **facts: str) -> str:
    """Say something of a bill to its patient, or, with a name, to whoever acts for the patient of that name."""
    return _(OF_ANOTHER[own] if name else own).format(name=name, **facts)
