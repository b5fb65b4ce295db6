"""POST /reminder/answer: the buttons of a reminder's page, for somebody who has not signed in.

Plain forms, so that they work in whatever opens a link in a mail; a GET changes nothing.
"""

from typing import get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.core import db, i18n, limits
from portal_app.core.errors import PortalError
from portal_app.features.booking import service as booking
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute

ANSWER_LIMIT = "30/10 minutes"


async def answer(request: Request) -> Response:
    """Do what the tapped button says to the one appointment of the link, and show the page again."""
    form = await request.form()
    key, locale, wish = (str(form.get(name, "")) for name in ("key", "locale", "answer"))
    address = client_address(request.scope, get_settings().proxy_hops)
    browser = cookies.read_secret(request.headers.get("cookie"))
    said = {"key": key}
    try:
        await limits.count(ANSWER_LIMIT, "reminder", address)
        async with db.opened().act_as_visitor(browser, "booking.answer_link", address) as tx:
            if wish in get_args(booking.Answer):
                await booking.answer_link(tx, key, wish)  # type: ignore[arg-type]
                said["done"] = wish
    except PortalError as error:
        said = {"key": key, "problem": error.code}
    page = i18n.localized_path(locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE, "/reminder")
    return RedirectResponse(f"{page}?{urlencode(said)}", 303, headers={"cache-control": "no-store"})


routes = [PolicyRoute("/reminder/answer", answer, policy="booking.answer_link", methods=["POST"])]
