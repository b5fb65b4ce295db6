"""POST /auth/as-patient and /auth/as-patient/stop: plain forms, because seeing as a patient does is another cookie."""

from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.sign_in import locale_of, secret_of, signed_in, text_of
from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.errors import InputRefused, NotFound
from portal_app.features.privacy import service as privacy
from portal_app.settings import get_settings
from portal_app.web.request import client_address
from portal_app.web.route import PolicyRoute

_PROBLEMS: dict[type[Exception], str] = {InputRefused: "kind", privacy.LookRefused: "refused"}
"""What the page is told; that a patient refuses it sees for itself."""


async def see(request: Request) -> Response:
    """Give the browser a session that sees a chart as its patient does, in place of the one at work."""
    form = await request.form()
    address = client_address(request.scope, get_settings().proxy_hops)
    credential = Credential(secret_of(request), address, request.headers.get("user-agent", ""))
    chart, kind = text_of(form, "chart"), text_of(form, "kind")
    try:
        async with db.opened().act_as(credential, "privacy.see_as_patient") as tx:
            session = await privacy.see_as_patient(tx, UUID(chart), kind)
    except (ValueError, NotFound, InputRefused, privacy.LookRefused) as error:
        problem = _PROBLEMS.get(type(error), "chart")
        query = urlencode({"chart": chart, "problem": problem})
        target = f"{i18n.localized_path(locale_of(form), '/staff/as-patient')}?{query}"
        return RedirectResponse(target, 303, {"cache-control": "no-store"})
    return signed_in(session, "/")


async def stop(request: Request) -> Response:
    """End the look, and give the browser back a session at work; whoever has none starts where they begin."""
    address = client_address(request.scope, get_settings().proxy_hops)
    async with db.opened().act_as_visitor("", "privacy.stop_seeing", address) as tx:
        session = await privacy.stop_seeing(tx, secret_of(request))
    return signed_in(session, "/") if session else RedirectResponse("/", 303, {"cache-control": "no-store"})


routes = [
    PolicyRoute("/auth/as-patient", see, policy="privacy.see_as_patient", methods=["POST"]),
    PolicyRoute("/auth/as-patient/stop", stop, policy="privacy.stop_seeing", methods=["POST"]),
]
