"""Which files are taken, and what is kept of them: never the bytes that were sent, only what was read out of them."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import puremagic
import structlog

from portal_app.core.errors import InputRefused
from portal_app.core.i18n import N_
from portal_app.core.scanning import ScannerAway, look_through

_KINDS: Final = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heif": "HEIF", "application/pdf": "PDF",
}  # fmt: skip
PICTURE_TYPES: Final = frozenset(one for one in _KINDS if one.startswith("image/"))
SUFFIXES: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/pdf": ".pdf"}
FILE_MOST_BYTES: Final = 15_000_000
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_NAME_MAX_CHARS: Final = 100
_LONGEST_S: Final = 20
"""A photo takes one. A transaction is cut off after half a minute."""
_ROOT: Final = Path(__file__).parents[2]
_HANDS: Final = ThreadPoolExecutor(2, "cleaning")
"""So many are taken apart at once in one web process; the rest wait their turn."""

_TOO_LARGE: Final = N_("This file is too large. Choose a smaller one, or take the picture again.")
_EMPTY: Final = N_("This file is empty. Choose another one.")
_WRONG_KIND: Final = N_("We can take pictures (JPEG, PNG, WebP, HEIC) and PDF files. Choose one of those.")
_HARMFUL: Final = N_(
    "Our virus scanner found something harmful in this file, so nothing was saved. Choose another one."
)
_UNSEEN: Final = N_(
    "We cannot look through files for viruses at the moment, so nothing was saved. Try again in a few minutes, or call "
    "us."
)
_REASONS: Final = {
    "too_large": _TOO_LARGE,
    "broken": N_("This file is damaged and cannot be opened. Choose another one, or save it again."),
    "too_many_pixels": N_("This picture has too many pixels. Choose a smaller one."),
    "active": N_(
        "This PDF holds a program, another file or a form that acts by itself, so we cannot take it. Print it as a new "
        "PDF, or take a picture of it."
    ),
    "locked": N_("This PDF is locked with a password. Save it without the password, or take a picture of it."),
}

log = structlog.get_logger(__name__)


class FileRefused(InputRefused):
    """A file is of a kind or a size that is not taken; `reason` says it to the person."""

    code = "file_refused"

    def __init__(self, reason: str) -> None:
        """Keep the sentence to show beside the field `file`."""
        super().__init__("file", reason)


class FileNotSeen(FileRefused):
    """Nobody could look through the file just now: nothing is wrong with it, and it may come again."""

    code = "file_not_seen"


@dataclass(frozen=True, slots=True)
class FileRules:
    """What is taken: `media_types` out of those known here, at most `max_bytes`, pictures of at most `max_pixels`."""

    media_types: frozenset[str] = frozenset(_KINDS)
    max_bytes: int = FILE_MOST_BYTES
    max_pixels: int = 50_000_000


@dataclass(frozen=True, slots=True)
class CleanContent:
    """What is kept of a file, and what it is."""

    media_type: str
    content: bytes = field(repr=False)


async def cleaned(parts: AsyncIterable[bytes], rules: FileRules) -> CleanContent:
    """Read a file to its end, and return what is kept of it: pictures drawn anew, papers written anew.

    It is held in memory, `max_bytes` at most, never on disk in plain, and taken apart in a process of its own.

    Raises:
        FileRefused: if it is too large, of a kind not taken, or not what it pretends to be; if a scanner finds harm in
            it, or is set up and does not look.
    """
    content = await _read_all(parts, rules.max_bytes)
    kind = kind_of(content, rules)
    await _look_through(content)
    return await asyncio.get_running_loop().run_in_executor(_HANDS, _apart, content, kind, rules)


async def _read_all(parts: AsyncIterable[bytes], max_bytes: int) -> bytes:
    content = bytearray()
    async for part in parts:
        content += part
        if len(content) > max_bytes:
            raise FileRefused(_TOO_LARGE)
    if not content:
        raise FileRefused(_EMPTY)
    return bytes(content)


async def _look_through(content: bytes) -> None:
    """Have a file looked through as it was sent. Raises FileRefused: what nobody has looked through is not kept."""
    try:
        found = await look_through(content)
    except ScannerAway as error:
        log.warning("file_not_scanned", problem=str(error))
        raise FileNotSeen(_UNSEEN) from error
    if found:
        log.warning("file_harmful", found=found)
        raise FileRefused(_HARMFUL)


def kind_of(content: bytes, rules: FileRules) -> str:
    """Return what the content begins as, whatever its name says. Raises FileRefused."""
    try:
        found = {str(match.mime_type) for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        found = set[str]()
    found.discard("image/heif")  # which films begin as too
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        found.add("image/heif")
    for media_type in sorted(found & rules.media_types):
        if media_type == "application/pdf" and not content.startswith(b"%PDF-"):
            continue
        return _KINDS[media_type]
    raise FileRefused(_WRONG_KIND)


def _apart(content: bytes, kind: str, rules: FileRules) -> CleanContent:
    command = [sys.executable, "-m", "portal_app.core.cleaning", kind, str(rules.max_pixels), str(rules.max_bytes)]
    environment = {"PYTHONPATH": str(_ROOT), "PYTHONPYCACHEPREFIX": sys.pycache_prefix or ""}  # and none of our secrets
    try:
        done = subprocess.run(  # noqa: S603 - our own program, with numbers
            command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_LONGEST_S,
            env=environment, cwd="/", check=True,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        log.warning("file_not_read", kind=kind, problem=type(error).__name__)
        raise FileRefused(_REASONS["broken"]) from error
    line, _, kept = done.stdout.partition(b"\n")
    said: dict[str, str] = json.loads(line)
    if "refused" in said:
        raise FileRefused(_REASONS[said["refused"]])
    return CleanContent(said["media_type"], kept)


def clean_filename(filename: str, media_type: str) -> str:
    """Return a name safe to save under: no folders, no control or direction marks, the suffix of the real type."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    shown = "".join(letter for letter in stem if letter.isprintable() and letter not in '"<>:|?*').strip(" .")
    return (shown[:_NAME_MAX_CHARS] or "file") + SUFFIXES[media_type]
