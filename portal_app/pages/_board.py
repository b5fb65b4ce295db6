"""What the day, the week and the month share: which of them, whose, turning, printing."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.components import actions, board, dialog
from portal_app.components.kinds import Handler, Text
from portal_app.core.i18n import _
from portal_app.pages._frames import path


def view_tabs(at: str, scope: rx.Var[Any]) -> rx.Component:
    """Return day, week and month of the same `scope` as links; `at` is the address of the current one."""
    views = [
        ("/staff/schedule", _("Day")),
        ("/staff/schedule/week", _("Week")),
        ("/staff/schedule/month", _("Month")),
    ]
    return dialog.tabs(_("Day, week or month"), [(label, _of(path(href), scope), href == at) for href, label in views])


def _of(address: str, scope: rx.Var[Any]) -> rx.Var[str]:
    return rx.Var.create(f"{address}?who=").to(str) + scope.to(str)


def scope_choice(
    chosen: rx.Var[Any], people: rx.Var[Any], places: rx.Var[Any], rooms: rx.Var[Any], on_choose: Handler
) -> rx.Component:
    """Return whose it is, in groups: too many for radios."""
    groups = [(_("Clinicians"), people, ""), (_("Places"), places, ""), (_("Rooms"), rooms, "room:")]
    return board.grouped_select("scope", _("Whose"), groups, chosen=chosen, on_choose=on_choose)


def turn(on_turn: Callable[[int], Any], before: Text, now: Text, after: Text) -> rx.Component:
    """Return the way to what comes before and after, and back to now."""
    return rx.el.div(
        actions.button(before, on_turn(-1), kind="quiet", fits=True, writes=False),
        actions.button(now, on_turn(0), kind="second", fits=True, writes=False),
        actions.button(after, on_turn(1), kind="quiet", fits=True, writes=False),
        class_name="flex flex-wrap gap-2 no-print",
    )


def print_button() -> rx.Component:
    """Return what prints the page as it stands."""
    return board.print_button(_("Print"))
