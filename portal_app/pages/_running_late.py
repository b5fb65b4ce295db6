"""Running late on the day page: what was said, and the way to say it."""

from typing import Any

import reflex as rx

from portal_app.components import actions, board, dialog, icons, surfaces
from portal_app.core.i18n import _
from portal_app.state.running_late import RunningLate


def delays() -> rx.Component:
    """Return who runs late today, heard when it changes."""
    return rx.el.div(
        rx.foreach(RunningLate.late, lambda said: surfaces.banner(said, tone="caution")),
        role="status",
        class_name="grid grid-cols-1 gap-2",
    )


def begin() -> rx.Component:
    """Return the button that opens the question."""
    return actions.button(
        _("Running late"), RunningLate.on_open, kind="second", icon=icons.clock(), fits=True, writes=False
    )


def question() -> rx.Component:
    """Return the dialog: who, and how late; one tap says it."""

    def step(row: rx.Var[Any]) -> rx.Component:
        return actions.button(row["label"], RunningLate.on_say(row["value"]), kind="second")

    return dialog.dialog(
        "running-late",
        _("How late?"),
        board.select_field(
            "late-person", _("Who"), RunningLate.people, chosen=RunningLate.person, on_choose=RunningLate.on_person
        ),
        rx.el.p(_("Everybody who waits sees it at once. Those who are not here yet get one mail each.")),
        rx.el.div(rx.foreach(RunningLate.steps, step), class_name="grid grid-cols-2 gap-2"),
        is_open=RunningLate.is_open,
        on_dismiss=RunningLate.on_close,
        actions=[actions.button(_("Close"), RunningLate.on_close, kind="quiet", writes=False)],
    )
