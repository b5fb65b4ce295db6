"""What a person taps: buttons that act, links that go somewhere.

A page has one primary action, said as what will happen ("Book Tuesday 9:20"). While an action runs, its button keeps
its place and the focus but does nothing. Buttons that write carry `data-writes`: the shell of every page holds their
taps back while the server is away, because Reflex would queue and replay them.
"""

from typing import Any, Literal

import reflex as rx

from portal_app.components import icons
from portal_app.components.kinds import Flag, Handler, Part, Text, attributes, choose, classes, either, events
from portal_app.components.native import DocumentLink

Kind = Literal["primary", "second", "quiet", "critical", "critical_second"]
"""How much an action stands out: one primary a page; critical for what cannot be undone."""

_KIND_CLASS: dict[Kind, str] = {
    "primary": "",
    "second": "btn-second",
    "quiet": "btn-quiet",
    "critical": "btn-critical",
    "critical_second": "btn-critical-second",
}


def button(
    label: Text,
    on_click: Handler | None = None,
    *,
    kind: Kind = "primary",
    icon: rx.Component | None = None,
    is_submit: bool = False,
    form: Text | None = None,
    is_busy: Flag = False,
    busy_label: Text | None = None,
    is_disabled: Flag = False,
    writes: bool = True,
    fits: bool = False,
    name: Text | None = None,
    value: Text | None = None,
    described_by: Text | None = None,
    accessible_name: Text | None = None,
) -> rx.Component:
    """Return a button.

    `busy_label` replaces the label while `is_busy`. `writes` (the default) holds the button back while the connection
    is lost. `fits` makes it as wide as its words instead of the column. `accessible_name` must begin with
    the visible label (WCAG 2.5.3).
    """
    blocked = either(is_busy, is_disabled)
    said = label if busy_label is None else choose(is_busy, busy_label, label)
    tap = None if on_click is None else choose(blocked, rx.noop(), on_click)
    return rx.el.button(
        *_content(said, icon),
        class_name=classes("btn", _KIND_CLASS[kind], "btn-fit" if fits else None),
        type=choose(blocked, "button", "submit") if is_submit else "button",
        custom_attrs=attributes(
            name=name,
            value=value,
            form=form,
            **{
                "data-writes": "" if writes and (is_submit or on_click is not None) else None,
                "aria-disabled": None if blocked is False else choose(blocked, "true", "false"),
                "aria-busy": None if is_busy is False else choose(is_busy, "true", "false"),
                "aria-describedby": described_by,
                "aria-label": accessible_name,
            },
        ),
        **events(on_click=tap),
    )


def submit(
    label: Text,
    *,
    form: Text | None = None,
    is_busy: Flag = False,
    busy_label: Text | None = None,
    kind: Kind = "primary",
) -> rx.Component:
    """Return the button that sends the form around it, or from a dock the one whose id is `form`."""
    return button(label, kind=kind, is_submit=True, form=form, is_busy=is_busy, busy_label=busy_label)


def link_button(
    label: Text,
    href: Text,
    *,
    kind: Kind = "primary",
    icon: rx.Component | None = None,
    fits: bool = False,
    accessible_name: Text | None = None,
) -> rx.Component:
    """Return a link to another page that looks like a button."""
    return rx.el.a(
        *_content(label, icon),
        href=href,
        class_name=classes("btn", _KIND_CLASS[kind], "btn-fit" if fits else None),
        custom_attrs=attributes(**{"aria-label": accessible_name}),
    )


def document_link(
    label: Text, href: Text, *, kind: Kind = "second", icon: rx.Component | None = None, fits: bool = False
) -> rx.Component:
    """Return a link that leaves the pages' router: a file, a telephone number, a map, an e-mail address."""
    return plain_link(
        *_content(label, icon), href=href, class_name=classes("btn", _KIND_CLASS[kind], "btn-fit" if fits else None)
    )


def text_link(label: Text, href: Text) -> rx.Component:
    """Return a link inside a line of text that opens a page of the portal."""
    return rx.el.a(label, href=href)


def plain_link(*parts: Part, href: Text, class_name: str = "", **more: Any) -> rx.Component:
    """Return a plain HTML link that the browser follows itself, with its attributes as HTML names them."""
    return DocumentLink.create(*parts, href=href, class_name=class_name, custom_attrs=attributes(**more))


def icon_button(icon: rx.Component, accessible_name: Text, on_click: Handler | None = None) -> rx.Component:
    """Return a round button that shows a picture only; for places where the picture needs no word."""
    return rx.el.button(
        icon,
        type="button",
        class_name="round",
        custom_attrs=attributes(**{"aria-label": accessible_name}),
        **events(on_click=on_click),
    )


def back_button(accessible_name: Text, *, href: Text | None = None, on_click: Handler | None = None) -> rx.Component:
    """Return the way back, as a link to `href` or as a button that calls `on_click`."""
    if href is not None:
        return rx.el.a(
            icons.back(), href=href, class_name="round", custom_attrs=attributes(**{"aria-label": accessible_name})
        )
    return icon_button(icons.back(), accessible_name, on_click)


def _content(label: Text, icon: rx.Component | None) -> list[Part]:
    return [label] if icon is None else [icon, rx.el.span(label)]
