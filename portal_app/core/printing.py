"""Something on paper: PDF drawn by typst with fonts that come as packages, in memory alone."""

import asyncio
import json
from dataclasses import dataclass
from functools import cache
from typing import Final

import fontpkg
import typst

from portal_app.core import i18n
from portal_app.core.i18n import _

# Everything that is said comes as data: nothing of it is ever read as typst.
_SHEET: Final = """
#let sheet = json(bytes(sys.inputs.sheet))
#let way = if sheet.dir == "rtl" { rtl } else { ltr }
#set document(title: sheet.title, author: sheet.practice)
#set page(paper: "us-letter", margin: (x: 2.2cm, y: 2cm), footer: context align(center,
  text(size: 9pt, fill: rgb("#4a5a60"), [#sheet.footer · #counter(page).display("1 / 1", both: true)])))
#set text(font: ("Noto Sans", "IBM Plex Sans Arabic"), lang: sheet.lang, dir: way, size: 12pt, fill: rgb("#1b2a2f"))
#set par(leading: 0.8em)
#show heading.where(level: 1): set text(size: 20pt)
#show heading.where(level: 2): set text(size: 14pt, fill: rgb("#0b6b62"))
#show heading.where(level: 2): set block(above: 1.6em, below: 0.8em)
= #sheet.title
#for fact in sheet.facts [ #fact \\ ]
#for part in sheet.parts [
  == #part.title
  #if part.intro != "" [ #strong(part.intro) ]
  #for line in part.lines [
    - #if line.dir != "" [#text(dir: if line.dir == "rtl" { rtl } else { ltr }, lang: line.lang, line.text)] else [
      #line.text]#if line.amount != "" [#h(1fr) #line.amount]
      #for note in line.notes [ \\ #text(fill: rgb("#4a5a60"), note)]
  ]
]
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what is printed or shown; `language` is set where somebody typed it, `notes` stand under it.

    An `amount` stands at the end of the line on paper.
    """

    text: str
    notes: tuple[str, ...] = ()
    language: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of it under a title, in the current language."""

    name: str
    title: str
    lines: tuple[Line, ...]
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed, in the current language; `facts` stand under the title."""

    title: str
    practice: str
    facts: tuple[str, ...]
    parts: tuple[Part, ...]


@cache
def _fonts() -> typst.Fonts:
    """Find the packaged fonts once.

    Arabic is IBM Plex Sans Arabic: Noto Sans Arabic draws the dots of letters as signs of their own, and what is
    copied from such a PDF, or read aloud from it, is no words.
    """
    folders = [str(fontpkg.path(name).parent) for name in ("Noto Sans", "IBM Plex Sans Arabic")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


async def print_sheet(sheet: Sheet) -> bytes:
    """Return the PDF, tagged for screen readers, in the current language."""
    said = {
        "title": sheet.title, "practice": sheet.practice, "facts": list(sheet.facts), "lang": i18n.current(),
        "dir": i18n.direction(), "footer": _("From {practice}, for you alone").format(practice=sheet.practice),
        "parts": [_drawn(part) for part in sheet.parts],
    }  # fmt: skip
    return await asyncio.to_thread(_compile, json.dumps(said, ensure_ascii=False))


def _drawn(part: Part) -> dict[str, object]:
    lines = [
        {"text": one.text, "amount": one.amount,
         "notes": [" · ".join(one.notes)] if one.notes else [], "lang": one.language,
         "dir": i18n.direction(one.language) if one.language else ""}
        for one in part.lines
    ]  # fmt: skip
    return {"title": part.title, "intro": part.intro, "lines": lines}


def _compile(said: str) -> bytes:
    # Typst reads nothing but what it is given here, and writes nothing.
    compiler = typst.Compiler(_SHEET.encode(), font_paths=_fonts(), sys_inputs={"sheet": said})
    drawn = compiler.compile(format="pdf")
    assert isinstance(drawn, bytes)  # noqa: S101 - one file in one piece
    return drawn
