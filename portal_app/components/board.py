"""The staff's board: a week as a grid, selects for choices too many for radios, printing."""

from collections.abc import Sequence
from typing import Any, ClassVar

import reflex as rx
from reflex_components_core.el.elements.forms import Button

from portal_app.components.kinds import Handler, Rows, Text, attributes, each, events, words_of


class WeekGrid(rx.Component):
    """Days and visits; the browser drags and moves them, the server decides."""

    library = "$/public/week_grid.jsx"
    tag = "WeekGrid"

    days: rx.Var[list[dict[str, str]]]
    items: rx.Var[list[dict[str, Any]]]
    opens: rx.Var[int]
    closes: rx.Var[int]
    step: rx.Var[int]
    moving: rx.Var[str]
    words: rx.Var[dict[str, str]]
    on_pick: rx.EventHandler[rx.event.passthrough_event_spec(str)]  # type: ignore[type-arg, valid-type]
    on_drop: rx.EventHandler[rx.event.passthrough_event_spec(str, str, int)]  # type: ignore[type-arg, valid-type]
    on_stop: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]


class PrintButton(Button):
    """A button that prints the page."""

    library = "$/public/print_button.jsx"
    tag = "PrintButton"
    _is_tag_in_global_scope: ClassVar[bool] = False


def week_grid(
    days: Any,
    items: Any,
    *,
    opens: Any,
    closes: Any,
    step: Any,
    moving: Any,
    move_to: str,
    nobody: str,
    on_pick: Handler,
    on_drop: Handler,
    on_stop: Handler,
) -> rx.Component:
    """Return the grid.

    A day has `value` (ISO), `weekday`, `date`, `name` and `today`; an item `id`, `day`, `start` and `length` in
    minutes of the wall clock, `label`, `title`, `detail`, `tone`, `name` and `fixed`. `move_to` holds `{when}`.
    """
    grid = WeekGrid.create(
        days=days,
        items=items,
        opens=opens,
        closes=closes,
        step=step,
        moving=moving,
        words={"moveTo": move_to, "nobody": nobody},
        on_pick=on_pick,
        on_drop=on_drop,
        on_stop=on_stop,
    )
    return rx.el.div(grid, class_name="week-frame")


def print_button(label: Text) -> rx.Component:
    """Return a button that opens the browser's own print dialog."""
    return PrintButton.create(
        label, class_name="btn btn-quiet btn-fit no-print", custom_attrs=attributes(type="button")
    )


def select_field(
    name: str,
    label: Text,
    options: Rows,
    *,
    chosen: Text | None = None,
    on_choose: Handler | None = None,
    label_key: str = "label",
) -> rx.Component:
    """Return a drop-down list, the last resort for many choices; `chosen` follows the state."""
    return _labelled(name, label, [_options(options, label_key)], chosen, on_choose)


def grouped_select(
    name: str,
    label: Text,
    groups: Sequence[tuple[str, Any, str]],
    *,
    chosen: Text,
    on_choose: Handler,
) -> rx.Component:
    """Return a drop-down list in groups: label, rows with `value` and `label`, and what stands before each value."""
    drawn = [
        rx.el.optgroup(_options(rows, "label", prefix), custom_attrs={"label": group}) for group, rows, prefix in groups
    ]
    return _labelled(name, label, drawn, chosen, on_choose)


def _options(rows: Rows, label_key: str, prefix: str = "") -> rx.Component:
    def option(row: Any) -> rx.Component:
        value = words_of(row, "value")
        return rx.el.option(words_of(row, label_key), value=rx.Var.create(prefix).to(str) + value if prefix else value)

    return each(rows, option)


def _labelled(
    name: str, label: Text, options: Sequence[Any], chosen: Text | None, on_choose: Handler | None
) -> rx.Component:
    shown = {} if chosen is None else {"value": chosen}
    return rx.el.div(
        rx.el.label(label, custom_attrs={"htmlFor": name}),
        rx.el.select(
            *options,
            class_name="input",
            custom_attrs=attributes(id=name, name=name),
            **shown,
            **events(on_change=on_choose),
        ),
        class_name="field",
    )
