"""Files as people send them."""

import io
from collections.abc import AsyncIterator, Callable
from typing import Any

from PIL import Image
from pypdf import PdfWriter


def picture(kind: str = "PNG", width: int = 40, height: int = 30) -> bytes:
    """Return a picture of one colour."""
    held = io.BytesIO()
    Image.new("RGB", (width, height), "#0b6b62").save(held, kind)
    return held.getvalue()


def paper(change: Callable[[PdfWriter], Any] = lambda _writer: None) -> bytes:
    """Return a PDF of one empty page, after `change` has done something to it."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


async def parts(content: bytes) -> AsyncIterator[bytes]:
    """Yield it as it arrives."""
    for start in range(0, len(content), 100_000):
        yield content[start : start + 100_000]
