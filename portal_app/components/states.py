"""What a screen says when it is empty, wrong, cut off or done: what happened, what is safe, what to do, whom to ask."""

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from portal_app.components import icons
from portal_app.components.browser import ConnectionNotice, TakesFocus
from portal_app.components.kinds import Part, Text, attributes, classes, when_said
from portal_app.components.surfaces import banner


def empty(
    title: Text, detail: Text, *, icon: rx.Component | None = None, action: rx.Component | None = None
) -> rx.Component:
    """Return what stands where nothing is yet: what will be here and how to start."""
    return _state("mark", icon or icons.day_list(), title, detail, action)


def error(
    title: Text,
    detail: Text,
    *,
    safe: Text | None = None,
    action: rx.Component | None = None,
    ask: rx.Component | None = None,
) -> rx.Component:
    """Return what went wrong: `detail` says what to do, `safe` what is not lost, `ask` leads to a person."""
    more = [when_said(safe, rx.el.p), *([ask] if ask is not None else [])]
    return _state("mark tone-critical", icons.critical(), title, detail, action, *more, role="alert")


def done(title: Text, detail: Text, *parts: Part, takes_focus: bool = True) -> rx.Component:
    """Return that it is done, when, and what happens next; the title takes the focus, as the tap's button is gone."""
    heading = TakesFocus.create(rx.el.h1(title), moment="done" if takes_focus else "")
    return rx.el.section(
        rx.el.span(icons.check(), class_name="mark tone-good"), heading, rx.el.p(detail), *parts, class_name="state"
    )


def offline_notice(title: Text, detail: Text) -> rx.Component:
    """Return the status line of a page, silent while the connection holds; frames place it under the top bar."""
    return ConnectionNotice.create(
        rx.el.div(
            icons.offline("mt-[2px]"),
            rx.el.div(rx.el.strong(title), rx.el.span(detail), class_name="banner-words"),
            class_name="banner tone-caution",
        ),
        is_cut_off=has_connection_errors,
        class_name="notice",
    )


def moved(title: Text, detail: Text, *, action: rx.Component | None = None) -> rx.Component:
    """Return news that arrived while the page was open, announced without moving the focus."""
    return banner(title, rx.el.span(detail), tone="info", is_announced=True, action=action)


def focused(*parts: Part, moment: Text = "shown", to: str = "", class_name: str = "") -> rx.Component:
    """Return a block that takes the focus when it appears and whenever `moment` changes, or gives it to field `to`."""
    given = {"to": to} if to else {}
    return TakesFocus.create(*parts, moment=moment, class_name=class_name, **given)


def _state(
    mark: str,
    icon: rx.Component,
    title: Text,
    detail: Text,
    action: rx.Component | None,
    *more: Part,
    role: str | None = None,
) -> rx.Component:
    return rx.el.section(
        rx.el.span(icon, class_name=mark),
        rx.el.h2(title),
        rx.el.p(detail),
        *more,
        *([action] if action is not None else []),
        class_name=classes("card", "state"),
        custom_attrs=attributes(role=role),
    )
