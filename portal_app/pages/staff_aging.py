"""Billing's list of accounts by how long they owe: the longest first, and all of it as a file."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces, table
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_aging import StaffAging as State
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Owed by age"),
            action=actions.link_button(_("All bills"), path("/staff/bills"), kind="quiet", fits=True),
        ),
        rx.el.p(_("How many days ago each bill was to be paid. The account that owes longest comes first.")),
        skeleton.until(
            State.is_ready,
            surfaces.stack(skeleton.rows(1, 88), skeleton.rows(4, 88)),
            rx.cond(State.rows.length() > 0, _list(), _nobody()),
            loading=_("Opening the accounts"),
        ),
        at="/staff/bills",
    )


def _nobody() -> rx.Component:
    return states.empty(
        _("Nobody owes anything"), _("An account stands here while one of its bills is open."), icon=icons.check()
    )


def _list() -> rx.Component:
    more = actions.button(_("Show more accounts"), State.on_more, kind="second", writes=False)
    file = actions.document_link(
        _("All accounts as a file (CSV)"), "/staff/aging/accounts.csv", kind="second", fits=True
    )
    return surfaces.stack(
        surfaces.section(_("All accounts together"), _totals()),
        surfaces.section(_("Account by account"), _accounts(), rx.cond(State.has_more, more, rx.fragment())),
        file,
    )


def _columns() -> tuple[str, ...]:
    return (_("Less than 30 days"), _("30 days"), _("60 days"), _("90 days"), _("120 days or more"), _("In all"))


def _totals() -> rx.Component:
    columns = (_("Currency"), *_columns())

    def one(row: rx.Var[Any]) -> rx.Component:
        return table.line(table.head_cell(rx.el.bdi(row["currency"].to(str))), *_amounts(row))

    return table.table(_("All accounts together"), columns, State.totals, one)


def _accounts() -> rx.Component:
    columns = (_("Patient"), _("Open since"), *_columns())

    def one(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.head_cell(rx.el.bdi(row["name"].to(str))),
            table.cell(columns[1], row["since"].to(str)),
            *_amounts(row),
        )

    return table.table(_("Account by account"), columns, State.rows, one)


def _amounts(row: rx.Var[Any]) -> list[rx.Component]:
    keys = ("d0", "d30", "d60", "d90", "d120", "sum")
    return [
        table.cell(column, rx.el.bdi(row[key].to(str), class_name="tabular-nums"))
        for column, key in zip(_columns(), keys, strict=True)
    ]


PAGE = Page(
    "/staff/aging", N_("Owed by age"), build, policy="billing.keep_books", audience="staff", on_load=State.on_load
)
