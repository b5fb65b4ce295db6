"""The pay page of the stand-in for Stripe, at the demo's own address: also a phone on the network reaches it there."""

import re
from typing import Final
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal_app.core import i18n
from portal_app.core.errors import NotFound
from portal_app.settings import get_settings
from portal_app.web import plain_pages, policies
from portal_app.web.route import PolicyRoute

_SESSION: Final = re.compile(r"cs_test_[0-9a-f]+")
_NO_STORE: Final = {"cache-control": "no-store"}


async def pay(request: Request) -> Response:
    """Show what the stand-in says of a session, or go where it leads after a tap. Raises NotFound."""
    settings = get_settings()
    if not settings.practises_payments or not _SESSION.fullmatch(request.path_params["session_id"]):
        raise NotFound
    address = f"{settings.stripe_api_base}/pages/pay/{request.path_params['session_id']}"
    body = await request.body()
    try:
        async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
            answer = await client.request(request.method, address, content=body)
    except httpx.HTTPError:
        html, _policy = plain_pages.render(plain_pages.AWAY, i18n.DEFAULT_LOCALE)
        return HTMLResponse(html, plain_pages.AWAY.status, _NO_STORE)
    if not answer.is_success:
        raise NotFound
    said = answer.json()
    if "go_to" in said:
        return RedirectResponse(_here(said["go_to"]), 303, _NO_STORE)
    with i18n.use(said["language"]):
        return HTMLResponse(plain_pages.document(said["title"], said["body"]), headers=_NO_STORE)


def _here(address: str) -> str:
    """Return an address of ours as a path: the browser may know this portal by another name."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if address.startswith(get_settings().public_origin) else address


routes: list[PolicyRoute] = []
demo_routes = [
    PolicyRoute("/practice-payments/pay/{session_id:str}", pay, policy=policies.PRACTISE, methods=["GET", "POST"]),
]
