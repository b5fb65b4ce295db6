"""The tokens: every pair of colours that meets is readable, and no colour is named anywhere else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"
LOOK = (ASSETS / "look.css").read_text()
LITERAL = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")

TEXT_PAIRS = [
    *[
        (text, ground)
        for text in ("ink", "quiet", "accent", "critical", "caution", "good")
        for ground in ("paper", "card")
    ],
    ("accent-ink", "accent"),
    ("critical-ink", "critical"),
    *[(tone, f"{tone}-weak") for tone in ("accent", "critical", "caution", "good")],
    *[("ink", f"{tone}-weak") for tone in ("accent", "critical", "caution", "good")],
    ("quiet", "accent-weak"),
    ("ink", "line"),
]
LINE_PAIRS = [("field", "paper"), ("field", "card"), ("accent", "accent-weak"), ("accent", "line")]


def tokens(selector: str) -> dict[str, str]:
    """Return the tokens that a rule of look.css sets."""
    rule = re.search(re.escape(selector) + r"\s*\{([^}]*)\}", LOOK)
    assert rule, selector
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", rule[1]))


LIGHT = tokens('[data-theme="light"]')
DARK = tokens('}\n[data-theme="dark"]')


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_words_stand_out_from_what_they_stand_on(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), LINE_PAIRS)
def test_edges_of_controls_can_be_seen(theme: dict[str, str], line: str, ground: str) -> None:
    assert contrast(theme[line], theme[ground]) >= 3


def test_dark_is_the_same_whether_the_device_or_an_ancestor_asks() -> None:
    assert tokens("@media (prefers-color-scheme: dark) {\n  :root") == DARK


def test_both_themes_set_the_same_tokens() -> None:
    assert LIGHT.keys() == DARK.keys()


@pytest.mark.parametrize("sheet", ["shapes.css", "frames.css"])
def test_no_colour_is_named_outside_the_tokens(sheet: str) -> None:
    assert not LITERAL.findall((ASSETS / sheet).read_text())


@pytest.mark.parametrize("folder", ["pages", "components"])
def test_no_screen_names_a_colour(folder: str) -> None:
    named = [
        f"{path.name}: {found}"
        for path in sorted((ROOT / "portal_app" / folder).rglob("*.py"))
        for found in re.findall(r"\"#[0-9a-fA-F]{3,8}\"|\[#[0-9a-fA-F]{3,8}\]|\brgb\(", path.read_text())
    ]
    assert named == []


PHYSICAL_CLASS = re.compile(
    r"[\"' ](?:-?m[lr]-|p[lr]-|text-(?:left|right)|(?:left|right)-|border-[lr]\b|rounded-[lr]\b|float-)"
)
PHYSICAL_RULE = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)|left|right)\s*:|float\s*:\s*(?:left|right)"
)


@pytest.mark.parametrize("folder", ["pages", "components"])
def test_screens_speak_of_start_and_end_never_of_left_and_right(folder: str) -> None:
    files = sorted((ROOT / "portal_app" / folder).rglob("*.py"))
    assert {path.name: found for path in files if (found := PHYSICAL_CLASS.findall(path.read_text()))} == {}


def test_style_sheets_speak_of_start_and_end_never_of_left_and_right() -> None:
    sheets = sorted(ASSETS.rglob("*.css"))
    assert {path.name: found for path in sheets if (found := PHYSICAL_RULE.findall(path.read_text()))} == {}
