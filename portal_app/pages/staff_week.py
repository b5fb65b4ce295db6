"""The week: a grid of visits that a mouse or the keyboard moves, blocked times, and what each visit is."""

from typing import Any

import reflex as rx

from portal_app.components import actions, board, dialog, errors, fields, frame, icons, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._board import print_button, scope_choice, turn, view_tabs
from portal_app.pages._frames import staff_page
from portal_app.state.staff_week import StaffWeek
from portal_app.web.page import Page

BLOCK_FORM = "block"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            rx.cond(skeleton.here(StaffWeek.is_ready), StaffWeek.title, _("Week")),
            action=turn(StaffWeek.on_turn, _("Week before"), _("This week"), _("Week after")),
        ),
        rx.el.div(
            when_said(StaffWeek.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(StaffWeek.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            StaffWeek.is_ready,
            skeleton.rows(8, 64),
            surfaces.stack(_choices(), _moving(), _grid(), class_name="gap-4"),
            loading=_("Opening the week"),
        ),
        _picked(),
        _ask(),
        _block(),
        at="/staff/schedule",
    )


def _choices() -> rx.Component:
    block = actions.button(
        _("Block a time"), StaffWeek.on_begin_block, kind="second", icon=icons.clock(), fits=True, writes=False
    )
    return rx.el.div(
        view_tabs("/staff/schedule/week", StaffWeek.scope),
        rx.el.div(
            scope_choice(StaffWeek.scope, StaffWeek.people, StaffWeek.places, StaffWeek.rooms, StaffWeek.on_scope),
            rx.cond(StaffWeek.can_block, block, rx.fragment()),
            print_button(),
            class_name="flex flex-wrap items-end gap-3",
        ),
        class_name="flex flex-wrap items-end justify-between gap-3 no-print",
    )


def _moving() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return rx.el.button(
            row["label"], type="button", class_name="time px-3", on_click=StaffWeek.on_time(row["value"])
        )

    return rx.cond(
        StaffWeek.moving != "",
        surfaces.card(
            rx.el.h2(_("Moving:"), " ", rx.el.bdi(StaffWeek.moving_words)),
            rx.el.p(
                _("In the grid, arrow keys move it, Enter puts it there, Escape leaves it. Or take a free time:"),
                class_name="text-small",
            ),
            rx.el.div(rx.foreach(StaffWeek.nearest, one), class_name="flex flex-wrap gap-2"),
            actions.button(_("Leave it where it is"), StaffWeek.on_stop, kind="quiet", fits=True, writes=False),
            is_first=True,
        ),
        rx.fragment(),
    )


def _grid() -> rx.Component:
    return board.week_grid(
        StaffWeek.days,
        StaffWeek.items,
        opens=StaffWeek.opens,
        closes=StaffWeek.closes,
        step=StaffWeek.step,
        moving=StaffWeek.moving,
        move_to=_("Move to {when}"),
        nobody=_("Nobody"),
        on_pick=StaffWeek.on_pick,
        on_drop=StaffWeek.on_drop,
        on_stop=StaffWeek.on_stop,
    )


def _picked() -> rx.Component:
    room = board.select_field(
        "room", _("Room"), StaffWeek.room_choices, chosen=StaffWeek.room, on_choose=StaffWeek.on_room
    )
    visit = [
        rx.cond(StaffWeek.can_move, actions.button(_("Move"), StaffWeek.on_move, writes=False), rx.fragment()),
        actions.link_button(_("Open the chart"), StaffWeek.picked_href, kind="second"),
    ]
    return dialog.dialog(
        "picked",
        rx.fragment(StaffWeek.picked_name),
        surfaces.facts(StaffWeek.picked_facts),
        rx.cond(StaffWeek.is_block | (StaffWeek.room_choices.length() < 2), rx.fragment(), room),
        is_open=StaffWeek.picked != "",
        on_dismiss=StaffWeek.on_close,
        actions=[
            rx.cond(
                StaffWeek.is_block,
                rx.cond(StaffWeek.can_free, actions.button(_("Free this time"), StaffWeek.on_unblock), rx.fragment()),
                rx.el.div(*visit, class_name="grid grid-cols-1 gap-2"),
            ),
            actions.button(_("Close"), StaffWeek.on_close, kind="quiet", writes=False),
        ],
    )


def _ask() -> rx.Component:
    return dialog.dialog(
        "ask-move",
        rx.cond(StaffWeek.is_beyond, _("Move it there all the same?"), _("Move this visit?")),
        rx.el.p(StaffWeek.question),
        rx.el.p(_("The patient gets an e-mail at once, if we have their address.")),
        is_open=StaffWeek.question != "",
        on_dismiss=StaffWeek.on_keep,
        actions=[
            actions.button(_("Yes, move it"), StaffWeek.on_confirm),
            actions.button(_("No, not there"), StaffWeek.on_keep, kind="second", writes=False),
        ],
    )


def _block() -> rx.Component:
    clock: dict[str, Any] = {"type": "time", "step": 300}
    return dialog.dialog(
        "block-time",
        _("Block a time"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "from", "text": StaffWeek.block_error}],
            is_shown=StaffWeek.block_error != "",
            moment=StaffWeek.attempt,
        ),
        rx.el.p(_("Nobody can be booked then. Visits that stand are not touched: move them first.")),
        rx.el.form(
            board.select_field("day", _("Day"), StaffWeek.days, label_key="name"),
            rx.el.div(
                fields.text_field("from", _("From"), width="short", more=clock),
                fields.text_field("until", _("Until"), width="short", more=clock),
                class_name="flex flex-wrap gap-3",
            ),
            fields.text_field(
                "reason", _("Why? (optional)"), hint=_("Staff read it. Nobody else does."), max_length=200
            ),
            on_submit=StaffWeek.on_block,
            class_name="grid gap-4",
            custom_attrs={"id": BLOCK_FORM, "noValidate": True},
        ),
        is_open=StaffWeek.is_blocking,
        on_dismiss=StaffWeek.on_stop_block,
        actions=[
            actions.submit(_("Block it"), form=BLOCK_FORM),
            actions.button(_("Cancel"), StaffWeek.on_stop_block, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/staff/schedule/week",
    N_("Week"),
    build,
    policy="booking.view_day",
    audience="staff",
    on_load=StaffWeek.on_load,
)
