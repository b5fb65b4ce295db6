"""The room of a visit, the same for everybody in it: the picture, who is there, and what is written."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, surfaces
from portal_app.core.i18n import _
from portal_app.pages._video import video
from portal_app.state.room import Room


def people() -> rx.Component:
    """Return the names of all who are in the room, always."""

    def one(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(rx.el.b(rx.el.bdi(row["name"])), " ", rx.el.small(row["role"]), class_name="tag tag-plain")

    return rx.el.ul(
        rx.foreach(Room.people, one),
        class_name="flex flex-wrap gap-2",
        custom_attrs={"role": "list", "aria-label": _("In this visit")},
    )


def chat() -> rx.Component:
    """Return what was written in the room, and the way to write."""

    def line(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(
            rx.el.b(rx.el.bdi(row["name"])), rx.el.p(rx.el.bdi(row["words"]), class_name="whitespace-pre-wrap")
        )

    return surfaces.section(
        _("Messages in this visit"),
        rx.el.ul(
            rx.foreach(Room.lines, line),
            class_name="grid grid-cols-1 gap-2",
            custom_attrs={"role": "log", "aria-label": _("Messages")},
        ),
        rx.cond(
            Room.lines.length() > 0,
            rx.fragment(),
            rx.el.p(_("Nothing written yet. Only those in the visit can read it."), class_name="quiet"),
        ),
        rx.el.form(
            fields.multi_line("words", _("Your message"), error=Room.words_error, rows=2),
            actions.submit(_("Send"), kind="second"),
            on_submit=Room.on_write,
            reset_on_submit=True,
            class_name="grid grid-cols-1 gap-3",
        ),
    )


def room(*more: rx.Component, is_guest: bool = False) -> rx.Component:
    """Return the whole room; `is_guest` where the key of a link opens it instead of a session."""
    pictures = rx.cond(Room.is_open, video(Room.visit_id, is_guest=is_guest), rx.fragment())
    return surfaces.stack(people(), pictures, *more, chat())
