"""The month: a table of days with how many are booked, each a way to its week."""

from typing import Any

import reflex as rx

from portal_app.components import frame, skeleton, surfaces
from portal_app.components.kinds import attributes, when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._board import print_button, scope_choice, turn, view_tabs
from portal_app.pages._frames import staff_page
from portal_app.state.staff_month import StaffMonth
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            rx.cond(skeleton.here(StaffMonth.is_ready), StaffMonth.title, _("Month")),
            action=turn(StaffMonth.on_turn, _("Month before"), _("This month"), _("Month after")),
        ),
        skeleton.until(
            StaffMonth.is_ready,
            skeleton.rows(6, 72),
            surfaces.stack(_choices(), _table(), class_name="gap-4"),
            loading=_("Opening the month"),
        ),
        at="/staff/schedule",
    )


def _choices() -> rx.Component:
    return rx.el.div(
        view_tabs("/staff/schedule/month", StaffMonth.scope),
        rx.el.div(
            scope_choice(StaffMonth.scope, StaffMonth.people, StaffMonth.places, StaffMonth.rooms, StaffMonth.on_scope),
            print_button(),
            class_name="flex flex-wrap items-end gap-3",
        ),
        class_name="flex flex-wrap items-end justify-between gap-3 no-print",
    )


def _table() -> rx.Component:
    def day(cell: rx.Var[Any]) -> rx.Component:
        return rx.el.td(
            rx.el.a(
                rx.el.b(cell["date"], custom_attrs={"aria-hidden": "true"}),
                rx.el.span(cell["count"], custom_attrs={"aria-hidden": "true"}),
                when_said(
                    cell["overbooked"], lambda text: rx.el.em(text, class_name="mark-beyond", aria_hidden="true")
                ),
                rx.el.span(cell["name"], class_name="sr-only"),
                href=cell["href"],
                class_name="month-day",
                custom_attrs=attributes(**{"data-today": cell["today"], "data-outside": cell["outside"]}),
            ),
            class_name="border-t border-line",
        )

    def week(cells: rx.Var[Any]) -> rx.Component:
        return rx.el.tr(rx.foreach(cells.to(list[dict[str, str]]), day))

    return rx.el.div(
        rx.el.table(
            rx.el.caption(StaffMonth.title, class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    rx.foreach(
                        StaffMonth.weekdays,
                        lambda name: rx.el.th(name, scope="col", class_name="py-2 text-tiny text-quiet"),
                    )
                )
            ),
            rx.el.tbody(rx.foreach(StaffMonth.weeks, week)),
            class_name="month w-full",
        ),
        class_name="table-frame",
    )


PAGE = Page(
    "/staff/schedule/month",
    N_("Month"),
    build,
    policy="booking.view_day",
    audience="staff",
    on_load=StaffMonth.on_load,
)
