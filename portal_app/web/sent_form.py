"""A form that brings a file, held in memory: nothing of it is on disk before it is encrypted."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from portal_app.core.contents import FILE_MOST_BYTES

FIELDS_MOST: Final = 4
SENT_FORMS: Final = ("40/10 minutes", "forms with a file")
"""How often one session may send such a form: it lies in memory while it comes, and is taken apart."""


class _InMemory(MultiPartParser):
    """Starlette's own writes what is longer than a megabyte to a temporary file, as it was sent."""

    spool_max_size = FILE_MOST_BYTES + 1_000_000


@asynccontextmanager
async def form_with_file(request: Request) -> AsyncIterator[FormData]:
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
