"""A practice's own accent: made readable in both themes, and written on the root of its documents.

The grounds repeat assets/look.css; a test holds the two together. Contrast is WCAG 2.2's.
"""

import gzip
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

READABLE, VISIBLE = 4.5, 3.0
"""The least contrast of words, and of lines and shapes (WCAG 2.2, 1.4.3 and 1.4.11)."""

DEFAULT = "#0b6b62"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_HTML = re.compile(r"<html\b")
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Ground:
    """What an accent meets in one theme: grounds of words, a line, words on its weak shade, and where it may move."""

    paper: str
    card: str
    line: str
    quiet: str
    towards: str
    weak_share: float


LIGHT = Ground("#fbfaf7", "#ffffff", "#e4dfd5", "#52636a", "#000000", 0.12)
DARK = Ground("#11191c", "#1a2427", "#2d3a3e", "#a9b8bb", "#ffffff", 0.14)


@dataclass(frozen=True, slots=True)
class Shades:
    """An accent in one theme, the words that stand on it, and its weak shade."""

    accent: str
    ink: str
    weak: str


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def shades(colour: str, ground: Ground) -> Shades:
    """Return the shades nearest to a colour that can be read in a theme."""
    tried = (_shades(_mix(ground.towards, colour, step / _STEPS), ground) for step in range(_STEPS + 1))
    return next(one for one in tried if _is_readable(one, ground))


@lru_cache(maxsize=8)
def root_attributes(colour: str) -> str:
    """Return what the root element says of a practice's accent: "" for ours, and for what is no colour (#rrggbb)."""
    if not _COLOUR.fullmatch(colour) or colour.lower() == DEFAULT:
        return ""
    said = "".join(
        f"--{name}-accent:{one.accent};--{name}-accent-ink:{one.ink};--{name}-accent-weak:{one.weak};"
        for name, one in (("light", shades(colour, LIGHT)), ("dark", shades(colour, DARK)))
    )
    return f' data-accent style="{said}"'


def look_attributes(look: str) -> str:
    """Return what the root element says of how somebody reads, such as "large.more": only words that we know."""
    size, _, contrast = look.partition(".")
    said = f' data-text="{size}"' if size in ("large", "largest") else ""
    return said + (' data-contrast="more"' if contrast == "more" else "")


def _shades(accent: str, ground: Ground) -> Shades:
    dark_ink = _mix("#000000", accent, 0.85)
    ink = "#ffffff" if contrast("#ffffff", accent) >= READABLE else dark_ink
    return Shades(accent, ink, _mix(accent, ground.card, ground.weak_share))


def _is_readable(one: Shades, ground: Ground) -> bool:
    words = [(one.accent, place) for place in (ground.paper, ground.card, one.weak)]
    words += [(one.ink, one.accent), (ground.quiet, one.weak)]
    return all(contrast(*pair) >= READABLE for pair in words) and contrast(one.accent, ground.line) >= VISIBLE


def _mix(one: str, other: str, share: float) -> str:
    """Return so large a share of one colour in another."""
    mixed = (round(a * share + b * (1 - share)) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(slots=True)
class Coloured:
    """The documents of a build as a practice with an accent of its own gets them; kept until the accent changes.

    Args:
        root: the folder of the build that is served.
    """

    root: Path
    _colour: str = ""
    _kept: dict[tuple[str, str, bool], bytes] = field(default_factory=dict)

    def document(
        self, file: str, colour: str, look: str = "", *, is_gzip: bool, asks_anew: bool = False
    ) -> bytes | None:
        """Return a document in the practice's colour and the reader's look, or None where the build's own will do.

        `asks_anew`: it says from its first HTML on that a fresh proof is wanted, so that nothing jumps for it later.
        """
        anew = " data-asks-anew" if asks_anew else ""
        attributes = root_attributes(colour) + look_attributes(look) + anew
        if not attributes:
            return None
        if colour != self._colour:
            self._colour, self._kept = colour, {}
        key = (file, look_attributes(look) + anew, is_gzip)
        if key not in self._kept:
            html = _HTML.sub(f"<html{attributes}", (self.root / file.lstrip("/")).read_text(), count=1).encode()
            self._kept[key] = gzip.compress(html) if is_gzip else html
        return self._kept[key]
