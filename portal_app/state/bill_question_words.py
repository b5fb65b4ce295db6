"""Questions about bills, as both sides read them."""

from collections.abc import Sequence
from typing import Final

from portal_app.core import clock, i18n
from portal_app.core.i18n import N_, _
from portal_app.features.billing.views import QuestionView
from portal_app.state import bill_words
from portal_app.state.bill_voice import said

KINDS: Final = {
    "unclear": N_("I do not understand this"),
    "wrong": N_("This is wrong"),
    "help": N_("I need help to pay"),
}
LINES: Final = {
    "charged": N_("What the visit cost"),
    "insured": N_("Your insurance paid"),
    "reduced": N_("Taken off the price"),
    "paid": N_("You have paid"),
    "owed": N_("Left for you to pay"),
}
_ENDED: Final = {
    "spoken": N_("We have spoken about it."),
    "taken_back": N_("The bill was taken back: you owe nothing on it."),
}


def about(one: QuestionView, name: str = "") -> str:
    """Say which amount of a bill a question is about, and how much that was; "" for all of it."""
    if one.line not in LINES:
        return ""
    what, amount = said(LINES[one.line], name), bill_words.money(one.line_minor, one.currency)
    return _("{what}: {amount}").format(what=what, amount=amount)


def promise(one: QuestionView) -> str:
    """Say by when a question is answered."""
    return _("We answer by {moment} at the latest.").format(moment=i18n.format_moment(one.due_at, one.zone))


def paused(asked: Sequence[QuestionView]) -> str:
    """Say that nothing is chased while a question about a bill is open; "" while none is."""
    if all(one.status != "new" for one in asked):
        return ""
    return _("We are looking into your question. Until we have answered you need not pay, and nobody reminds you.")


def asked_row(one: QuestionView, name: str = "") -> dict[str, str]:
    """Return a question as whoever asked it reads it; with a name, as whoever acts for the patient of that name."""
    is_open, ended = one.status == "new", _ENDED.get(one.outcome, "")
    return {
        "id": str(one.id),
        "kind": _(KINDS[one.kind]),
        "about": about(one, name),
        "words": one.words,
        "when": i18n.format_moment(one.asked_at, one.zone),
        "status": _("Asked") if is_open else _("Answered"),
        "tone": "info" if is_open else "good",
        "next": promise(one) if is_open else said(ended, name) if ended else "",
        "answer": one.answer,
    }


def desk_row(one: QuestionView, owner: str, *, is_mine: bool, locale: str) -> dict[str, str]:
    """Return a question as billing works it. `owner` is who has taken it, if anybody has."""
    is_open = one.status == "new"
    stands = _("Nobody has it yet") if not owner else _("{name} has it").format(name=owner)
    if is_mine:
        stands = _("You have it")
    return asked_row(one) | {
        "patient": one.patient_name,
        "bill": _("Bill {number}").format(number=one.number) if one.number else _("All bills"),
        "href": i18n.localized_path(locale, f"/staff/bills/{one.bill_id}" if one.bill_id else "/staff/bills"),
        "due": i18n.format_moment(one.due_at, one.zone) if is_open else "",
        "late": _("Late") if is_open and one.due_at < clock.now() else "",
        "status": stands if is_open else _("Answered"),
        "tone": ("good" if is_mine else "info") if is_open else "plain",
        "is_open": "yes" if is_open else "",
        "state": "take" if is_open and not is_mine else "",
        "ended": i18n.format_moment(one.ended_at, one.zone) if one.ended_at else "",
    }
