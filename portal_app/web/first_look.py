"""The first look: what a page already shows in its first HTML, before any script of it has come.

A page of Reflex is drawn by scripts, with what a socket brings: on a slow phone that is two seconds of a skeleton. A
page that says how (`Page.first_look`) has what it was opened for in the document itself. The style sheet is in it, too,
and the scripts are asked for once this is on the screen (`after_paint.js`). React takes the document over as it is: the
place of the look belongs to the page's skeleton and goes with it, what waits keeps its place in the head, and of what
stands there besides React knows nothing.
"""

import gzip
import re
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import brotli
from markupsafe import Markup

from portal_app.web import csp

PLACE: Final = '<div id="first-look"></div>'
"""Where a skeleton leaves room for it (`components/skeleton.py`)."""
_AFTER_PAINT: Final = Path(__file__).with_name("after_paint.js")
_SHEET: Final = re.compile(r'<link href="(/assets/[^"]+\.css)" rel="stylesheet"')
_SHEET_EARLY: Final = re.compile(r'<link as="style"')
_BUSY: Final = re.compile(r'aria-busy="true"(?=[^<]*$)')
_SCRIPT: Final = re.compile(r'<script type="module"')
_BROTLI_QUALITY: Final = 5
_REMEMBERED_S: Final = 60
_REMEMBERED_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Prepared:
    before: str
    after: str
    style_sources: tuple[str, ...]
    script_sources: tuple[str, ...]


@dataclass(slots=True)
class FirstLooks:
    """Puts first looks into the documents of a build.

    Args:
        root: the folder of the build that is served.
    """

    root: Path
    _kept: dict[str, _Prepared] = field(default_factory=dict)

    def document(self, file: str, attributes: str, look: Markup) -> str:
        """Return a document with a look in its place, and these attributes on its root."""
        made = self._prepared(file)
        return "".join((made.before.replace("<html", f"<html{attributes}", 1), str(look), made.after))

    def policy(self, file: str, script_sources: Iterable[str], socket_origins: Iterable[str]) -> str:
        """Return the content policy of such a document."""
        made = self._prepared(file)
        return csp.document_policy((*script_sources, *made.script_sources), socket_origins, made.style_sources)

    def _prepared(self, file: str) -> _Prepared:
        if file not in self._kept:
            self._kept[file] = _prepare((self.root / file.lstrip("/")).read_text(), self.root)
        return self._kept[file]


def _prepare(html: str, root: Path) -> _Prepared:
    sheets = _SHEET.findall(html)
    before, place, after = html.partition(PLACE)
    if len(sheets) != 1 or not place:
        raise ValueError("a document of the build has not one style sheet, or no room for its first look")
    rules = (root / sheets[0].lstrip("/")).read_text()
    if "url(" in rules or "</style" in rules:
        raise ValueError("the style sheet does not mean the same inside a document: its first look needs it there")
    style = f"<style>{rules}</style>"
    lines = _AFTER_PAINT.read_text().splitlines()
    script = f"<script>{chr(10).join(line.strip() for line in lines if not line.startswith('//'))}</script>"
    before = _SHEET.sub(lambda found: f'{found[0]} disabled=""', before)
    before = _SHEET_EARLY.sub('<link media="not all" as="style"', before)
    before = _BUSY.sub('aria-busy="false"', before)
    before = before.replace('rel="modulepreload"', 'rel="later"').replace("</head>", f"{style}{script}</head>", 1)
    after = _SCRIPT.sub('<script type="later"', after)
    opening, closing = place[: -len("</div>")], "</div>"
    return _Prepared(
        before + opening, closing + after, tuple(csp.style_hashes(style)), tuple(csp.script_hashes(script))
    )


def packed(text: str, accepted: str) -> tuple[bytes, str]:
    """Return a document as short as this browser takes it, and how it is encoded, "" for as it is."""
    content = text.encode()
    ways = {one.split(";")[0].strip() for one in accepted.split(",") if not re.search(r";\s*q=0(\.0*)?\s*$", one)}
    if "br" in ways:
        return brotli.compress(content, quality=_BROTLI_QUALITY), "br"
    return (gzip.compress(content, 6), "gzip") if "gzip" in ways else (content, "")


class Given:
    """Remembers for a minute which looks were given to whom, so that the page that follows is not recorded twice."""

    def __init__(self) -> None:
        """Begin with none."""
        self._at: OrderedDict[bytes, tuple[float, frozenset[str]]] = OrderedDict()

    def note(self, session_hash: str, address: str, recorded: Iterable[str]) -> None:
        """Remember what of an address was shown and recorded."""
        now, key = time.monotonic(), _key(session_hash, address)
        self._at.pop(key, None)
        self._at[key] = now, frozenset(recorded)
        while len(self._at) > _REMEMBERED_MOST or now - next(iter(self._at.values()))[0] > _REMEMBERED_S:
            self._at.popitem(last=False)

    def take(self, session_hash: str, address: str) -> frozenset[str]:
        """Return once what was recorded of an address for this session in the last minute."""
        at, recorded = self._at.pop(_key(session_hash, address), (0.0, frozenset[str]()))
        return recorded if time.monotonic() - at <= _REMEMBERED_S else frozenset()

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._at)


def _key(session_hash: str, address: str) -> bytes:
    """Return a name as short for the longest address."""
    return sha256(f"{session_hash} {address}".encode(errors="replace")).digest()


GIVEN = Given()
