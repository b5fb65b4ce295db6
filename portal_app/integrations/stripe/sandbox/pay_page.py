"""What the pay page says; the portal draws it as one of its plain pages, at its own address."""

from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from portal_app.core.i18n import LOCALES, N_, _, current, format_money, locale_of_path, use
from portal_app.features.billing.money import decimals_of
from portal_app.integrations.stripe.sandbox.cards import MEANS, WORKS, Means
from portal_app.integrations.stripe.sandbox.store import Thing

_TOLD: Final = {
    "generic_decline": N_("The bank declined this card. Nothing was paid. Choose another."),
    "insufficient_funds": N_("There is not enough money on this card. Nothing was paid. Choose another."),
    "payment_intent_authentication_failure": N_("The bank was told that this was not you. Nothing was paid."),
}


def pay_page(session: Thing, intent: Thing | None) -> dict[str, Any]:
    """Return title and body of the page of a session, in the language of the page the person came from."""
    with use(_language(session)):
        if session["status"] != "open":
            return _page(_("This payment is closed"), _closed(session))
        if intent is not None and intent["status"] == "requires_action":
            return _page(_("Your bank asks: is this you?"), _bank(session))
        sum_words = format_money(session["amount_total"], session["currency"].upper(), _places(session))
        return _page(_("Pay {amount}, for practice").format(amount=sum_words), _choices(session, intent))


def _places(session: Thing) -> int:
    return decimals_of(session["currency"].upper())


def _language(session: Thing) -> str:
    """Return the language of the page people go back to: Stripe's own page knows fewer than we do."""
    found = locale_of_path(urlsplit(session["success_url"]).path)
    asked = session["locale"]
    return asked if found == "en" and asked in LOCALES else found


def _page(title: str, body: str) -> dict[str, Any]:
    return {"title": title, "body": f"<p>{escape(_warning())}</p>{body}", "language": current()}


def _warning() -> str:
    return _("This is practice money. It is not Stripe, no card is charged, and nothing here asks for a real card.")


def _button(words: str, name: str, value: str) -> str:
    return f'<p><button name="{name}" value="{escape(value, quote=True)}">{escape(words)}</button></p>'


def _form(session: Thing, inside: str) -> str:
    return f'<form method="post" action="/practice-payments/pay/{escape(session["id"], quote=True)}">{inside}</form>'


def _choices(session: Thing, intent: Thing | None) -> str:
    words = escape(", ".join(line["description"] for line in session["practice_lines"]))
    fitting = [one for one in MEANS.values() if one.details()["type"] in session["payment_method_types"]]
    buttons = "".join(_button(_means_words(one), "card", one.number) for one in fitting)
    return f"<p>{words}</p>{_failure(intent)}{_form(session, buttons)}{_cancel(session)}"


def _means_words(means: Means) -> str:
    number = means.number if means.is_debit else " ".join(means.number[at : at + 4] for at in range(0, 16, 4))
    words = _("Pay with the card that works") if means.number == WORKS else _(means.words)
    # The number is of every language, and is read from left to right in each.
    return f"{words}: \u2066{number}\u2069"


def _failure(intent: Thing | None) -> str:
    error = intent["last_payment_error"] if intent else None
    if not error:
        return ""
    words = _TOLD.get(error.get("decline_code") or error["code"], N_("Nothing was paid. Choose another."))
    return f'<p role="alert"><strong>{escape(_(words))}</strong></p>'


def _bank(session: Thing) -> str:
    words = escape(_("A real bank would send you to its app here (3-D Secure)."))
    buttons = _button(_("Yes, this is me"), "bank", "yes") + _button(_("No, this is not me"), "bank", "no")
    return f"<p>{words}</p>{_form(session, buttons)}"


def _cancel(session: Thing) -> str:
    if not session["cancel_url"]:
        return ""
    words = escape(_("Go back without paying"))
    return f'<p><a href="{escape(session["cancel_url"], quote=True)}">{words}</a></p>'


def _closed(session: Thing) -> str:
    if session["status"] == "complete":
        words, address = _("It has been paid, or is on its way."), way_back(session)
    else:
        words, address = _("It was open for too long, or another one took its place."), session["cancel_url"]
    link = f'<p><a href="{escape(address, quote=True)}">{escape(_("Go back"))}</a></p>' if address else ""
    return f"<p>{escape(words)}</p>{link}"


def way_back(session: Thing) -> str:
    """Return where somebody who has paid goes."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
