"""Files that somebody takes away from a page: made for them now, and stored nowhere else."""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from portal_app.core import db, i18n
from portal_app.core.actor import Credential
from portal_app.core.db import Transaction
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn, OnlyLooking, StepUpNeeded
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.next_path import proof_path
from portal_app.web.request import client_address

TAKEN_AWAY: Final = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
}
"""With these headers no cache keeps a file; the gate, which has the last word, lets it load and run nothing."""


class Paper(Protocol):
    """A file and the name it is kept under, which says nothing about health."""

    @property
    def content(self) -> bytes | str:
        """Return what is in it."""

    @property
    def filename(self) -> str:
        """Return its name, in plain letters."""


class Written(NamedTuple):
    """A paper that was written just now."""

    content: str
    filename: str


class Printed(NamedTuple):
    """A paper that was printed just now."""

    content: bytes
    filename: str


async def hand_out(
    request: Request,
    policy: str,
    make: Callable[[Transaction], Awaitable[Paper]],
    *,
    back: str,
    media_type: str = "application/pdf",
) -> Response:
    """Send what `make` returns, in the language of the page it was asked on.

    Whoever has to prove more first is led to that page and then `back`. Whether it exists is nobody else's business, so
    that there is one answer for all others.
    """
    address = client_address(request.scope, get_settings().proxy_hops)
    credential = Credential(cookies.read_secret(request.headers.get("cookie")), address)
    locale = request.query_params.get("in", "")
    try:
        async with db.opened().act_as(credential, policy) as tx:
            if tx.actor.is_onlooker():
                raise OnlyLooking  # a look leaves nothing behind
            with i18n.use(locale if locale in i18n.LOCALES else tx.actor.locale):
                paper = await make(tx)
    except (NotSignedIn, StepUpNeeded) as error:
        return RedirectResponse(proof_path(error, back), 303)
    except (NotAllowed, NotFound):
        return PlainTextResponse("Not found", 404, {"cache-control": "no-store"})
    name = {"content-disposition": f'attachment; filename="{paper.filename}"'}
    return Response(paper.content, headers=TAKEN_AWAY | name, media_type=media_type)
