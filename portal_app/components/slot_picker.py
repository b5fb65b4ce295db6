"""Choosing a time: ten dates with what is free on each, then the times of the chosen one by part of the day.

Never a calendar alone, no drop-downs, full days shown as full; the chosen date stands again above its
times. Dates are native radios: arrow keys move, the label is what is seen, and a screen reader hears the whole
sentence of `name`. Times are buttons that lead on.
"""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.components import icons
from portal_app.components.browser import SyncedChoice
from portal_app.components.kinds import (
    Flag,
    Handler,
    Row,
    Rows,
    Text,
    attributes,
    each,
    events,
    flag_of,
    rows_of,
    when,
    when_said,
    words_of,
)


def day_strip(
    legend: Text,
    days: Rows,
    *,
    chosen: Text,
    on_choose: Handler,
    earlier: rx.Component | None = None,
    later: rx.Component | None = None,
    name: str = "day",
) -> rx.Component:
    """Return a page of dates.

    Each day has `value` (ISO date, what `on_choose` receives), `weekday` ("Tue"), `date` ("24"), `count` ("6 free",
    "full"), `name` (the whole sentence for screen readers), `is_full`, and `month` ("December" on the first day of the
    page and where a month begins, else empty).
    `earlier` and `later` are quiet buttons to other dates.
    """
    pages = [button for button in (earlier, later) if button is not None]
    return rx.el.fieldset(
        rx.el.legend(legend),
        rx.el.div(each(days, lambda row: _day(row, name, chosen, on_choose)), class_name="days"),
        *([rx.el.div(*pages, class_name="flex flex-wrap justify-between gap-2")] if pages else []),
        class_name="field",
    )


def times_to_tap(
    title: Text, parts: Rows, *, on_tap: Callable[[Text], Any], zone_note: Text | None = None, is_open: Flag = True
) -> rx.Component:
    """Return the free times of the chosen date under the date's name, each a button that leads on at once.

    Each part has `label` ("Morning") and `times`; each time has `value` (what `on_tap` receives), `label` ("9:20") and
    `name` (time, weekday and zone in words).

    Buttons, because an arrow key that moves among radios chooses each it comes to, and nobody is to be led away by
    that (WCAG 2.2, 3.2.2). For whoever may only see them (`is_open` false) they are words.
    """
    return rx.el.section(
        rx.el.h2(title),
        when_said(zone_note, rx.el.small),
        each(parts, lambda part: _part(part, on_tap, is_open)),
        class_name="grid grid-cols-1 gap-3",
    )


def held_until(text: Text, *, extend: rx.Component | None = None, is_ending: Flag = False) -> Any:
    """Return the line that says how long the time is kept, and the button that keeps it longer once it is ending."""
    line = rx.el.div(
        icons.clock("icon-small"), rx.el.span(text), class_name="flex items-center gap-2 text-quiet text-small"
    )
    if extend is None:
        return line
    return rx.el.div(line, when(is_ending, lambda: extend), class_name="grid grid-cols-1 gap-2")


def _day(row: Row, name: str, chosen: Text, on_choose: Handler) -> rx.Component:
    return rx.fragment(
        when_said(words_of(row, "month"), lambda text: rx.el.span(text, class_name="month")),
        _day_card(row, name, chosen, on_choose),
    )


def _day_card(row: Row, name: str, chosen: Text, on_choose: Handler) -> rx.Component:
    return rx.el.label(
        _unseen_radio(row, name, chosen, on_choose, is_disabled=flag_of(row, "is_full")),
        _seen(
            rx.el.span(words_of(row, "weekday")),
            rx.el.b(words_of(row, "date")),
            rx.el.small(words_of(row, "count")),
        ),
        class_name="day",
    )


def _part(part: Row, on_tap: Callable[[Text], Any], is_open: Flag) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(rx.el.small(words_of(part, "label"))),
        rx.el.div(each(rows_of(part, "times"), lambda row: _time(row, on_tap, is_open)), class_name="times"),
        class_name="field",
    )


def _time(row: Row, on_tap: Callable[[Text], Any], is_open: Flag) -> rx.Component:
    drawn: rx.Component = when(
        is_open, lambda: _time_button(row, on_tap), lambda: rx.el.span(words_of(row, "label"), class_name="time")
    )
    return drawn


def _time_button(row: Row, on_tap: Callable[[Text], Any]) -> rx.Component:
    return rx.el.button(
        _seen(words_of(row, "label")),
        type="button",
        class_name="time",
        custom_attrs=attributes(**{"aria-label": words_of(row, "name")}),
        **events(on_click=on_tap(words_of(row, "value"))),
    )


def _seen(*parts: Any) -> rx.Component:
    """Return what is seen of a choice; its radio carries the whole sentence."""
    return rx.el.span(*parts, class_name="contents", custom_attrs={"aria-hidden": "true"})


def _unseen_radio(row: Row, name: str, chosen: Text, on_choose: Handler, *, is_disabled: Flag) -> rx.Component:
    value = words_of(row, "value")
    return SyncedChoice.create(
        is_chosen=value == chosen,
        moment=chosen,
        on_choose=on_choose,
        class_name="unseen",
        custom_attrs=attributes(
            type="radio",
            name=name,
            value=value,
            disabled=is_disabled,
            **{"aria-label": words_of(row, "name")},
        ),
    )
