"""What a statement says, in the current language: in the same words to the patient and to whoever acts for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.core.printing import Line, Part
from portal_app.features.billing.money import decimals_of

_MARKS: Final = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))


@dataclass(frozen=True, slots=True)
class AccountBill:
    """A bill as it stood at the end of a statement's time. While it is asked about, nobody has to pay it."""

    id: UUID
    number: int
    currency: str
    words: str
    served_at: datetime
    zone: str
    due_on: date
    practitioner: str
    is_void: bool | None
    is_asked_about: bool
    owed_minor: int
    charged_minor: int
    insured_minor: int
    reduced_minor: int
    paid_minor: int

    def to_pay_minor(self) -> int:
        """Return what has to be paid of it by its day."""
        return 0 if self.is_asked_about else max(self.owed_minor, 0)


def sum_of(bills: Sequence[AccountBill]) -> Part:
    """Say in one number what is owed, and by when."""
    currency = bills[0].currency
    due = [one for one in bills if one.to_pay_minor()]
    lines = [Line(_("Nothing is owed now."))]
    if due:
        day = i18n.format_long_date(min(one.due_on for one in due))
        lines = [Line(_("Pay or ask for help by {day}.").format(day=day))]
    return Part("sum", _("To pay"), tuple(lines), _money(sum(one.to_pay_minor() for one in due), currency))


def part_of(bill: AccountBill) -> Part:
    """Say how one bill comes to what is left of it."""
    day = i18n.format_short_day(bill.served_at.astimezone(ZoneInfo(bill.zone)).date())
    title = _("{day} with {who}").format(day=day, who=bill.practitioner)
    amounts = [
        (_("What the visit cost"), bill.charged_minor),
        (_("The insurance paid"), -bill.insured_minor),
        (_("Taken off the price"), -bill.reduced_minor),
        (_("Already paid"), -bill.paid_minor),
    ]
    lines = [Line(term, amount=_money(amount, bill.currency)) for term, amount in amounts if amount]
    left = Line(_("Left to pay"), notes=_notes(bill), amount=_money(max(bill.owed_minor, 0), bill.currency))
    number = _("Bill {number}").format(number=bill.number)
    return Part(str(bill.number), f"{title} · {number}", (*lines, left))


def ways_of(phone: str, own_words: str, language: str) -> Part:
    """Say how to pay and how to ask for help, in the practice's own words where it has any."""
    ask = _("Something unclear or wrong, or too much to pay? Ask in your portal under “Bills”, or call {phone}.")
    lines = [
        Line(_("Pay at our desk, or in your portal under “Bills”.")),
        Line(ask.format(phone="\u2066" + phone.replace(" ", "\u00a0") + "\u2069")),
    ]
    if own_words:
        lines.append(Line(own_words, language=language))
    return Part("ways", _("To pay, or if it is too much"), tuple(lines))


def _notes(bill: AccountBill) -> tuple[str, ...]:
    if bill.is_void:
        return (_("The bill was taken back: nothing is owed on it."),)
    if bill.is_asked_about:
        return (_("We are looking into the question about this bill. Until we have answered nobody needs to pay it."),)
    return ()


def _money(amount_minor: int, currency: str) -> str:
    # Isolated from left to right: on paper nothing else tells a printed amount from the words around it.
    said = i18n.format_money(amount_minor, currency, decimals_of(currency)).translate(_MARKS)
    return f"\u2066{said}\u2069"
