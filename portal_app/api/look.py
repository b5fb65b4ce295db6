"""POST /auth/look: how large and strong somebody reads the portal, for the first HTML of every page from then on."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal_app.api.sign_in import locale_of, secret_of, text_of
from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.errors import InputRefused, NotSignedIn
from portal_app.features.profile import service as profile
from portal_app.web import cookies
from portal_app.web.next_path import sign_in_path
from portal_app.web.route import PolicyRoute


async def choose_look(request: Request) -> Response:
    """Keep the choice with the person and in the browser, and show their page in it."""
    form = await request.form()
    page = i18n.localized_path(locale_of(form), "/profile")
    size, contrast = text_of(form, "text"), text_of(form, "contrast")
    try:
        async with db.opened().act_as(Credential(secret_of(request)), "profile.choose_look") as tx:
            await profile.choose_look(tx, size, contrast)
    except NotSignedIn:
        return RedirectResponse(sign_in_path(page), 303)
    except InputRefused:
        return RedirectResponse(f"{page}/answer?q=look", 303)
    answer = RedirectResponse(f"{page}?done=saved", 303, headers={"cache-control": "no-store"})
    answer.headers.append("set-cookie", cookies.set_look_cookie(f"{size}.{contrast}"))
    return answer


routes = [PolicyRoute("/auth/look", choose_look, policy="profile.choose_look", methods=["POST"])]
