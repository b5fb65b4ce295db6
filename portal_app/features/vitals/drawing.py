"""Where readings stand in a picture of them: points, lines that stop at gaps, the band, the scale. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 170
LEFT: Final = 34
RIGHT: Final = 314
TOP: Final = 14
BOTTOM: Final = 138
GAP_SHARE: Final = 10
"""A line stops where nothing was measured for a tenth of the time shown."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG paths in a box of WIDTH by HEIGHT; `marks` are values of the scale with their heights."""

    line: str
    dots: str
    second_line: str
    second_dots: str
    band_top: float
    band_height: float
    marks: tuple[tuple[Decimal, float], ...]


Points = Sequence[tuple[datetime, Decimal]]


def draw(
    first: Points,
    second: Points,
    span: tuple[datetime, datetime],
    band: tuple[Decimal | None, Decimal | None],
) -> Drawing:
    """Draw values in time, oldest first, with the band between two bounds, of which either may be missing."""
    values = [value for _, value in (*first, *second)] + [bound for bound in band if bound is not None]
    least, most = min(values), max(values)
    room = (most - least) / 10 or Decimal(1)
    low, high = least - room, most + room

    def height(value: Decimal) -> float:
        return round(BOTTOM - float((value - low) / (high - low)) * (BOTTOM - TOP), 1)

    gap = (span[1] - span[0]) / GAP_SHARE
    placed = [
        [(moment, place_of(moment, span), height(value)) for moment, value in points] for points in (first, second)
    ]
    has_band = any(bound is not None for bound in band)
    top = height(band[1]) if band[1] is not None else float(TOP)
    bottom = height(band[0]) if band[0] is not None else float(BOTTOM)
    return Drawing(
        _line(placed[0], gap), _dots(placed[0]), _line(placed[1], gap), _dots(placed[1]),
        top, round(bottom - top, 1) if has_band else 0.0, _marks(least, most, height),
    )  # fmt: skip


def place_of(moment: datetime, span: tuple[datetime, datetime]) -> float:
    """Return where a moment stands across a picture of a time."""
    whole = (span[1] - span[0]) / timedelta(seconds=1)
    return round(LEFT + (moment - span[0]) / timedelta(seconds=1) / whole * (RIGHT - LEFT), 1)


def signs(moments: Sequence[datetime], span: tuple[datetime, datetime], shape: str) -> str:
    """Return the path of one sign below the picture for each moment, under a line through it: "peak" or "square"."""
    path = {"peak": "v4l5 8h-10l5 -8", "square": "v4h4v8h-8v-8h4"}[shape]
    return "".join(f"M{place} {TOP}V{BOTTOM}{path}" for place in sorted({place_of(one, span) for one in moments}))


def _line(points: Sequence[tuple[datetime, float, float]], gap: timedelta) -> str:
    parts = []
    for n, (moment, x, y) in enumerate(points):
        is_new = n == 0 or moment - points[n - 1][0] > gap
        parts.append(f"{'M' if is_new else 'L'}{x} {y}")
    return "".join(parts)


def _dots(points: Sequence[tuple[datetime, float, float]]) -> str:
    return "".join(f"M{x} {y}h0" for _, x, y in points)


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
