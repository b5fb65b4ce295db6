"""What our own routes answer when they fail: a plain page in the reader's language."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from portal_app.core.errors import DatabaseAway, NotAllowed, NotFound, NotSignedIn, PortalError, TooManyTries
from portal_app.core.i18n import locale_of_path
from portal_app.web import plain_pages
from portal_app.web.limits import BodyTooLarge
from portal_app.web.plain_pages import PlainPage

log = structlog.get_logger(__name__)

_PAGES: tuple[tuple[type[Exception], PlainPage], ...] = (
    (BodyTooLarge, plain_pages.TOO_LARGE),
    (DatabaseAway, plain_pages.AWAY),
    (TooManyTries, plain_pages.TOO_MANY),
    (NotFound, plain_pages.NOT_FOUND),
    # Whether it exists for somebody else is nobody's business.
    (NotAllowed, plain_pages.NOT_FOUND),
    (NotSignedIn, plain_pages.NOT_FOUND),
)


def locale_of_reader(path: str, referer: str | None) -> str:
    """Return the language of the page a request was sent from; an address without a language says nothing."""
    return locale_of_path(urlsplit(referer).path if referer else path)


async def _answer(request: Request, error: Exception) -> Response:
    page = next((page for kind, page in _PAGES if isinstance(error, kind)), plain_pages.FAILED)
    if page is plain_pages.FAILED:
        log.error("route_failed", path=request.url.path, error=type(error).__name__)
    body, _policy = plain_pages.render(page, locale_of_reader(request.url.path, request.headers.get("referer")))
    return HTMLResponse(body, page.status, {"cache-control": "no-store"})


error_answers: Mapping[Any, Any] = {PortalError: _answer, BodyTooLarge: _answer, Exception: _answer}
"""For Starlette's `exception_handlers`."""
