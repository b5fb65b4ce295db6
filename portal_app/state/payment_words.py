"""What becomes of a payment, in words: what happened, what is safe, what to do."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.payments.service import AttemptView, ItemView
from portal_app.state import bill_words as words


@dataclass(frozen=True, slots=True)
class Said:
    """An outcome in msgids; `{amount}` stands for the sum. `step` is what can be done next, "" for nothing."""

    tone: str
    title: str
    detail: str
    step: str = ""


PAID: Final = Said(
    "good", N_("Paid: {amount}"), N_("We have received it. Thank you. A receipt without details goes to your e-mail.")
)
ON_ITS_WAY: Final = Said(
    "info", N_("Your payment of {amount} is on its way"),
    N_("A payment from a bank account can take four working days. You need do nothing: we write to you."),
)  # fmt: skip
NOT_YET: Final = Said(
    "caution", N_("You have not paid yet"), N_("You were not charged. You can go on where you left."), "again"
)
DECLINED: Final = Said("caution", N_("The payment did not go through"), N_("You were not charged."), "again")
FAILED: Final = Said("caution", N_("The payment did not go through"), N_("You were not charged."), "anew")
CLOSED: Final = Said(
    "caution", N_("This payment page is closed"),
    N_("You were not charged. Begin again when you like: nothing is lost."), "anew",
)  # fmt: skip
ASKING: Final = Said(
    "caution", N_("We cannot reach our payment service right now"),
    N_("If you paid, it is safe and shows here soon. Do not pay a second time: call us if in doubt."),
)  # fmt: skip
UNCLEAR: Final = Said(
    "caution", N_("We are asking whether you have paid"),
    N_("If you paid, it is safe. Do not pay a second time: call us if in doubt."),
)  # fmt: skip
"""What the payment service says is not what we asked of it: billing looks into it."""

WHY: Final = {
    "funds": N_("Your bank says there is not enough money on the account. Try another card."),
    "expired": N_("The card has expired. Try another card."),
    "number": N_("A number of the card was not right. Look at it and try again."),
    "authentication": N_("Your bank could not make sure that it was you. Try again, or another card."),
    "declined": N_("Your bank did not say why. Try another card, or ask your bank."),
}


def said_of(attempt: AttemptView) -> Said:
    """Return what is said of an attempt."""
    if attempt.status in ("paid", "processing"):
        return PAID if attempt.status == "paid" else ON_ITS_WAY
    if attempt.status in ("new", "open"):
        return DECLINED if attempt.problem else NOT_YET
    return FAILED if attempt.status == "failed" else CLOSED


def why(problem: str) -> str:
    """Say why a bank said no, "" where it did not."""
    return _(WHY[problem]) if problem in WHY else ""


def item_row(item: ItemView, currency: str, locale: str) -> dict[str, str]:
    """Return what of a payment is for one bill, as a row that leads to it."""
    day = i18n.format_short_day(item.served_at.astimezone(ZoneInfo(item.zone)).date())
    return {
        "title": _("{day} with {who}").format(day=day, who=item.practitioner),
        "detail": _("Bill {number}").format(number=item.number),
        "amount": words.money(item.amount_minor, currency),
        "href": i18n.localized_path(locale, f"/bills/{item.bill_id}"),
    }
