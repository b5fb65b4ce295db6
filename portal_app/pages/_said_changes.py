"""What a patient changed about themself, old and new, with one button each; nothing where nothing is open."""

from typing import Any

import reflex as rx

from portal_app.components import actions, icons, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.state.said_changes import SaidChanges


def said_changes() -> rx.Component:
    """Return the section."""
    said = rx.el.div(
        when_said(SaidChanges.news, lambda text: surfaces.banner(text, tone="good")),
        when_said(SaidChanges.problem, lambda text: surfaces.banner(text, tone="caution")),
        role="status",
    )
    listed = surfaces.section(
        _("Changed about themself"),
        rx.el.p(_("It counts already. Accept each once it stands in your own books too."), class_name="quiet"),
        rx.el.ul(rx.foreach(SaidChanges.rows, _row), class_name="rows", custom_attrs={"role": "list"}),
    )
    drawn: rx.Component = rx.fragment(
        said, rx.cond(skeleton.here(SaidChanges.is_ready & (SaidChanges.rows.length() > 0)), listed, rx.fragment())
    )
    return drawn


def _row(row: rx.Var[Any]) -> rx.Component:
    is_shown = row["accept"] != ""
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                rx.el.span(row["what"]),
                rx.cond(is_shown, _values(row), rx.fragment()),
                rx.el.small(row["told"], class_name="quiet"),
                class_name="row-words",
            ),
            rx.cond(
                is_shown,
                actions.button(
                    _("Accept"), SaidChanges.on_accept(row["id"]), kind="second", fits=True, icon=icons.check(),
                    accessible_name=row["accept"].to(str),
                ),
                rx.fragment(),
            ),
            when_said(
                row["href"].to(str),
                lambda href: actions.link_button(
                    _("Look at it"), href, kind="second", fits=True,
                    accessible_name=rx.Var.create(_("Look at it") + ": ").to(str) + row["what"].to(str),
                ),
            ),
            class_name="flex flex-wrap items-center justify-between gap-2 p-3",
        ),
        key=row["id"],
    )  # fmt: skip


def _values(row: rx.Var[Any]) -> rx.Component:
    return rx.fragment(
        rx.el.b(rx.el.bdi(row["now_given"], dir="auto"), class_name="break-words"),
        rx.el.small(_("Before:"), " ", rx.el.bdi(row["before_given"], dir="auto"), class_name="break-words"),
    )
