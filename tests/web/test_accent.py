"""A practice's own colour, readable whatever it is."""

import gzip
from colorsys import hsv_to_rgb
from pathlib import Path

import pytest

from portal_app.web.accent import DARK, DEFAULT, LIGHT, Coloured, Ground, contrast, root_attributes, shades
from tests.components.test_look import DARK as DARK_TOKENS
from tests.components.test_look import LIGHT as LIGHT_TOKENS
from tests.components.test_look import contrast as contrast_of_tokens

COLOURS = ["#000000", "#ffffff", "#ffff00", "#808080", "#0000ff", "#ff0000", DEFAULT] + [
    "#" + "".join(f"{round(255 * channel):02x}" for channel in hsv_to_rgb(hue / 12, strength, value))
    for hue in range(12)
    for strength in (0.3, 0.7, 1)
    for value in (0.3, 0.7, 1)
]


@pytest.mark.parametrize(("ground", "tokens"), [(LIGHT, LIGHT_TOKENS), (DARK, DARK_TOKENS)], ids=["light", "dark"])
def test_any_colour_becomes_one_that_can_be_read_on_the_grounds_of_the_look(
    ground: Ground, tokens: dict[str, str]
) -> None:
    assert (ground.paper, ground.card, ground.line, ground.quiet) == tuple(
        tokens[name] for name in ("paper", "card", "line", "quiet")
    )
    for colour in COLOURS:
        one = shades(colour, ground)
        pairs = [(one.accent, tokens["paper"]), (one.accent, tokens["card"]), (one.accent, one.weak)]
        pairs += [(one.ink, one.accent), (tokens["quiet"], one.weak), (tokens["ink"], one.weak)]
        assert min(contrast_of_tokens(*pair) for pair in pairs) >= 4.5, colour
        assert contrast(one.accent, tokens["line"]) >= 3, colour


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert shades("#7a1f5c", LIGHT).accent == "#7a1f5c"
    assert shades("#ffd400", DARK).accent == "#ffd400"


@pytest.mark.parametrize("colour", ["", DEFAULT, DEFAULT.upper(), "teal", '#0b6b6"><script>', "#fff"])
def test_our_own_colour_and_what_is_none_leave_the_documents_as_they_are(colour: str, tmp_path: Path) -> None:
    assert root_attributes(colour) == ""
    assert Coloured(tmp_path).document("/index.html", colour, is_gzip=False) is None


def test_a_document_says_the_colour_on_its_root_and_changes_with_it(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<!DOCTYPE html><html lang="ar" dir="rtl"><head></head></html>')
    coloured = Coloured(tmp_path)
    first = coloured.document("/index.html", "#7a1f5c", is_gzip=False) or b""
    assert b'<html data-accent style="--light-accent:#7a1f5c;' in first
    assert b' lang="ar" dir="rtl">' in first
    assert gzip.decompress(coloured.document("/index.html", "#7a1f5c", is_gzip=True) or b"") == first
    assert coloured.document("/index.html", "#004d99", is_gzip=False) != first
