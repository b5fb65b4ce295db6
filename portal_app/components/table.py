"""Tables for people who compare: rows of cells where there is room, one card per row where there is not."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from portal_app.components.kinds import Part, Rows, Text, attributes, each


def table(
    caption: Text,
    columns: Sequence[Text],
    lines: Rows,
    draw: Callable[[Any], rx.Component],
    *,
    caption_is_seen: bool = False,
) -> rx.Component:
    """Return a table; `draw` turns a row into a `line` with as many cells as there are columns."""
    heads = [rx.el.th(name, scope="col") for name in columns]
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="" if caption_is_seen else "sr-only"),
            rx.el.thead(rx.el.tr(*heads), custom_attrs={"role": "rowgroup"}),
            rx.el.tbody(each(lines, draw), custom_attrs={"role": "rowgroup"}),
            class_name="grid-table",
            custom_attrs={"role": "table"},
        ),
        class_name="table-frame",
    )


def line(*cells: rx.Component, tone: Text | None = None) -> rx.Component:
    """Return one row of a table; `tone` "now" is the one at hand, "past" is over."""
    return rx.el.tr(*cells, custom_attrs=attributes(role="row", **{"data-tone": tone}))


def head_cell(*parts: Part) -> rx.Component:
    """Return the cell that names its row."""
    return rx.el.th(*parts, scope="row", custom_attrs={"role": "rowheader"})


def cell(column: Text, *parts: Part) -> rx.Component:
    """Return a cell; the column's name is shown beside it where rows have become cards."""
    said = [rx.el.span(column, class_name="cell-name", custom_attrs={"aria-hidden": "true"})] if column else []
    return rx.el.td(*said, *parts, custom_attrs={"role": "cell"})
