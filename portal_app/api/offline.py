"""GET /offline, in each language: what a device shows that reaches nobody. It says nothing of anybody."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from portal_app.core.i18n import LOCALES, locale_of_path, localized_path
from portal_app.web import plain_pages
from portal_app.web.route import PolicyRoute


async def offline(request: Request) -> Response:
    """Return the page with the practice's number, as it is now."""
    body, _policy = plain_pages.render(plain_pages.OFFLINE, locale_of_path(request.url.path))
    return HTMLResponse(body, headers={"cache-control": "no-cache"})


routes = [PolicyRoute(localized_path(locale, "/offline"), offline, policy="web.offline") for locale in LOCALES]
