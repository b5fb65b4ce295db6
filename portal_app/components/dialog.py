"""What opens over or inside a page: dialogs, popovers, disclosures and tabs, all of them native elements.

Undo is kinder than a question: a dialog is for what cannot be undone, and its buttons say what they do.
"""

from collections.abc import Sequence

import reflex as rx

from portal_app.components import icons
from portal_app.components.browser import ModalDialog
from portal_app.components.fields import radio
from portal_app.components.kinds import Flag, Handler, Part, Row, Rows, Text, attributes, each, events, words_of


def dialog(
    name: str, title: Text, *parts: Part, is_open: Flag, on_dismiss: Handler, actions: Sequence[Part]
) -> rx.Component:
    """Return a modal dialog that `is_open` opens; Escape or a closing button calls `on_dismiss`.

    `on_dismiss` sets the state's flag back. The title is the dialog's name; `actions` are its buttons, the one that
    keeps things as they are among them.
    """
    return ModalDialog.create(
        rx.el.div(
            rx.el.h2(title, custom_attrs={"id": f"{name}-title"}),
            *parts,
            rx.el.div(*actions, class_name="grid grid-cols-1 gap-2"),
            class_name="grid grid-cols-1 gap-4",
        ),
        is_open=is_open,
        on_dismiss=on_dismiss,
        class_name="sheet",
        custom_attrs=attributes(id=name, **{"aria-labelledby": f"{name}-title"}),
    )


def popover(name: str, label: Text, *parts: Part, icon: rx.Component | None = None) -> rx.Component:
    """Return a button and the small sheet it opens; tapping elsewhere or Escape closes it, without the server."""
    content: list[Part] = [label] if icon is None else [icon, rx.el.span(label)]
    return rx.fragment(
        rx.el.button(
            *content, type="button", class_name="btn btn-second btn-fit", custom_attrs={"popoverTarget": name}
        ),
        rx.el.div(*parts, class_name="popover", custom_attrs={"id": name, "popover": "auto"}),
    )


def disclosure(summary: Text, *parts: Part, on_fold: Handler | None = None) -> rx.Component:
    """Return more about something, folded under one line; never around something needed to go on.

    `on_fold` is called each time it is opened or closed, so that what takes long is looked up when it is wanted.
    """
    return rx.el.details(
        rx.el.summary(icons.onward("icon-small"), rx.el.span(summary), **events(on_click=on_fold)),
        rx.el.div(*parts, class_name="grid grid-cols-1 gap-2 pb-2 ps-7"),
        class_name="disclosure",
    )


def tabs(label: Text, items: Sequence[tuple[Text, Text, bool]]) -> rx.Component:
    """Return views of the same thing as links: label, address, and whether it is the current one."""
    links = [
        rx.el.a(
            text,
            href=href,
            class_name="view-tab",
            custom_attrs=attributes(**{"aria-current": "page" if is_current else None}),
        )
        for text, href, is_current in items
    ]
    return rx.el.nav(*links, class_name="view-tabs", custom_attrs=attributes(**{"aria-label": label}))


def filter_tabs(name: str, legend: Text, choices: Rows, *, chosen: Text, on_choose: Handler) -> rx.Component:
    """Return views of one list as radios, with what each holds in its label ("Checked in 3")."""

    def one(row: Row) -> rx.Component:
        return rx.el.label(
            radio(name, row, chosen, on_choose, class_name="unseen"), words_of(row, "label"), class_name="view-tab"
        )

    return rx.el.fieldset(
        rx.el.legend(legend, class_name="sr-only"),
        rx.el.div(each(choices, one), class_name="view-tabs"),
        class_name="field",
    )
