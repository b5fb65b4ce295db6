"""The money that is online, in plain words."""

from typing import Final

from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.features.reconciling.service import LookView, MatterView, PayoutView
from portal_app.state.bill_words import money

MATTERS: Final = {
    "quarantined": (
        N_("A payment that is not what we asked for"),
        N_("It is not in the books. Look at it at the processor before anything else."),
    ),
    "dispute": (
        N_("A bank asks a payment back"),
        N_("Answer it at the processor in time. Until it is decided, nothing of this payment can be paid back here."),
    ),
    "dispute_won": (N_("A dispute was won"), N_("The money is back, and in the books.")),
    "dispute_lost": (
        N_("A dispute was lost"),
        N_("The bill is owed again. Speak with the patient, or let go of it on the bill."),
    ),
    "payout_failed": (N_("The bank did not take a payout"), N_("Look at the bank account at the processor.")),
    "payout_differs": (N_("A payout is not the sum of its parts"), N_("Ask the processor about this payout.")),
    "unmatched": (
        N_("A payment that is none of ours"),
        N_("It was not made through the portal. Write it on its bill, or pay it back at the processor."),
    ),
    "drift": (N_("The books and the processor differ"), N_("The table of the books says by which kind of movement.")),
    "refund_failed": (
        N_("Money paid back did not arrive"),
        N_("The books say so already. Ask the patient how to give it back, and write it on the bill."),
    ),
    "refund_elsewhere": (
        N_("Money was paid back outside the portal"),
        N_("Somebody gave it back at the processor itself. Write on the bill what it was for."),
    ),
    "unheard": (N_("Something the processor told was not understood"), N_("Ask whoever keeps the portal.")),
}
"""What there is to look at, and what to do about it."""

BY_ITSELF: Final = {
    "decided": N_("The bank has decided."),
    "agrees": N_("Both sides agree again."),
    "matched": N_("It was found to be one of our payments."),
    "heard": N_("It was seen to."),
}
"""How a matter settles without anybody."""

PARTS: Final = {
    "payments": N_("Payments"),
    "refunds": N_("Paid back"),
    "disputes": N_("Disputes"),
    "payouts": N_("Sent to the bank"),
    "fees": N_("Fees"),
    "other": N_("Something else, or not listed yet"),
}
PAYOUTS: Final = {
    "paid": (N_("At the bank"), "good"),
    "pending": (N_("On its way"), "info"),
    "in_transit": (N_("On its way"), "info"),
    "failed": (N_("The bank did not take it"), "critical"),
    "canceled": (N_("Taken back"), "caution"),
}


def look_row(look: LookView, zone: str) -> dict[str, str]:
    """Say how one currency stands."""
    drift = look.drift_minor
    agree = _("Both sides agree to the cent")
    return {
        "currency": look.currency,
        "processor": money(look.at_processor_minor, look.currency),
        "books": money(look.in_books_minor, look.currency),
        "drift": _("{amount} apart").format(amount=money(abs(drift), look.currency)) if drift else agree,
        "tone": "critical" if drift else "good",
        "when": i18n.format_moment(look.made_at, zone),
    }


def part_rows(look: LookView) -> list[dict[str, str]]:
    """Say by which kinds of movement both sides differ."""
    return [
        {
            "id": f"{look.currency}:{one.kind}",
            "kind": _(PARTS[one.kind]),
            "processor": money(one.at_processor_minor, look.currency),
            "books": money(one.in_books_minor, look.currency),
            "drift": money(one.drift_minor, look.currency),
        }
        for one in look.parts
    ]


def matter_row(matter: MatterView, zone: str) -> dict[str, str]:
    """Say what there is to look at."""
    title, what = MATTERS[matter.kind]
    amount = money(matter.amount_minor, matter.currency) if matter.amount_minor is not None and matter.currency else ""
    resolution = matter.resolution
    if matter.settled_itself:
        resolution = _(BY_ITSELF[resolution]) if resolution in BY_ITSELF else ""
    due = i18n.format_moment(matter.act_by, zone) if matter.act_by and matter.resolved_at is None else ""
    return {
        "id": str(matter.id),
        "title": _(title),
        "what": _(what),
        "amount": amount,
        "patient": matter.patient_name,
        "ref": matter.ref,
        "when": i18n.format_moment(matter.opened_at, zone),
        "due": _("Answer by {when}").format(when=due) if due else "",
        "is_new": "yes" if matter.seen_at is None and matter.resolved_at is None else "",
        "resolution": resolution,
    }


def payout_row(payout: PayoutView, zone: str) -> dict[str, str]:
    """Say how a payout stands."""
    words, tone = PAYOUTS.get(payout.status, (N_("On its way"), "info"))
    off = payout.movements_minor is not None and payout.movements_minor != payout.amount_minor
    counted = _("Not counted yet") if payout.movements_minor is None else _("Comes to its parts, to the cent")
    return {
        "id": payout.id,
        "when": i18n.format_moment(payout.arrives_at, zone),
        "amount": money(payout.amount_minor, payout.currency),
        "status": _(words),
        "tone": tone,
        "sum": _("Does not come to its parts") if off else counted,
    }
