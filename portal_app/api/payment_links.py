"""/pay-link: the page behind a statement's link, for somebody who has not signed in: a sum, the practice, one button.

Plain pages, so that they work in whatever opens a link in a mail; a GET changes nothing.
"""

from html import escape
from typing import Final
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal_app.core import db, i18n, limits
from portal_app.core.errors import NotFound, PortalError, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.features.billing import service as billing
from portal_app.features.payments import service as payments
from portal_app.features.practice import service as practice
from portal_app.settings import get_settings
from portal_app.web import cookies, plain_pages
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute

POLICY: Final = "payments.pay_by_link"
READ_LIMIT: Final = "60/10 minutes"
_NO_STORE: Final = {"cache-control": "no-store", "x-robots-tag": "noindex"}

GONE: Final = (
    N_("This link does not work any more"),
    N_("It may have run out, or a part of it is missing. Sign in to see your bills, or call us."),
)
NOTHING: Final = (
    N_("There is nothing left to pay here"),
    N_("It is paid, on its way, or was taken back. You do not have to do anything."),
)
UNPAID: Final = (N_("You have not paid"), N_("You were not charged. Open the link in your mail again to pay."))
OUTCOMES: Final = {
    "paid": (N_("Paid: {amount}"), N_("Thank you. You can close this page.")),
    "processing": (
        N_("Your payment of {amount} is on its way"),
        N_("Your bank takes a few days. You do not have to do anything."),
    ),
    "failed": UNPAID,
    "expired": UNPAID,
    "replaced": UNPAID,
}
NOT_YET: Final = {
    False: (N_("You have not paid yet"), N_("You were not charged. You can go on where you left.")),
    True: (N_("The payment did not go through"), N_("You were not charged. Try another card, or another way to pay.")),
}
"""Of a payment whose page is open still: left, or refused by a bank."""
ASKING: Final = (
    N_("We are asking whether you have paid"),
    N_("If you paid, it is safe. Do not pay a second time: call us if in doubt."),
)


async def show(request: Request) -> Response:
    """Show the sum of a link and the button with it."""
    locale = i18n.locale_of_path(request.url.path)
    token = request.query_params.get("key", "")
    name, phone = await _us(request)
    with i18n.use(locale):
        try:
            found = await payments.read_link(db.opened(), token)
        except NotFound:
            return _page(_(GONE[0]), _(GONE[1]), phone, 404)
        if found.due is None or payments.processor_in_use() is None:
            return _page(_(NOTHING[0]), _(NOTHING[1]), phone)
        amount = _money(found.due.online_minor or found.due.amount_minor, found.due.currency)
        form = _form(payments.LINK_PATH, locale, amount, _key(token))
        return _page(_("Pay {amount}").format(amount=amount), name, phone, form=form)


async def begin(request: Request) -> Response:
    """Begin to pay what the link is for, and hand the browser over to where it is paid."""
    form = await request.form()
    locale = i18n.locale_of_path(request.url.path)
    _name, phone = await _us(request)
    with i18n.use(locale):
        try:
            key = _uuid(str(form.get("request", "")))
            token = str(form.get("key", ""))
            address = await payments.start_by_link(db.opened(), payments.processor(), token, key, locale)
        except NotFound:
            return _page(_(GONE[0]), _(GONE[1]), phone, 404)
        except payments.NothingOwed:
            return _page(_(NOTHING[0]), _(NOTHING[1]), phone)
        except (TooManyTries, billing.KeyUsedOtherwise, *payments.NOT_BEGUN) as error:
            return _page(_("You have not paid"), _(error.message), phone, 409)
        page = plain_pages.hand_over(address, _("our payment service"), locale)
    return HTMLResponse(page, headers=_NO_STORE)


async def come_back(request: Request) -> Response:
    """Say what became of a payment: asked of whoever took the money, never believed of the address."""
    locale = i18n.locale_of_path(request.url.path)
    _name, phone = await _us(request)
    with i18n.use(locale):
        attempt_id = _uuid(request.query_params.get("attempt", ""))
        try:
            said = await payments.link_outcome(db.opened(), payments.processor(), attempt_id)
        except NotFound:
            return _page(_(GONE[0]), _(GONE[1]), phone, 404)
        except PortalError:
            return _asking(locale, attempt_id, phone)
        amount = _money(said.amount_minor, said.currency)
        if said.status in ("new", "open"):
            title, words = NOT_YET[said.problem != ""]
            hidden = f'<input type="hidden" name="attempt" value="{attempt_id}">'
            return _page(_(title), _(words), phone, form=_form(payments.LINK_RETURN_PATH, locale, amount, hidden))
        if said.status not in OUTCOMES:  # what was said of it was set aside
            return _asking(locale, attempt_id, phone)
        title, words = OUTCOMES[said.status]
        return _page(_(title).format(amount=amount), _(words), phone)


async def go_on(request: Request) -> Response:
    """Hand the browser over to the page that somebody left unpaid; where it is over, say what became of it."""
    form = await request.form()
    locale = i18n.locale_of_path(request.url.path)
    _name, phone = await _us(request)
    with i18n.use(locale):
        attempt_id = _uuid(str(form.get("attempt", "")))
        try:
            address = await payments.go_on_by_link(db.opened(), payments.processor(), attempt_id)
        except NotFound:
            return _page(_(GONE[0]), _(GONE[1]), phone, 404)
        except TooManyTries as error:
            return _page(_("You have not paid"), _(error.message), phone, 409)
        except payments.NOT_BEGUN:
            return RedirectResponse(_back(locale, attempt_id), 303, _NO_STORE)
        page = plain_pages.hand_over(address, _("our payment service"), locale)
    return HTMLResponse(page, headers=_NO_STORE)


async def _us(request: Request) -> tuple[str, str]:
    """Count the look, and return the practice's name and the number for bills. Raises TooManyTries."""
    address = client_address(request.scope, get_settings().proxy_hops)
    await limits.count(READ_LIMIT, "pay links of a network", network_of(address))
    browser = cookies.read_secret(request.headers.get("cookie"))
    async with db.opened().act_as_visitor(browser, POLICY, address) as tx:
        return (await practice.practice(tx)).name, (await practice.phone_line(tx, "billing")).number


def _page(title: str, words: str, phone: str, status: int = 200, form: str = "") -> Response:
    call = escape(_("Call {phone}").format(phone=phone))
    link = f'<p><a href="tel:{escape(phone.replace(" ", ""), quote=True)}"><bdi>{call}</bdi></a></p>' if phone else ""
    body = f"<p><bdi>{escape(words)}</bdi></p>{form}{link}"
    return HTMLResponse(plain_pages.document(title, body), status, _NO_STORE)


def _asking(locale: str, attempt_id: UUID, phone: str) -> Response:
    again = plain_pages.link(_("Look again"), _back(locale, attempt_id))
    return _page(_(ASKING[0]), _(ASKING[1]), phone, 503, again)


def _back(locale: str, attempt_id: UUID) -> str:
    return f"{i18n.localized_path(locale, payments.LINK_RETURN_PATH)}?attempt={attempt_id}"


def _form(path: str, locale: str, amount: str, hidden: str) -> str:
    action = i18n.localized_path(locale, path)
    label = escape(_("Pay {amount}").format(amount=amount))
    note = escape(_("Our payment service takes your card. It learns how much you pay, and nothing of your health."))
    return f'<form method="post" action="{action}">{hidden}<button>{label}</button></form><p>{note}</p>'


def _key(token: str) -> str:
    return (
        f'<input type="hidden" name="key" value="{escape(token, quote=True)}">'
        f'<input type="hidden" name="request" value="{uuid4()}">'
    )


def _money(amount_minor: int, currency: str) -> str:
    return i18n.format_money(amount_minor, currency, billing.decimals_of(currency))


def _uuid(written: str) -> UUID:
    """Return what was written as an id, or, where it is none, one that nothing has."""
    try:
        return UUID(written)
    except ValueError:
        return uuid4()


routes = [
    route
    for locale in i18n.LOCALES
    for route in (
        PolicyRoute(i18n.localized_path(locale, payments.LINK_PATH), show, policy=POLICY),
        PolicyRoute(i18n.localized_path(locale, payments.LINK_PATH), begin, policy=POLICY, methods=["POST"]),
        PolicyRoute(i18n.localized_path(locale, payments.LINK_RETURN_PATH), come_back, policy=POLICY),
        PolicyRoute(i18n.localized_path(locale, payments.LINK_RETURN_PATH), go_on, policy=POLICY, methods=["POST"]),
    )
]
