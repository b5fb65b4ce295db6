"""The room of a visit, the same for everybody in it: the picture, who is there, and what is written."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import reflex as rx

from portal_app.components import actions, keeping, states, surfaces
from portal_app.components.kinds import Text, when_said
from portal_app.components.room import ahead
from portal_app.core.i18n import _
from portal_app.pages._video import video
from portal_app.state.room import Room


def people() -> rx.Component:
    """Return the names of all who are in the room, always."""

    def one(row: rx.Var[Any]) -> rx.Component:
        return rx.el.li(rx.el.b(rx.el.bdi(row["name"])), " ", rx.el.small(row["role"]), class_name="tag tag-plain")

    return rx.el.ul(
        rx.foreach(Room.people, one),
        class_name="video-names flex flex-wrap gap-2",
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
        rx.el.div(
            rx.el.ul(rx.foreach(Room.lines, line), class_name="grid grid-cols-1 gap-2", custom_attrs={"role": "list"}),
            custom_attrs={"role": "log", "aria-label": _("Messages")},
        ),
        rx.cond(
            Room.lines.length() > 0,
            rx.fragment(),
            rx.el.p(_("Nothing written yet. Only those in the visit can read it."), class_name="quiet"),
        ),
        rx.el.form(
            keeping.sent_text("words", _("Your message"), taken=Room.sent, turn=Room.sent_turn, error=Room.words_error),
            actions.submit(_("Send"), kind="second"),
            on_submit=Room.on_write,
            class_name="grid grid-cols-1 gap-3",
        ),
    )


def in_the_visit(moved: rx.Var[str]) -> rx.Component:
    """Return the heading of the room, which takes the focus of whoever was let in while the page was open."""
    return states.focused(rx.el.h2(_("You are in the visit")), moment=moved, class_name="sr-only")


def outside(moved: rx.Var[str]) -> rx.Component:
    """Return what somebody reads who was asked to wait while the clinician is alone with the patient."""
    return surfaces.card(
        states.focused(rx.el.h2(_("The clinician is talking with the patient alone")), moment=moved),
        rx.el.p(_("You wait outside for a while. You cannot hear, see or read what is said, now or later.")),
        rx.el.p(_("Leave this page open: you are let back in when they have finished.")),
        is_first=True,
    )


def _alone() -> rx.Component:
    """Say to all in the room that nobody else hears them just now."""
    alone = surfaces.banner(
        _("Time alone with the clinician"),
        rx.el.p(_("Whoever came along waits outside. They cannot hear, see or read this, now or later.")),
        tone="info",
    )
    return rx.el.div(rx.cond(Room.is_alone, rx.el.div(alone, class_name="pb-4"), rx.fragment()), role="status")


def _taken_over() -> rx.Component:
    """Say to all in the room who has been given the visit and is not there yet."""
    said = when_said(Room.taking_over, lambda text: rx.el.div(surfaces.banner(text, tone="info"), class_name="pb-4"))
    return rx.el.div(said, role="status")


def room(
    *more: rx.Component, is_guest: bool = False, numbers: Mapping[str, Text] = MappingProxyType({})
) -> rx.Component:
    """Return the whole room; `is_guest` where the key of a link opens it instead of a session.

    `numbers` are the telephones that are named while there is no line (see `components.room`).
    """
    picture = video(Room.visit_id, is_guest=is_guest, is_awaiting=Room.taking_over != "", numbers=numbers)
    pictures = rx.cond(Room.is_open, picture, ahead())
    # What is not said takes no room from the picture.
    head = rx.el.div(_alone(), _taken_over(), people(), class_name="grid grid-cols-1")
    return rx.el.div(head, pictures, *more, chat(), class_name="grid grid-cols-1 gap-4 content-start")
