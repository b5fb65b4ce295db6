"""PDF files are read as a viewer would and written anew: refused where something in them acts by itself.

What is written is only what this reader has seen, so that nothing can hide from it: in object streams, in older
versions of the file, behind its end, or where another reader would look. The names are those of ISO 32000-2: 12.6
(actions), 7.11.4 (embedded files), 12.5.6 (annotations), 13 (multimedia), and of XFA 3.3.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Any, Final

from pypdf import PasswordType, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from portal_app.core.cleaning.refused import Refused

PAGES_MOST: Final = 1000
OBJECTS_MOST: Final = 200_000
INFLATED_MOST_BYTES: Final = 1_000_000_000
"""What all streams of a file may grow to: some forty pages scanned in colour."""

_ACTIVE_KEYS: Final = frozenset({
    "/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF", "/Collection", "/RichMediaContent", "/RichMediaSettings",
})  # fmt: skip
_ACTIVE_ACTIONS: Final = frozenset({
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/GoTo3DView", "/RichMediaExecute",
    "/Movie", "/Sound", "/Rendition",
})  # fmt: skip
_ACTIVE_SUBTYPES: Final = frozenset({"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/FileAttachment", "/PS"})
_NOTED: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
"""What programs keep for themselves beside pages and pictures: who made it, when, with what."""
# Of a JPEG's segments: Exif and XMP, colours, Photoshop's, and comments. APP0 and APP14 are needed to draw it.
_NOTED_IN_JPEG: Final = frozenset({0xFE, *range(0xE1, 0xEE), 0xEF})


def written_anew(content: bytes, max_bytes: int) -> bytes:
    """Return the file without what is noted in it about who made it.

    Raises:
        Refused: if it is broken, locked by a password, or does something by itself; if a photo in it is packed
            once more and has more than `max_bytes`.
    """
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise Refused("locked")
    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    if not 0 < len(writer.pages) <= PAGES_MOST or len(writer._objects) > OBJECTS_MOST:  # noqa: SLF001 - no public list
        raise Refused("broken")
    room = INFLATED_MOST_BYTES
    for part in _parts(writer):
        if _is_active(part):
            raise Refused("active")
        for key in _NOTED:
            part.pop(key, None)
        if isinstance(part, StreamObject):
            room -= _cleaned_stream(part, room, max_bytes)
    writer.root_object.pop("/OpenAction", None)
    writer.compress_identical_objects(remove_duplicates=False)  # what nothing points at any more goes
    writer._ID = None  # noqa: SLF001 - it names the file it was made from
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def _parts(writer: PdfWriter) -> Iterator[DictionaryObject]:
    """Yield every dictionary of the file, those within others too, each once."""
    waiting: list[Any] = [one for one in writer._objects if one is not None]  # noqa: SLF001 - as above
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [value for value in one.values() if isinstance(value, DictionaryObject | ArrayObject)]
        elif isinstance(one, ArrayObject):
            waiting += [value for value in one if isinstance(value, DictionaryObject | ArrayObject)]


def _is_active(part: DictionaryObject) -> bool:
    if not _ACTIVE_KEYS.isdisjoint(part) or part.get("/AA"):
        return True
    if _name(part, "/S") in _ACTIVE_ACTIONS or _name(part, "/Subtype") in _ACTIVE_SUBTYPES:
        return True
    if _name(part, "/Type") == "/EmbeddedFile" or (isinstance(part, StreamObject) and "/F" in part):
        return True
    opened = _value(part, "/OpenAction")
    return isinstance(opened, DictionaryObject) and _name(opened, "/S") != "/GoTo"  # a page to begin with is no harm


def _value(part: DictionaryObject, key: str) -> Any:
    """Return what stands under a key, also where it is only pointed at; `get` would return the pointer."""
    return part[key] if part.get(key) is not None else None


def _name(part: DictionaryObject, key: str) -> str:
    found = _value(part, key)
    return str(found) if isinstance(found, str) else ""


def _cleaned_stream(stream: StreamObject, room: int, max_bytes: int) -> int:
    """Take notes out of a photo, and return how much the stream holds once it is unpacked."""
    named = _value(stream, "/Filter")
    filters = [str(one.get_object()) for one in (named if isinstance(named, ArrayObject) else [named]) if one]
    data: bytes = stream._data  # noqa: SLF001 - as it lies in the file; the public way would unpack all of it
    if filters.count("/FlateDecode") > 1 or len(filters) > 2:
        raise Refused("broken")  # nobody packs twice but whoever has something to hide
    size = _inflated_bytes(data, room) if filters[:1] == ["/FlateDecode"] else len(data)
    if filters[-1:] == ["/DCTDecode"]:
        if filters[0] == "/FlateDecode":
            if size > max_bytes:
                raise Refused("too_large")
            data = zlib.decompressobj().decompress(data, size)
            stream[NameObject("/Filter")] = NameObject("/DCTDecode")
            stream.pop("/DecodeParms", None)
        stream._data = _bare_jpeg(data)  # noqa: SLF001 - as above
    return size


def _inflated_bytes(data: bytes, room: int) -> int:
    """Count what comes out without keeping it. Raises Refused past `room`."""
    opener, size = zlib.decompressobj(), 0
    try:
        while data and not opener.eof:
            size += len(opener.decompress(data, 1 << 20))
            if size > room:
                raise Refused("broken")
            data = opener.unconsumed_tail
    except zlib.error:
        pass  # viewers show what came until then, and so much has been counted
    return size


def _bare_jpeg(data: bytes) -> bytes:
    """Return a JPEG without the segments that say where and with what it was taken; not drawn anew, so as sharp."""
    if data[:2] != b"\xff\xd8":
        return data
    kept, at = bytearray(data[:2]), 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] not in (b"\xda", b""):
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] not in _NOTED_IN_JPEG:
            kept += data[at : at + length]
        at += length
    return bytes(kept + data[at:])
