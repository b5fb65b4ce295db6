"""Repeat a visit: how often, how many, and which of the times can be had."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page
from portal_app.state.series import Series
from portal_app.web.page import Page

FORM = "series"


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Repeat this visit"),
        skeleton.until(
            Series.is_ready,
            surfaces.stack(skeleton.card(220), skeleton.lines(3)),
            surfaces.stack(_problem(), _ask(), rx.cond(Series.rows.length() > 0, _plan(), rx.fragment())),
            loading=_("Looking for free times"),
        ),
        back="/book",
        dock=rx.cond(Series.is_whole, actions.button(Series.button, Series.on_book), rx.fragment()),
    )


def _problem() -> rx.Component:
    return rx.el.div(
        when_said(
            Series.problem,
            lambda text: states.focused(surfaces.banner(text, call_us(), tone="caution"), moment=Series.attempt),
        ),
        role="status",
    )


def _ask() -> rx.Component:
    return rx.el.form(
        rx.el.p(_("The first visit:"), " ", rx.el.b(Series.first)),
        fields.choice_list("every", _("How often?"), Series.weeks),
        fields.choice_list("count", _("How many visits in all?"), Series.counts),
        actions.submit(_("Show the dates"), kind="second"),
        on_submit=Series.on_plan,
        class_name="grid grid-cols-1 gap-4",
        custom_attrs={"noValidate": True},
    )


def _plan() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        others = rx.fragment(*(_other(row, number) for number in range(3)), _leave_out(row))
        return surfaces.row_item(
            surfaces.row(
                row["when"], end=surfaces.tag_by(rx.cond(row["free"] != "", "good", "caution"), row["status"])
            ),
            rx.cond(
                row["free"] != "",
                rx.fragment(),
                rx.el.div(others, class_name="grid grid-cols-1 gap-2 p-3"),
            ),
        )

    return surfaces.section(
        _("The dates"),
        surfaces.rows(rx.foreach(Series.rows, one)),
        rx.el.p(_("They are booked all together, or none of them."), class_name="quiet"),
    )


def _other(row: rx.Var[Any], number: int) -> rx.Component:
    label = row[f"other{number}"].to(str)
    drawn: rx.Component = rx.cond(
        label != "",
        actions.button(label, Series.on_swap(row["at"], row[f"value{number}"]), kind="second", writes=False),
        rx.fragment(),
    )
    return drawn


def _leave_out(row: rx.Var[Any]) -> rx.Component:
    said = rx.Var.create(_("Leave it out") + ": ").to(str) + row["when"].to(str)
    return actions.button(
        _("Leave it out"), Series.on_swap(row["at"], ""), kind="quiet", writes=False, accessible_name=said
    )


PAGE = Page(
    "/book/series", N_("Repeat this visit"), build, policy="booking.book", audience="patient", on_load=Series.on_load
)
