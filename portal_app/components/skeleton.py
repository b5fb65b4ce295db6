"""The shape of what is being loaded, at the height it will have: the first HTML shows it and nothing jumps later.

Sizes are class names, because the policy of every page forbids style attributes.
"""

from typing import Any

import reflex as rx

from portal_app.components.kinds import Flag, Text, when
from portal_app.components.native import IS_ELSEWHERE


def bone(*, width: str = "100%", height_px: int = 20) -> rx.Component:
    """Return one grey bar."""
    return rx.el.div(class_name=f"bone w-[{width}] h-[{height_px}px]")


def lines(count: int = 3) -> rx.Component:
    """Return the skeleton of a paragraph."""
    widths = ("92%", "100%", "64%")
    return rx.el.div(*(bone(width=widths[n % 3]) for n in range(count)), class_name="grid grid-cols-1 gap-2")


def card(height_px: int = 180) -> rx.Component:
    """Return the skeleton of a card of a known height."""
    return rx.el.div(
        bone(width="40%"), bone(width="70%", height_px=24), bone(height_px=56),
        class_name=f"card content-between min-h-[{height_px}px]",
    )  # fmt: skip


def rows(count: int = 3, height_px: int = 80) -> rx.Component:
    """Return the skeleton of a list of rows, each as high as a row with one line of detail."""
    one = [
        rx.el.li(
            rx.el.div(
                bone(width="40px", height_px=40),
                rx.el.div(bone(width="60%"), bone(width="80%", height_px=16), class_name="grid flex-1 gap-2"),
                class_name=f"row min-h-[{height_px}px]",
            )
        )
        for _ in range(count)
    ]
    return rx.el.ul(*one, class_name="rows")


def days(count: int = 10) -> rx.Component:
    """Return the skeleton of a page of dates."""
    return rx.el.div(*(bone(height_px=88) for _ in range(count)), class_name="days")


def times(count: int = 6) -> rx.Component:
    """Return the skeleton of a part of a day's times."""
    return rx.el.div(*(bone(height_px=52) for _ in range(count)), class_name="times")


def until(
    is_ready: Flag, shape: rx.Component, content: rx.Component, *, loading: Text, has_first_look: bool = False
) -> Any:
    """Show the shape until the content is ready; `loading` is what a screen reader hears meanwhile.

    `has_first_look` leaves room in the first HTML for what the server draws there instead (`web/first_look.py`).

    The key keeps React from turning the shape's elements into those of the content, which are elsewhere: a browser
    counts that as the page having jumped. What is ready for another address than the open one is not (`here`).
    """
    said = rx.el.span(loading, class_name="sr-only")
    # Drawn as what somebody else fills: React takes over whatever is in it, and never looks again.
    room = [rx.el.div(custom_attrs={"id": "first-look", "dangerouslySetInnerHTML": {"__html": ""}})]
    parts = [*(room if has_first_look else []), said, shape]
    waiting = rx.el.div(*parts, key="waiting", custom_attrs={"aria-busy": "true"})
    return when(here(is_ready), lambda: content, lambda: waiting)


def here(is_ready: Flag) -> Flag:
    """Tell whether something is ready for the page that is open; a state still holds what an earlier one showed."""
    return is_ready if isinstance(is_ready, bool) else is_ready & ~IS_ELSEWHERE
