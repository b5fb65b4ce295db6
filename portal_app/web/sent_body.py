"""A file sent from a page that stays as it is: the content is the body itself.

So nothing of it is written anywhere before it is encrypted; headers of our own say what no other site can send. It is
read before anything is kept: on a poor line that takes longer than a transaction may.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal_app.core import db, i18n, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, NotSignedIn, StepUpNeeded, TooManyTries
from portal_app.core.i18n import _
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address

_HEADERS: Final = {"cache-control": "no-store"}
_HIDDEN: Final = (NotSignedIn, NotAllowed, StepUpNeeded, NotFound)

Keep = Callable[[Transaction, AsyncIterator[bytes]], Awaitable[object]]


async def take(
    request: Request,
    policy: str,
    *,
    limit: tuple[str, str],
    may: Callable[[Transaction], Awaitable[object]],
    keep: Keep,
    hidden: tuple[type[Exception], ...] = (),
) -> Response:
    """Read the body once `may` raises nothing, and `keep` it; a refusal is said in the words of the page.

    Args:
        limit: how often one session may, and what it is counted under.
        hidden: errors of the feature's own that are answered as if there were nothing.
    """
    often, about = limit
    unseen: tuple[type[Exception], ...] = (*_HIDDEN, *hidden)
    secret = cookies.read_secret(request.headers.get("cookie"))
    credential = Credential(secret, client_address(request.scope, get_settings().proxy_hops))
    try:
        await limits.count(often, about, secret_hash(secret))
        async with db.opened().act_as(credential, policy) as tx:
            await may(tx)
        content = await request.body()
        async with db.opened().act_as(credential, policy) as tx:
            await keep(tx, _parts(content))
    except InputRefused as error:
        return _refused(request, error.reason, 422)
    except TooManyTries as error:
        return _refused(request, error.message, 429)
    except ClientDisconnect:
        return Response(status_code=400)
    except unseen:
        return nothing_there()
    return Response(status_code=204, headers=_HEADERS)


def nothing_there() -> Response:
    """Return the one answer for what is not there and for what is not theirs."""
    return PlainTextResponse("Not found", 404, _HEADERS)


def request_key(request: Request) -> UUID | None:
    """Return which tap sent it, or None where that is not said."""
    try:
        return UUID(request.headers.get("x-request-key", ""))
    except ValueError:
        return None


def _refused(request: Request, reason: str, status: int) -> Response:
    locale = request.headers.get("x-locale", "")
    with i18n.use(locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE):
        return JSONResponse({"words": _(reason)}, status, _HEADERS)


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    yield content
