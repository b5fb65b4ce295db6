"""POST /room/redeem: exchange the link of an invitation for the key of one visit's room, in a cookie of its own.

A form, not a GET: programs that check mail open every link in it, and a link works once.
"""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.core import clock, db, i18n, limits
from portal_app.core.errors import PortalError
from portal_app.features.visits import policies
from portal_app.features.visits import service as visits
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address, network_of
from portal_app.web.route import PolicyRoute

PAGE: Final = "/room"
LIMIT: Final = "30/10 minutes"
_HEADERS: Final = {"cache-control": "no-store"}


async def redeem(request: Request) -> Response:
    """Use a link; whatever is wrong with it, the answer is the same."""
    form = await request.form()
    key, name, locale = (str(form.get(field, "")) for field in ("key", "name", "locale"))
    page = i18n.localized_path(locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE, PAGE)
    try:
        await limits.count(LIMIT, "room", network_of(client_address(request.scope, get_settings().proxy_hops)))
        async with db.opened().act_as_system("visits.redeem") as tx:
            room = await visits.redeem(tx, key, name)
    except PortalError as error:
        return RedirectResponse(f"{page}?{urlencode({'problem': error.code})}", 303, headers=_HEADERS)
    life_s = int((room.expires_at - clock.now()).total_seconds())
    return RedirectResponse(page, 303, headers=_HEADERS | {"set-cookie": cookies.set_room_cookie(room.secret, life_s)})


routes = [PolicyRoute("/room/redeem", redeem, policy=policies.REDEEM.name, methods=["POST"])]
