"""A form that brings a file, held in memory: nothing of it is on disk before it is encrypted."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from portal_app.core import db, limits
from portal_app.core.actor import Credential
from portal_app.core.contents import FILE_MOST_BYTES
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import NotAllowed, NotFound, NotSignedIn, StepUpNeeded, TooManyTries

FIELDS_MOST: Final = 4
_HEADERS: Final = {"cache-control": "no-store"}
_OFTEN: Final = ("40/10 minutes", "forms with a file")
"""How often one session may send such a form: it lies in memory while it comes, and is taken apart."""


class _InMemory(MultiPartParser):
    """Starlette's own writes what is longer than a megabyte to a temporary file, as it was sent."""

    spool_max_size = FILE_MOST_BYTES + 1_000_000


May = Callable[[Transaction], Awaitable[object]]
Keep = Callable[[FormData], Awaitable[Response]]


async def take_form(request: Request, credential: Credential, policy: str, *, may: May, keep: Keep) -> Response:
    """Read a form with a file once `may` raises nothing, and `keep` it; of whoever may not, nothing is read.

    `keep` is called outside any transaction, and asks again in its own.
    """
    try:
        await limits.count(*_OFTEN, secret_hash(credential.session_secret))
        async with db.opened().act_as(credential, policy) as tx:
            await may(tx)
        async with _form_with_file(request) as form:
            return await keep(form)
    except TooManyTries:
        return PlainTextResponse("Too many", 429, _HEADERS)
    except (NotSignedIn, NotAllowed, StepUpNeeded, NotFound):
        return PlainTextResponse("Not found", 404, _HEADERS)


@asynccontextmanager
async def _form_with_file(request: Request) -> AsyncIterator[FormData]:
    """Read a form of a few fields and one file, from somebody who may send it: it is held in memory while it comes.

    How long it may be is its route's to say.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=0, max_fields=FIELDS_MOST) as form:
            yield form
        return
    try:
        async with aclosing(request.stream()) as stream:
            parser = _InMemory(request.headers, stream, max_files=1, max_fields=FIELDS_MOST)
            form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400) from error
    try:
        yield form
    finally:
        await form.close()
