"""Bills in plain words: no "contractual allowance", no "patient responsibility"."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.billing import service as billing
from portal_app.features.billing.paying_back import RefundView
from portal_app.features.billing.service import BillView, PostingView
from portal_app.state.bill_voice import said

POSTED: Final = {
    "charge": N_("What the visit cost"),
    "insurance": N_("Your insurance paid"),
    "adjustment": N_("Lower price agreed with your insurance, or a mistake put right"),
    "write_off": N_("We let go of this part"),
    "payment": N_("You paid at our desk. Thank you"),
    "online_payment": N_("You paid online. Thank you"),
    "refund": N_("We paid you back"),
    "refund_failed": N_("Your bank did not take what we paid back. We keep it for you"),
    "dispute_lost": N_("Your bank took a payment back"),
    "void": N_("We cancelled this bill"),
    "credit": N_("Kept as credit for you"),
    "credit_used": N_("Paid from your credit"),
}

MARKS: Final = {
    ("stripe", "pending"): N_("On its way to you"),
    ("stripe", "succeeded"): N_("To the card or account you paid with"),
    ("stripe", "failed"): N_("It did not arrive"),
}
"""What is said of money that was paid back, by how it goes and how far it is."""


def money(amount_minor: int, currency: str) -> str:
    """Write an amount."""
    return i18n.format_money(amount_minor, currency, billing.decimals_of(currency))


def title_of(bill: BillView) -> str:
    """Say which visit a bill is for."""
    day = i18n.format_short_day(bill.served_at.astimezone(ZoneInfo(bill.zone)).date())
    return _("{day} with {who}").format(day=day, who=bill.practitioner)


def status_of(bill: BillView, today: date) -> tuple[str, str]:
    """Return how a bill stands in words, and their tone."""
    if bill.is_void:
        return _("Taken back"), "plain"
    if bill.owed_minor <= 0:
        return _("Paid"), "good"
    owed = _("{amount} to pay").format(amount=money(bill.owed_minor, bill.currency))
    return owed, "caution" if bill.due_on < today else "info"


def lines_of(bill: BillView, name: str = "") -> list[dict[str, str]]:
    """Return how a bill comes to what is left: each amount with its words, those that are nothing left out.

    With a name it is said to whoever acts for the patient of that name.
    """
    amounts = [
        ("charged", "What the visit cost", bill.charged_minor),
        ("insured", "Your insurance paid", -bill.insured_minor),
        ("reduced", "Taken off the price", -bill.reduced_minor),
        ("paid", "You have paid", -bill.paid_minor),
    ]
    return [
        {"value": code, "term": said(term, name), "fact": money(amount, bill.currency)}
        for code, term, amount in amounts
        if amount
    ]


def history_of(
    bill: BillView,
    postings: list[PostingView],
    refunds: Sequence[RefundView] = (),
    *,
    is_staff: bool = False,
    name: str = "",
) -> list[dict[str, str]]:
    """Return what happened to a bill, each with its day and amount, and what is being paid back.

    With a name it is said to whoever acts for the patient of that name.
    """
    marks = {one.posting_id: _mark(one, name) for one in refunds if one.posting_id}
    unsent = [one for one in refunds if one.posting_id is None and (is_staff or one.status == "pending")]
    return [
        {
            "id": str(one.id),
            "title": said(POSTED[one.kind], name) if one.kind in POSTED else _taken_back(one, name),
            "detail": i18n.format_short_day(one.made_at.astimezone(ZoneInfo(bill.zone)).date()),
            "amount": money(-one.off_minor, bill.currency),
            "mark": _("Taken back") if one.is_corrected else marks.get(one.id, ""),
            "reason": one.reason,
            "can_take_back": "yes" if _can_take_back(bill, one) else "",
            "can_give_back": "yes" if one.left_minor() > 0 and not bill.is_void else "",
            "is_online": "yes" if one.kind == "online_payment" else "",
            "left": money(one.left_minor(), bill.currency),
        }
        for one in postings
    ] + [_unsent(bill, one, name) for one in unsent]


def _mark(one: RefundView, name: str) -> str:
    mark = MARKS.get((one.channel, one.status), "")
    return said(mark, name) if mark else ""


def _unsent(bill: BillView, one: RefundView, name: str) -> dict[str, str]:
    """Say of money that is paid back online what the books do not say yet, or never will."""
    is_failed = one.status == "failed"
    row = dict.fromkeys(("reason", "can_take_back", "can_give_back", "is_online", "left"), "")
    return row | {
        "id": str(one.id),
        "title": _("Not paid back: Stripe refused it") if is_failed else said("We are paying you back", name),
        "detail": i18n.format_short_day(one.asked_at.astimezone(ZoneInfo(bill.zone)).date()),
        "amount": money(one.amount_minor, bill.currency),
        "mark": "" if is_failed else _("Being sent"),
    }


def _can_take_back(bill: BillView, one: PostingView) -> bool:
    is_untouched = not one.is_corrected and not one.given_back_minor
    return one.kind in billing.CORRECTABLE and is_untouched and not bill.is_void


def _taken_back(one: PostingView, name: str) -> str:
    what = said(POSTED.get(one.corrected_kind, POSTED["adjustment"]), name)
    return _("Taken back: {what}").format(what=what)
