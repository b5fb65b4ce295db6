"""Where readings stand in a picture of them: points, lines that stop at gaps, the band, the scale. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 170
LEFT: Final = 34
RIGHT: Final = 314
TOP: Final = 14
BOTTOM: Final = 138
GAP_SHARE: Final = 10
"""A line stops where nothing was measured for a tenth of the time shown."""
DENSE: Final = 500
"""Of more readings than this the heights are whole: there are more of them than places beside each other."""

POINT: Final = r"(M?)[l ]?(-?\d*\.?\d+) ?(-?\d*\.?\d+)"
"""A point in the path of a line, for Python and for browsers: whether the line begins at it, and how far it is."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG paths in a box of WIDTH by HEIGHT; `marks` are values of the scale with their heights."""

    line: str
    second_line: str
    band_top: float
    band_height: float
    marks: tuple[tuple[Decimal, float], ...]


Points = Sequence[tuple[datetime, Decimal]]
Placed = tuple[datetime, float, float]
Span = tuple[datetime, datetime]
Bounds = tuple[Decimal | None, Decimal | None]


def draw(first: Points, second: Points, span: Span, band: Bounds) -> Drawing:
    """Draw values in time, oldest first, with the band between two bounds, of which either may be missing."""
    gap, across = (span[1] - span[0]) / GAP_SHARE, _across(span)
    height, (least, most) = _scale(first, second, band)
    placed = [[(moment, across(moment), height(value)) for moment, value in points] for points in (first, second)]
    return Drawing(line_of(placed[0], gap), line_of(placed[1], gap), *_band(band, height), _marks(least, most, height))


def frame(first: Points, second: Points, band: Bounds) -> Drawing:
    """Return a picture that has no line yet: its band and its scale."""
    height, (least, most) = _scale(first, second, band)
    return Drawing("", "", *_band(band, height), _marks(least, most, height))


def _band(band: Bounds, height: Callable[[Decimal], float]) -> tuple[float, float]:
    top = height(band[1]) if band[1] is not None else float(TOP)
    bottom = height(band[0]) if band[0] is not None else float(BOTTOM)
    return top, round(bottom - top, 1) if any(bound is not None for bound in band) else 0.0


def bars(first: Points, second: Points, span: Span, band: Bounds) -> tuple[str, str] | None:
    """Return, of more than DENSE readings, paths that cover what their dots cover: a bar at every other place across.

    A dot is six places wide. A fraction as long, for where a picture must be there at once.
    """
    if max(len(first), len(second)) <= DENSE:
        return None
    height, _ = _scale(first, second, band)
    return _bars_of(first, span, height), _bars_of(second, span, height)


def _bars_of(points: Points, span: Span, height: Callable[[Decimal], float]) -> str:
    found: dict[int, list[int]] = {}
    across_at = _across(span)
    for moment, value in points:
        found.setdefault(2 * round(across_at(moment) / 2), []).append(int(height(value)))
    drawn, x, y = "", 0, 0
    for place, heights in sorted(found.items()):
        across = str(place - x)
        drawn += f"m{across}{_joined(across, str(min(heights) - y))}v{max(heights) - min(heights)}"
        x, y = place, max(heights)
    return drawn


def _scale(first: Points, second: Points, band: Bounds) -> tuple[Callable[[Decimal], float], tuple[Decimal, Decimal]]:
    """Return how high a value stands, and the least and the most of all."""
    values = [value for _, value in (*first, *second)] + [bound for bound in band if bound is not None]
    least, most = min(values), max(values)
    room = (most - least) / 10 or Decimal(1)
    low, each = float(least - room), (BOTTOM - TOP) / float(most - least + 2 * room)
    digits = 0 if max(len(first), len(second)) > DENSE else 1

    def height(value: Decimal) -> float:
        return round(BOTTOM - (float(value) - low) * each, digits)

    return height, (least, most)


def place_of(moment: datetime, span: Span) -> float:
    """Return where a moment stands across a picture of a time."""
    return _across(span)(moment)


def _across(span: Span) -> Callable[[datetime], float]:
    begins, each = span[0], (RIGHT - LEFT) / (span[1] - span[0]).total_seconds()
    return lambda moment: round(LEFT + (moment - begins).total_seconds() * each, 1)


def signs(moments: Sequence[datetime], span: Span, shape: str) -> str:
    """Return the path of one sign below the picture for each moment, under a line through it: "peak" or "square"."""
    path = {"peak": "v4l5 8h-10l5 -8", "square": "v4h4v8h-8v-8h4"}[shape]
    return "".join(f"M{place} {TOP}V{BOTTOM}{path}" for place in sorted({place_of(one, span) for one in moments}))


def line_of(points: Sequence[Placed], gap: timedelta) -> str:
    """Return the path of a line through points, each with its moment; it stops where a gap is longer than this.

    Each point says how far it is from the one before, as short as a path can: thousands of them go over the wire.
    """
    parts: list[str] = []
    said = ""
    before: Placed | None = None
    for moment, x, y in points:
        if before is None or moment - before[0] > gap:
            parts.append(f"M{x:g} {y:g}l")
            said = ""
        else:
            for number in (_tenths(round((x - before[1]) * 10)), _tenths(round((y - before[2]) * 10))):
                parts.append(_joined(said, number))
                said = number
        before = (moment, x, y)
    return "".join(parts).replace("lM", "M").removesuffix("l")


def dots_of(line: str) -> str:
    """Return the path of a dot at each point of a line; a page draws them by the same POINT."""
    return re.sub(POINT, lambda point: f"{point[1] or 'm'}{point[2]} {point[3]}h0", line)


@cache
def _tenths(number: int) -> str:
    """Say so many tenths as short as a path can."""
    said = f"{number / 10:g}"
    return said.replace("0.", ".", 1) if abs(number) < 10 else said


def _joined(before: str, number: str) -> str:
    """Return a number as it follows one: it begins at its sign, or at its point if the one before has had its own."""
    begins_itself = not before or number[0] == "-" or (number[0] == "." and "." in before)
    return number if begins_itself else f" {number}"


def _marks(least: Decimal, most: Decimal, height: Callable[[Decimal], float]) -> tuple[tuple[Decimal, float], ...]:
    middle = (least + most) / 2
    shown = sorted({least, middle.quantize(Decimal(1)) if most - least > 2 else middle, most})
    return tuple((value, height(value)) for value in shown)


SPARK_WIDTH: Final = 96
SPARK_HEIGHT: Final = 28


def spark(values: Sequence[Decimal]) -> str:
    """Return the path of a small picture of values, oldest first, in a box of SPARK_WIDTH by SPARK_HEIGHT."""
    if not values:
        return ""
    least, most = min(values), max(values)
    step = (SPARK_WIDTH - 8) / max(len(values) - 1, 1)

    def height(value: Decimal) -> float:
        share = float((value - least) / (most - least)) if most > least else 0.5
        return round(SPARK_HEIGHT - 4 - share * (SPARK_HEIGHT - 8), 1)

    places = [f"{round(4 + n * step, 1)} {height(value)}" for n, value in enumerate(values)]
    return "M" + "L".join(places) + ("h0" if len(places) == 1 else "")
