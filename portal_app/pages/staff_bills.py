"""Billing's list: charges that wait for their bill, and bills on which something is owed."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done
from portal_app.state.staff_bills import StaffBills
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Bills"),
            action=rx.el.div(
                actions.link_button(_("Money online"), path("/staff/money"), kind="second", fits=True),
                actions.link_button(
                    _("Questions about bills"), path("/staff/bill-questions"), kind="second", fits=True
                ),
                actions.link_button(_("Statements"), path("/staff/statements"), kind="second", fits=True),
                actions.link_button(_("Owed by age"), path("/staff/aging"), kind="second", fits=True),
                class_name="flex flex-wrap gap-2",
            ),
        ),
        rx.el.p(actions.text_link(_("Estimates before a visit"), path("/staff/estimates"))),
        done(StaffBills.news),
        rx.el.div(when_said(StaffBills.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            StaffBills.is_ready,
            surfaces.stack(skeleton.rows(3, 88), skeleton.rows(4, 88)),
            surfaces.stack(
                surfaces.section(
                    _("Visits to be billed"), rx.cond(StaffBills.waiting.length() > 0, _waiting(), _done())
                ),
                surfaces.section(
                    _("Bills with something to pay"),
                    fields.search_field("number", _("Number of the bill"), on_change=StaffBills.on_find.debounce(300)),
                    rx.cond(StaffBills.bills.length() > 0, _bills(), _no_bills()),
                ),
            ),
            loading=_("Opening the bills"),
        ),
        at="/staff/bills",
    )


def _waiting() -> rx.Component:
    columns = (_("Patient"), _("Visit"), _("Service"), _("Price"), _("What to do"))

    def one(row: rx.Var[Any]) -> rx.Component:
        make = actions.button(
            _("Make the bill"), StaffBills.on_make(row["id"].to(str), row["corrections"].to(str)), kind="second",
            fits=True, accessible_name=rx.Var.create(_("Make the bill") + ": ").to(str) + row["name"].to(str),
        )  # fmt: skip
        return table.line(
            table.head_cell(rx.el.bdi(row["name"].to(str))),
            table.cell(columns[1], rx.el.bdi(row["visit"].to(str))),
            table.cell(columns[2], rx.el.bdi(row["service"].to(str), dir="auto")),
            table.cell(columns[3], rx.el.bdi(row["amount"].to(str), class_name="tabular-nums")),
            table.cell(
                columns[4],
                rx.cond(row["amount"].to(str) != "", make, rx.el.small(_("No service or no price yet"))),
            ),
        )

    return table.table(_("Visits to be billed"), columns, StaffBills.waiting, one)


def _done() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("Nothing waits. A charge that is marked as ready to be billed stands here."), class_name="quiet"),
        actions.link_button(_("All charges"), path("/staff/billing"), kind="second", fits=True),
        class_name="gap-3",
    )


def _bills() -> rx.Component:
    columns = (_("Bill"), _("Patient"), _("Visit"), _("Due"), _("Left"))

    def one(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.head_cell(actions.text_link(row["number"].to(str), row["href"].to(str))),
            table.cell(columns[1], rx.el.bdi(row["name"].to(str))),
            table.cell(columns[2], rx.el.bdi(row["visit"].to(str))),
            table.cell(columns[3], row["due"].to(str)),
            table.cell(columns[4], surfaces.tag_by(row["tone"], rx.el.bdi(row["status"].to(str)))),
        )

    return table.table(_("Bills with something to pay"), columns, StaffBills.bills, one)


def _no_bills() -> rx.Component:
    none = rx.el.p(_("Nobody owes anything."), class_name="quiet")
    unknown = states.empty(
        _("No bill has that number"), _("Look at the number on the bill again."), icon=icons.search()
    )
    drawn: rx.Component = rx.cond(StaffBills.found_none, unknown, none)
    return drawn


PAGE = Page(
    "/staff/bills", N_("Bills"), build, policy="billing.keep_books", audience="staff", on_load=StaffBills.on_load
)
