"""POST /auth/still-here: a page of the staff's says that somebody is at the screen, or asks how long it may stay.

POST /auth/typed: a patient's page asks for the key with which it keeps what is typed while they prove themself anew.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal_app.api.passkeys import credential_of
from portal_app.api.sign_in import text_of
from portal_app.core import db
from portal_app.core.errors import NotSignedIn, PortalError, SecondFactorNeeded
from portal_app.features.access import rules, staying
from portal_app.web.next_path import proof_path
from portal_app.web.route import PolicyRoute


async def still_here(request: Request) -> Response:
    """Answer with the seconds that are left, or with where somebody proves themself to go on."""
    form = await request.form()
    path, _mark, query = rules.safe_next(text_of(form, "at")).partition("?")
    try:
        async with db.opened().act_as(credential_of(request), "access.stay_in") as tx:
            found = await staying.still_here(tx, is_somebody_here=text_of(form, "here") == "yes")
    except NotSignedIn as error:
        return _answer({"leave": proof_path(error, path, query)})
    if found.left_s == 0:
        return _answer({"leave": proof_path(SecondFactorNeeded(), path, query)})
    return _answer({"left": found.left_s, "name": found.name, "key": found.key})


async def typed(request: Request) -> Response:
    """Answer with the name and the key of what this person types; with neither if no patient is signed in."""
    try:
        async with db.opened().act_as(credential_of(request), "access.keep_typed") as tx:
            name, key = staying.typed_key(tx)
    except PortalError:
        return _answer({})
    return _answer({"name": name, "key": key})


def _answer(said: dict[str, str | float | None]) -> Response:
    return JSONResponse(said, headers={"cache-control": "no-store"})


routes = [
    PolicyRoute("/auth/still-here", still_here, policy="access.stay_in", methods=["POST"]),
    PolicyRoute("/auth/typed", typed, policy="access.keep_typed", methods=["POST"]),
]
