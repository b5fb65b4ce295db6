"""Estimates for billing: which wait, and what each kind of visit usually is."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import done, problem, problem_of
from portal_app.state.staff_estimates import StaffEstimates
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Estimates"),
            _("What patients are told before a visit"),
            action=actions.link_button(_("Bills"), path("/staff/bills"), kind="quiet", fits=True),
        ),
        problem(StaffEstimates),
        done(StaffEstimates.news),
        skeleton.until(
            StaffEstimates.is_ready,
            surfaces.stack(skeleton.rows(2, 88), skeleton.rows(4, 88)),
            surfaces.stack(
                rx.cond(StaffEstimates.waiting.length() > 0, _waiting(), _none()),
                surfaces.panes(_usual(), _set()),
            ),
            loading=_("Opening the estimates"),
        ),
        at="/staff/bills",
    )


def _none() -> rx.Component:
    return states.empty(
        _("No estimate waits"), _("Each one that was asked for was given by itself."), icon=icons.check()
    )


def _waiting() -> rx.Component:
    columns = (_("Patient"), _("Kind of visit"), _("To be given by"))

    def one(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.head_cell(rx.el.bdi(row["name"].to(str))),
            table.cell(columns[1], row["kind"].to(str)),
            table.cell(columns[2], row["by"].to(str)),
        )

    return surfaces.section(
        _("Waiting for a service or a price"),
        rx.el.p(_("Say below what such a visit usually is. A price comes with the list of fees.")),
        table.table(_("Waiting for a service or a price"), columns, StaffEstimates.waiting, one),
    )


def _usual() -> rx.Component:
    columns = (_("Kind of visit"), _("Service"), _("Price today"))

    def one(row: rx.Var[Any]) -> rx.Component:
        service = rx.fragment(
            rx.el.bdi(row["code"].to(str), dir="ltr"), rx.el.small(row["words"].to(str), dir="auto", class_name="block")
        )
        return table.line(
            table.head_cell(row["name"].to(str)),
            table.cell(columns[1], rx.cond(row["code"].to(str) != "", service, rx.el.small(_("Not said yet")))),
            table.cell(
                columns[2],
                rx.cond(
                    row["amount"].to(str) != "", rx.el.bdi(row["amount"].to(str), class_name="tabular-nums"),
                    rx.el.small(_("No price")),
                ),
            ),
        )  # fmt: skip

    return surfaces.section(
        _("What each kind of visit usually is"),
        table.table(_("What each kind of visit usually is"), columns, StaffEstimates.rows, one),
    )


def _set() -> rx.Component:
    return surfaces.section(
        _("Say what one usually is"),
        rx.el.form(
            fields.choice_list(
                "kind", _("Kind of visit"), StaffEstimates.kinds, error=problem_of(StaffEstimates, "kind")
            ),
            fields.text_field(
                "code", _("Code of the service, from your list"), error=problem_of(StaffEstimates, "code"),
                width="code", max_length=10, autocomplete="off", more={"dir": "ltr", "spellCheck": "false"},
            ),
            actions.submit(_("Keep it for estimates"), kind="second"),
            key=StaffEstimates.moment,
            on_submit=StaffEstimates.on_set,
            class_name="grid grid-cols-1 gap-4",
            custom_attrs={"noValidate": True},
        ),
    )  # fmt: skip


PAGE = Page(
    "/staff/estimates", N_("Estimates"), build, policy="estimates.keep", audience="staff",
    on_load=StaffEstimates.on_load,
)  # fmt: skip
