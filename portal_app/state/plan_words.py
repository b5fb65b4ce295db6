"""Payment plans in plain words: how much, when, and what to do when one waits."""

from typing import Final
from uuid import UUID

from portal_app.core import i18n
from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_, _
from portal_app.features.payments.service import KeptMethod, PartView, PlanView
from portal_app.state import bill_words as words
from portal_app.state.ids import known_id

TITLES: Final = {
    "active": (N_("Your payment plan"), N_("We charge your card on these days, and write to you three days before.")),
    "done": (N_("Your payment plan is paid"), N_("Thank you. Nothing more is charged.")),
    "cancelled": (N_("You stopped your payment plan"), N_("Nothing more is charged. The bills say what is left.")),
    "declined": (
        N_("Your payment plan waits"),
        N_("Your bank did not allow the last payment. Pay from your bills with another card, or go on with the plan."),
    ),
    "removed": (
        N_("Your payment plan waits"), N_("You removed the card that it was charged to. Pay the rest from your bills."),
    ),
    "unclear": (N_("Your payment plan waits"), N_("We are finding out about the last payment. Call us if in doubt.")),
    "ended": (
        N_("Your payment plan waits"),
        N_("You could not pay these bills for a while. Go on with the plan, or stop it."),
    ),
}  # fmt: skip
STATES: Final = {
    "paid": (N_("Paid"), "good"), "planned": (N_("Planned"), "info"), "charging": (N_("On its way"), "info"),
    "skipped": (N_("Nothing was owed"), "good"),
}  # fmt: skip


def picked(form: dict[str, str]) -> tuple[int, UUID]:
    """Return in how many parts somebody wants to pay, and the key of their form. Raises InputRefused."""
    count = str(form.get("count", ""))
    if not count.isdecimal() or len(count) > 2:
        raise InputRefused("count", N_("Choose in how many parts you want to pay."))
    return int(count), known_id(str(form.get("key", "")))


def way_row(way: tuple[int, tuple[int, ...]], currency: str) -> dict[str, str]:
    """Return a way to divide a sum, as a choice."""
    count, parts = way
    first, each = words.money(parts[0], currency), words.money(parts[-1], currency)
    later = i18n.ngettext("Then {amount} in a month.", "Then {amount} each month, {count} times.", count - 1)
    return {
        "value": str(count),
        "label": _("{count} payments: {amount} now").format(count=i18n.format_number(count), amount=first),
        "detail": later.format(amount=each, count=i18n.format_number(count - 1)),
    }


def title_of(plan: PlanView) -> tuple[str, str]:
    """Say how a plan stands."""
    title, detail = TITLES[plan.paused_because if plan.status == "paused" else plan.status]
    return _(title), _(detail)


OF_PATIENT: Final = {
    "active": N_("The patient pays in parts: {paid} of {count} are paid."),
    "paused": N_("The patient's payment plan waits: {paid} of {count} parts are paid."),
}


def of_patient(plan: PlanView) -> str:
    """Say to staff how a patient's plan stands, "" where none runs."""
    if plan.status not in OF_PATIENT:
        return ""
    paid = sum(part.status == "paid" for part in plan.parts)
    said = {"paid": i18n.format_number(paid), "count": i18n.format_number(len(plan.parts))}
    return _(OF_PATIENT[plan.status]).format(**said)


def part_row(part: PartView, currency: str) -> dict[str, str]:
    """Return one part of a plan: its day, how much, and how it stands."""
    said, tone = STATES[part.status]
    return {
        "title": i18n.format_long_date(part.due_on),
        "amount": words.money(part.amount_minor, currency),
        "status": _(said),
        "tone": tone,
    }


def kept_row(method: KeptMethod) -> dict[str, str]:
    """Return a way of paying by what its owner knows it by."""
    said = _("{kind} ending in {digits}").format(kind=method.kind.replace("_", " ").title(), digits=method.last_digits)
    expires = _("Good until {month}").format(month=method.expires) if method.expires else ""
    return {"id": method.id, "title": said, "detail": expires}
