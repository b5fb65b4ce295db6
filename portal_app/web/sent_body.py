"""A file sent from a page that stays as it is: the content is the body itself.

So nothing of it is written anywhere before it is encrypted; headers of our own say what no other site can send. It is
read, looked through and taken apart before anything is kept and outside any transaction, which it would hold too long:
once it is clean, who may send it is asked again.

It comes whole, or in pieces that each say where they belong (`x-upload-offset`, of `x-upload-length` in all, under one
`x-request-key`): 202 with how far it has come, 409 with the same where a piece does not fit, 204 once it is kept. Who
may send it is asked for each piece.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal_app.core import db, i18n, limits, uploads
from portal_app.core.actor import Credential
from portal_app.core.contents import FILE_MOST_BYTES, CleanContent, FileNotSeen, FileRules, cleaned
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import InputRefused, NotAllowed, NotFound, NotSignedIn, StepUpNeeded, TooManyTries
from portal_app.core.i18n import N_, _
from portal_app.settings import get_settings
from portal_app.web import cookies
from portal_app.web.request import client_address

_HEADERS: Final = {"cache-control": "no-store"}
_HIDDEN: Final = (NotSignedIn, NotAllowed, StepUpNeeded, NotFound)
_PIECES: Final = ("1000/10 minutes", "pieces of files")
_APART: Final = ("40/10 minutes", "files taken apart")
"""A file whose last piece is sent again and again is taken apart each time."""
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_TOO_LARGE: Final = N_("This file is too large. Choose a smaller one, or take the picture again.")

May = Callable[[Transaction], Awaitable[object]]
Keep = Callable[[Transaction, CleanContent], Awaitable[object]]


async def take(
    request: Request,
    policy: str,
    *,
    limit: tuple[str, str],
    may: May,
    keep: Keep,
    rules: FileRules | None = None,
    longest: int = FILE_MOST_BYTES,
    hidden: tuple[type[Exception], ...] = (),
) -> Response:
    """Read the body once `may` raises nothing, and `keep` it; a refusal is said in the words of the page.

    Args:
        limit: how often one session may, and what it is counted under.
        rules: what is taken.
        longest: how long a file may be that comes in pieces; told before any of it is read.
        hidden: errors of the feature's own that are answered as if there were nothing.
    """
    often, about = limit
    unseen: tuple[type[Exception], ...] = (*_HIDDEN, *hidden)
    secret = cookies.read_secret(request.headers.get("cookie"))
    credential = Credential(secret, client_address(request.scope, get_settings().proxy_hops))
    piece = _piece(request)
    try:
        if piece is not None and piece.offset_bytes > 0:
            often, about = _PIECES
        await limits.count(often, about, secret_hash(secret))
        async with db.opened().act_as(credential, policy) as tx:
            await may(tx)
        _require_room(piece, longest)
        content = await request.body()
        if piece is not None:
            found = await _arrived(credential, policy, piece, content, may)
            if not isinstance(found, bytes):
                return found
            content = found
        await limits.count(*_APART, secret_hash(secret))
        clean = await cleaned(_parts(content), rules or FileRules())
        async with db.opened().act_as(credential, policy) as tx:
            await may(tx)
            await _keep_once(tx, piece, clean, keep)
    except (InputRefused, TooManyTries) as error:
        if piece is not None and not isinstance(error, FileNotSeen | TooManyTries):
            await _forget(credential, policy, piece)
        return _refused(request, error)
    except ClientDisconnect:
        return Response(status_code=400)
    except unseen:
        return nothing_there()
    return _at(204, piece.size_bytes) if piece is not None else Response(status_code=204, headers=_HEADERS)


@dataclass(frozen=True, slots=True)
class _Piece:
    request_key: UUID
    address: str
    size_bytes: int
    offset_bytes: int


def _piece(request: Request) -> _Piece | None:
    """Return which piece a request brings, None where it brings all of a file."""
    size, offset = request.headers.get("x-upload-length", ""), request.headers.get("x-upload-offset", "")
    key = request_key(request)
    if key is None or not (_NUMBER.fullmatch(size) and _NUMBER.fullmatch(offset)):
        return None
    return _Piece(key, request.url.path, int(size), int(offset))


def _require_room(piece: _Piece | None, longest: int) -> None:
    if piece is not None and piece.size_bytes > longest:
        raise InputRefused("file", _TOO_LARGE)


async def _arrived(credential: Credential, policy: str, piece: _Piece, content: bytes, may: May) -> bytes | Response:
    """Keep a piece and say how far the file has come; return all of it once it is there."""
    async with db.opened().act_as(credential, policy) as tx:
        await may(tx)
        found = await uploads.add_piece(
            tx, piece.request_key, piece.address, size_bytes=piece.size_bytes, offset_bytes=piece.offset_bytes,
            piece=content,
        )  # fmt: skip
        if found is None:
            return _at(409, (await uploads.arrived(tx, piece.request_key, piece.address)).offset_bytes)
    if found.content is not None:
        return found.content
    return _at(204 if found.is_kept else 202, found.offset_bytes)


async def _keep_once(tx: Transaction, piece: _Piece | None, clean: CleanContent, keep: Keep) -> None:
    if piece is None:
        await keep(tx, clean)
    elif await uploads.is_still_to_keep(tx, piece.request_key, piece.address):
        await keep(tx, clean)
        await uploads.set_kept(tx, piece.request_key)


def _at(status: int, offset_bytes: int) -> Response:
    return Response(status_code=status, headers=_HEADERS | {"x-upload-offset": str(offset_bytes)})


async def _forget(credential: Credential, policy: str, piece: _Piece) -> None:
    """Let go of what is refused, in a transaction of its own: the one of the refusal was taken back."""
    with contextlib.suppress(*_HIDDEN):
        async with db.opened().act_as(credential, policy) as tx:
            await uploads.forget(tx, piece.request_key)


def nothing_there() -> Response:
    """Return the one answer for what is not there and for what is not theirs."""
    return PlainTextResponse("Not found", 404, _HEADERS)


def sent_name(request: Request) -> str:
    """Return what a file that is sent is called, by the header of our own that says it."""
    return unquote(request.headers.get("x-filename", ""))[:200]


def request_key(request: Request) -> UUID | None:
    """Return which tap sent it, or None where that is not said."""
    try:
        return UUID(request.headers.get("x-request-key", ""))
    except ValueError:
        return None


def _refused(request: Request, error: InputRefused | TooManyTries) -> Response:
    """Say it in the words of the page: 503 and 429 for what may come again as it is, 422 for what may not."""
    reason, status = (error.message, 429) if isinstance(error, TooManyTries) else (error.reason, 422)
    if isinstance(error, FileNotSeen):
        status = 503
    locale = request.headers.get("x-locale", "")
    with i18n.use(locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE):
        return JSONResponse({"words": _(reason)}, status, _HEADERS)


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    yield content
