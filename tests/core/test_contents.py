"""What is kept of a file that was sent, and what is refused: pictures, papers, and what only looks like one.

`photo.heic` was made for this test (96 by 64 points, a red corner) with a place, a maker and a name noted in it.
"""

import io
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from portal_app.core.contents import CleanContent, FileRefused, FileRules, clean_filename, cleaned
from tests.sent_files import paper, parts, picture

HEIC = (Path(__file__).parent / "photo.heic").read_bytes()
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Acme Maria</x:xmpmeta>"
NOTED = (b"Acme", b"Maria", b"GPS", b"Exif", b"xmpmeta")


async def keep(content: bytes, rules: FileRules | None = None) -> CleanContent:
    return await cleaned(parts(content), rules or FileRules())


async def refusal(content: bytes, rules: FileRules | None = None) -> str:
    with pytest.raises(FileRefused) as refused:
        await keep(content, rules)
    return refused.value.reason


def noted() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x8298] = "Acme", "Phone 9", "Maria"
    exif[0x0112] = 6  # held on its side
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (52.0, 31.0, 0.0), "E", (13.0, 24.0, 0.0)
    return exif


def photo(kind: str) -> bytes:
    held, shown = io.BytesIO(), Image.new("RGB", (80, 40), "#0b6b62")
    shown.paste("#d02020", (0, 0, 20, 20))
    also: dict[str, object] = {"pnginfo": PngImagePlugin.PngInfo()} if kind == "PNG" else {"xmp": XMP}
    if kind == "PNG":
        also["pnginfo"].add_text("Author", "Maria")  # type: ignore[attr-defined]
        also["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())  # type: ignore[attr-defined]
    if kind == "JPEG":
        also["comment"] = b"taken by Maria"
    shown.save(held, kind, exif=noted(), icc_profile=None, **also)
    return held.getvalue()


# Pictures


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_of_a_photo_the_points_are_kept_upright_and_nothing_that_was_noted_in_it(kind: str) -> None:
    sent = photo(kind)
    assert b"Maria" in sent
    kept = await keep(sent)
    assert kept.media_type == f"image/{kind.lower()}"
    assert [word for word in NOTED if word in kept.content] == []
    with Image.open(io.BytesIO(kept.content)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((40, 80), {})
        corner = shown.convert("RGB").getpixel((35, 4))  # what was on the left is on top
    assert isinstance(corner, tuple)
    assert (corner[0] > 150, corner[1] < 90) == (True, True)


async def test_a_photo_of_an_iphone_is_kept_as_one_that_every_browser_shows() -> None:
    assert b"Maria" in HEIC
    kept = await keep(HEIC)
    assert kept.media_type == "image/jpeg"
    assert [word for word in NOTED if word in kept.content] == []
    with Image.open(io.BytesIO(kept.content)) as shown:
        corner = shown.getpixel((5, 5))
        assert (shown.format, shown.size) == ("JPEG", (96, 64))
    assert isinstance(corner, tuple)
    assert (corner[0] > 150, corner[1] < 90) == (True, True)


async def test_a_profile_of_colours_goes_and_a_broken_one_does_no_harm() -> None:
    for profile in (b"Acme Maria" * 20, b"\0" * 128):
        held = io.BytesIO()
        Image.new("RGB", (20, 20), "#0b6b62").save(held, "JPEG", icc_profile=profile)
        kept = await keep(held.getvalue())
        assert b"ICC_PROFILE" in held.getvalue()
        assert b"ICC_PROFILE" not in kept.content


@pytest.mark.parametrize(
    "tail",
    [
        b"PK\x03\x04" + b"evil.exe" * 30,
        b"<html><script>alert('evil')</script></html>",
        b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert\\('evil'\\))>>endobj\n%%EOF",
        b"MZ evil",
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_what_hangs_on_behind_a_picture_is_not_kept(kind: str, tail: bytes) -> None:
    kept = await keep(picture(kind) + tail)
    assert tail not in kept.content
    assert b"evil" not in kept.content


async def test_many_points_are_refused_before_they_are_unpacked() -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    lines = zlib.compress(bytes(60_000_000), 9)  # which would go on for ten gigabytes
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    assert len(png) < 100_000
    jpeg = bytearray(picture("JPEG"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 60_000, 60_000)
    for sent in (png, bytes(jpeg), picture("PNG", 30_000, 3_000)):
        assert "too many pixels" in await refusal(sent)
    assert "too many pixels" in await refusal(HEIC, FileRules(max_pixels=96 * 64 - 1))


async def test_a_large_picture_is_kept_as_large_as_anybody_can_see() -> None:
    kept = await keep(picture("JPEG", 6000, 3000))
    with Image.open(io.BytesIO(kept.content)) as shown:
        assert shown.size == (4096, 2048)


async def test_text_that_swells_in_a_picture_is_refused() -> None:
    held, notes = io.BytesIO(), PngImagePlugin.PngInfo()
    for _ in range(4):
        notes.add_text("Comment", "A" * 60_000_000, zip=True)
    Image.new("RGB", (20, 20)).save(held, "PNG", pnginfo=notes)
    assert len(held.getvalue()) < 500_000
    assert "damaged" in await refusal(held.getvalue())


# Papers


def script() -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x()")})


def action(kind: str) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        named = DictionaryObject({NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("calc.exe")})
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(named)

    return change


def at_root(key: str, value: DictionaryObject | None = None) -> Callable[[PdfWriter], None]:
    return lambda writer: writer.root_object.update({NameObject(key): value or DictionaryObject()})


def scripted(writer: PdfWriter) -> None:
    named = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("x"), script()])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): named})


def in_form(writer: PdfWriter) -> None:
    xfa = ArrayObject([TextStringObject("template"), TextStringObject("<xdp/>")])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/XFA"): xfa})


def annotated(subtype: str, **more: DictionaryObject) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        note = DictionaryObject(
            {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject(subtype)}
        )
        note.update({NameObject(f"/{key}"): value for key, value in more.items()})
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    return change


def pointed_at(writer: PdfWriter) -> None:
    """Write the action's kind as an object of its own, which only a careful reader follows."""
    kind = writer._add_object(NameObject("/Launch"))
    annotated("/Link", A=DictionaryObject({NameObject("/S"): kind}))(writer)


def outside(writer: PdfWriter) -> None:
    stream = DecodedStreamObject()
    stream[NameObject("/F")] = TextStringObject("\\\\evil\\share")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)


ACTIVE: dict[str, Callable[[PdfWriter], object]] = {
    "a script": scripted,
    "a script when it is opened": lambda writer: writer.root_object.update({NameObject("/OpenAction"): script()}),
    "a program": action("/Launch"),
    "a form that is sent": action("/SubmitForm"),
    "another file": action("/GoToR"),
    "an address when it is opened": action("/URI"),
    "something at each event": at_root("/AA", DictionaryObject({NameObject("/WC"): script()})),
    "a file within": lambda writer: writer.add_attachment("evil.exe", b"MZ"),
    "a collection": at_root("/Collection"),
    "an old form": in_form,
    "a film": annotated("/RichMedia"),
    "a file as a note": annotated("/FileAttachment"),
    "a script of a field": annotated("/Widget", AA=DictionaryObject({NameObject("/K"): script()})),
    "a script behind a link": annotated("/Link", A=script()),
    "a program behind a pointer": pointed_at,
    "content elsewhere": outside,
}


@pytest.mark.parametrize("named", list(ACTIVE))
async def test_a_paper_that_acts_by_itself_is_refused(named: str) -> None:
    assert "acts by itself" in await refusal(paper(ACTIVE[named]))


async def test_it_is_found_in_a_packed_object_under_another_spelling_and_behind_a_lock() -> None:
    packed = zlib.compress(b"7 0 << /S /J#61vaScript /J#53 (app.alert\\(1\\)) >>")
    hidden = (
        b"%%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/Names<</X 7 0 R>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"5 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n"
    ) % (len(packed), packed)
    offsets = [hidden.index(b"%d 0 obj" % number) if number in (1, 2, 3, 5) else 0 for number in range(6)]
    rows = b"".join(struct.pack(">BHB", 1 if at else 0, at, 0) for at in offsets)
    rows += struct.pack(">BHB", 1, len(hidden), 0) + struct.pack(">BHB", 2, 5, 0)
    table = b"6 0 obj<</Type/XRef/Size 8/W[1 2 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream endobj\n" % (
        len(rows),
        rows,
    )
    whole = hidden + table + b"startxref\n%d\n%%%%EOF\n" % len(hidden)
    assert b"JavaScript" not in whole
    assert "acts by itself" in await refusal(whole)

    def lock(writer: PdfWriter) -> None:
        scripted(writer)
        writer.encrypt("", algorithm="AES-256")

    locked = paper(lock)
    assert PdfReader(io.BytesIO(locked)).is_encrypted
    assert "acts by itself" in await refusal(locked)


async def test_a_paper_nobody_can_open_without_a_password_is_refused_in_words_that_help() -> None:
    for algorithm in ("RC4-128", "AES-256"):
        locked = paper(partial(PdfWriter.encrypt, user_password="secret", algorithm=algorithm))
        assert "password" in await refusal(locked)


async def test_a_lock_without_a_password_goes_and_the_paper_stays() -> None:
    kept = await keep(paper(lambda writer: writer.encrypt("", "owner", algorithm="AES-256")))
    read = PdfReader(io.BytesIO(kept.content))
    assert (read.is_encrypted, len(read.pages)) == (False, 1)


def with_photo(writer: PdfWriter) -> None:
    shown = StreamObject()
    shown._data = photo("JPEG")
    of = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB", "/Filter": "/DCTDecode"}
    shown.update({NameObject(key): NameObject(value) for key, value in of.items()})
    sizes = {"/Width": 80, "/Height": 40, "/BitsPerComponent": 8}
    shown.update({NameObject(key): NumberObject(value) for key, value in sizes.items()})
    drawn, noted_here = DecodedStreamObject(), DecodedStreamObject()
    drawn.set_data(b"q 100 0 0 50 10 10 cm /P Do Q")
    noted_here.set_data(XMP)
    page = writer.pages[0]
    page[NameObject("/Contents")] = writer._add_object(drawn)
    named = DictionaryObject({NameObject("/P"): writer._add_object(shown)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): named})
    shown[NameObject("/Metadata")] = page[NameObject("/Metadata")] = writer._add_object(noted_here)
    writer.add_metadata({"/Author": "Maria", "/Producer": "Acme"})


async def test_a_scan_shows_what_it_showed_and_says_no_more_who_made_it_where_and_with_what() -> None:
    sent = paper(with_photo)
    kept = await keep(sent)
    assert all(word in sent for word in (b"Maria", b"Acme", b"Exif", b"xmpmeta"))
    assert [word for word in NOTED if word in kept.content] == []
    before, after = (pypdfium2.PdfDocument(one)[0].render().to_pil().tobytes() for one in (sent, kept.content))
    assert before == after


async def test_a_link_and_a_page_to_begin_with_are_no_harm() -> None:
    def change(writer: PdfWriter) -> None:
        page = writer.pages[0].indirect_reference
        assert page is not None
        writer.root_object[NameObject("/OpenAction")] = ArrayObject([page, NameObject("/Fit")])
        address = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject("https://example.org")}
        annotated("/Link", A=DictionaryObject(address))(writer)

    assert (await keep(paper(change))).media_type == "application/pdf"


@pytest.mark.parametrize("tail", [b"PK\x03\x04evil", b"\n<script>evil()</script>"])
async def test_what_hangs_on_behind_a_paper_is_not_kept(tail: bytes) -> None:
    assert b"evil" not in (await keep(paper() + tail)).content


async def test_what_an_older_version_of_a_paper_held_is_not_kept() -> None:
    first = paper(lambda writer: writer.add_metadata({"/Author": "Maria"}))
    writer = PdfWriter(io.BytesIO(first), incremental=True)
    writer.add_blank_page(100, 100)
    held = io.BytesIO()
    writer.write(held)
    assert held.getvalue().startswith(first)
    assert b"Maria" not in (await keep(held.getvalue())).content


def _zeros(lots: int) -> bytes:
    """Return what unpacks to so many times ten million zeros, of which one lot is packed and then repeated."""
    packer = zlib.compressobj(9, wbits=-15)
    lot = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + lot * lots + b"\x03\x00" + struct.pack(">I", lots * 10_000_000 % 65521 << 16 | 1)


def test_what_swells_is_a_whole_stream() -> None:
    assert zlib.decompress(_zeros(3)) == bytes(30_000_000)


async def test_a_paper_that_swells_is_refused() -> None:
    def change(writer: PdfWriter, times: int) -> None:
        bomb = StreamObject()
        bomb._data = _zeros(110)
        bomb[NameObject("/Filter")] = NameObject("/FlateDecode")
        if times > 1:
            bomb._data = zlib.compress(bomb._data, 9)
            bomb[NameObject("/Filter")] = ArrayObject([NameObject("/FlateDecode")] * times)
        writer.pages[0][NameObject("/Contents")] = writer._add_object(bomb)

    for times in (1, 2):
        sent = paper(partial(change, times=times))
        assert len(sent) < 2_000_000
        assert "damaged" in await refusal(sent)


async def test_a_photo_packed_once_more_is_not_unpacked_past_what_may_be_sent() -> None:
    def change(writer: PdfWriter) -> None:
        bomb = StreamObject()
        bomb._data = zlib.compress(bytes(40_000_000), 9)
        bomb[NameObject("/Filter")] = ArrayObject([NameObject("/FlateDecode"), NameObject("/DCTDecode")])
        writer.pages[0][NameObject("/Contents")] = writer._add_object(bomb)

    sent = paper(change)
    assert len(sent) < 100_000
    assert "too large" in await refusal(sent)


async def test_depth_loops_and_tables_without_end_hold_nobody_up() -> None:
    deep = b"%PDF-1.7\n1 0 obj" + b"[" * 200_000 + b"endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    loop = b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF"
    itself = (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )
    for sent in (deep, loop, itself):
        assert "damaged" in await refusal(sent)


# What is no file of ours


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ\x90\x00\x03" + bytes(200),
        b"PK\x03\x04" + bytes(200),
        b"#!/bin/sh\nrm -rf /\n",
        b"hello",
        b"\x00",
        b"junk before " + paper(),
        b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + bytes(200),
        picture("GIF"),
        picture("PNG")[:60],
        picture("JPEG")[:200],
        HEIC[:600],
        b"%PDF-1.7 without an end",
        b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    ],
)
async def test_other_kinds_and_broken_files_are_refused(content: bytes) -> None:
    assert await refusal(content)


async def test_a_file_is_not_read_past_what_may_be_sent() -> None:
    arrived = 0

    async def two_hundred_megabytes() -> AsyncIterator[bytes]:
        nonlocal arrived
        for _ in range(200):
            arrived += 1
            yield bytes(1_000_000)

    with pytest.raises(FileRefused, match="file"):
        await cleaned(two_hundred_megabytes(), FileRules())
    assert arrived == 16


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\scan.exe", "scan.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.pdf"),
        ("line\nbreak\x00.pdf", "linebreak.pdf"),
        ("", "file.pdf"),
        (".pdf", "pdf.pdf"),
        ("x" * 500, "x" * 100 + ".pdf"),
        ("تقرير.pdf", "تقرير.pdf"),
    ],
)
def test_names_are_safe_to_save_under(given: str, kept: str) -> None:
    assert clean_filename(given, "application/pdf") == kept
