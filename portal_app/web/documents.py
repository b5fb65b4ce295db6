"""The HTML files the build leaves behind: made right for their language, and found again by address."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from portal_app.core.i18n import DEFAULT_LOCALE, LOCALES, direction, locale_of_path, path_without_locale
from portal_app.web.page import Page

MANIFEST = "documents.json"
SHELLS = "__shell"
"""Where the documents of pages with a value in their address lie, one per page and language."""
STAFF = "staff"
"""How the addresses of pages begin that people open at work."""

_HTML_TAG = re.compile(r"<html\b[^>]*>")
_LANG = re.compile(r'\slang="([^"]*)"')
_LANGUAGE = re.compile(r'\s(?:lang|dir)="[^"]*"')


def in_language(html: str, locale: str) -> str:
    """Return a document whose root says the language and direction.

    Nothing else may change: React compares the rest with what it would draw, and on a difference draws the
    whole document anew, without the language.
    """
    tag = _HTML_TAG.search(html)
    if tag is None:
        raise ValueError("the build made a document without an <html> tag")
    kept = _LANGUAGE.sub("", tag[0]).removesuffix(">")
    return html.replace(tag[0], f'{kept} lang="{locale}" dir="{direction(locale)}">', 1)


def language_of(html: str) -> str:
    """Return the language that the root of a document says; the usual one if it says none."""
    tag = _HTML_TAG.search(html)
    said = _LANG.search(tag[0]) if tag else None
    return said[1] if said and said[1] in LOCALES else DEFAULT_LOCALE


def with_title(html: str, title: str) -> str:
    """Return a document with a title in its head; React takes it over when the page arrives."""
    return html.replace("</head>", f"<title>{escape(title)}</title></head>", 1)


def shell_file(page: Page, locale: str) -> str:
    """Return where the document of a page with a value in its address lies, from the root of the build."""
    name = re.sub(r"[^a-z0-9]+", "-", page.route).strip("-")
    return f"/{SHELLS}/{locale}-{name}.html"


def locale_of_file(file: str) -> str:
    """Return the language of a document by where it lies."""
    first = file.strip("/").split("/")[0].removesuffix(".html")
    return first if first in LOCALES else DEFAULT_LOCALE


def is_staff_file(file: str) -> bool:
    """Tell whether a document is one that people open at work, by where it lies."""
    first, *rest = file.strip("/").removesuffix(".html").split("/")
    if first == SHELLS:
        return rest[0].split("-")[1] == STAFF
    return (rest[0] if first in LOCALES and rest else first) == STAFF


def is_staff_path(path: str) -> bool:
    """Tell whether an address in any language is one that people open at work."""
    return path_without_locale(normal_path(path)).split("/")[1] == STAFF


@dataclass(frozen=True, slots=True)
class Document:
    """What answers an address: a file of the build, the screen it belongs to, and the scripts it may run."""

    file: str
    page: Page
    locale: str
    script_hashes: tuple[str, ...]


class Documents:
    """Finds the document of an address.

    Args:
        pages: every screen.
        manifest: from each HTML file of the build to the hashes of its inline scripts.
    """

    def __init__(self, pages: Iterable[Page], manifest: dict[str, list[str]]) -> None:
        """Sort the screens into those with a fixed address and the others."""
        self._manifest = manifest
        self._fixed = {page.route: page for page in pages if not page.is_dynamic}
        self._dynamic = [(page.pattern, page) for page in pages if page.is_dynamic]

    @classmethod
    def of_build(cls, pages: Iterable[Page], build_dir: Path) -> "Documents":
        """Read what a build wrote down; without a build there are no documents (developer mode)."""
        manifest = build_dir / MANIFEST
        return cls(pages, json.loads(manifest.read_text()) if manifest.exists() else {})

    def page_at(self, path: str) -> Page | None:
        """Return the screen at an address in any language, or None."""
        bare = path_without_locale(normal_path(path))
        return self._fixed.get(bare) or next((page for pattern, page in self._dynamic if pattern.match(bare)), None)

    def find(self, path: str) -> Document | None:
        """Return the document of an address, or None if no screen is there."""
        page = self.page_at(path)
        if page is None:
            return None
        path = normal_path(path)
        locale = locale_of_path(path)
        candidates = (
            (shell_file(page, locale),) if page.is_dynamic else (f"{path.rstrip('/')}/index.html", f"{path}.html")
        )
        file = next((name for name in candidates if name in self._manifest), None)
        return Document(file, page, locale, tuple(self._manifest[file])) if file else None


def normal_path(path: str) -> str:
    """Return an address without doubled or trailing slashes."""
    return "/" + "/".join(part for part in path.split("/") if part)
