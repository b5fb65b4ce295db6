"""To whom a video visit is handed over: asked on the board, and inside the room."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.components import actions, dialog
from portal_app.components.kinds import Flag, Handler, Text
from portal_app.core.i18n import _


def hand_over(
    who: Text, colleagues: rx.Var[Any], *, is_open: Flag, on_choose: Callable[[Any], Handler], on_close: Handler
) -> rx.Component:
    """Return the question, which names the patient; `on_choose` receives the value of one of the `colleagues`."""

    def one(row: rx.Var[Any]) -> rx.Component:
        return actions.button(row["label"], on_choose(row["value"]), kind="second")

    return dialog.dialog(
        "hand-over",
        _("Hand over to whom?"),
        rx.el.p(rx.el.b(rx.el.bdi(who))),
        rx.el.p(_("The patient moves along and keeps their place.")),
        rx.cond(
            colleagues.length() > 0,
            rx.el.div(rx.foreach(colleagues, one), class_name="grid grid-cols-1 gap-2"),
            rx.el.p(_("Nobody else works at this place.")),
        ),
        is_open=is_open,
        on_dismiss=on_close,
        actions=[actions.button(_("Close"), on_close, kind="quiet", writes=False)],
    )
