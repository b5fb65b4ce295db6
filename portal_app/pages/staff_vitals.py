"""The panel: one line for each monitored patient, the worst first."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_vitals import StaffVitals
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    nobody = states.empty(
        _("Nobody is monitored"),
        _("Whoever has a plan for measuring at home, or an open alert about a reading, appears here by itself."),
        icon=icons.chart(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )
    return staff_page(
        frame.page_title(
            _("Readings from home"),
            _("Everybody with a plan or an open alert, the worst first"),
            action=rx.cond(StaffVitals.may_review, _rules_link(), rx.fragment()),
        ),
        skeleton.until(
            StaffVitals.is_ready,
            skeleton.rows(8, 72),
            rx.cond(StaffVitals.rows.length() > 0, surfaces.stack(_table(), _pages()), nobody),
            loading=_("Opening the readings"),
        ),
        at="/staff/vitals",
    )


def _rules_link() -> rx.Component:
    return actions.link_button(_("What a number means"), path("/staff/settings/readings"), kind="quiet", fits=True)


def _table() -> rx.Component:
    columns = [_("Who"), _("Alerts"), _("Last reading"), _("Lately"), _("Done in 7 days")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(
                columns[0],
                actions.text_link(rx.el.bdi(row["name"]), row["href"]),
                rx.el.small(row["born"], class_name="block"),
            ),
            table.cell(
                columns[1],
                when_said(row["alert"], lambda text: surfaces.tag_by(row["alert_tone"], text)),
                when_said(row["alerts"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(
                columns[2],
                rx.el.span(
                    when_said(row["what"], lambda text: rx.fragment(text, " ")),
                    rx.el.b(rx.el.bdi(row["number"], dir="ltr", class_name="tabular-nums")),
                    class_name="block",
                ),
                when_said(row["status"], lambda text: surfaces.tag_by(row["tone"], text)),
                rx.el.small(row["when"], class_name="block"),
            ),
            table.cell(columns[3], _spark(row)),
            table.cell(columns[4], rx.el.span(row["done"], class_name="tabular-nums")),
        )

    return table.table(_("Readings from home"), columns, StaffVitals.rows, line)


def _spark(row: rx.Var[Any]) -> rx.Component:
    drawn = rx.el.svg(
        rx.el.svg.path(d=row["spark"].to(str), class_name="chart-line"),
        view_box="0 0 96 28",
        width="96",
        height="28",
        custom_attrs={"role": "img", "aria-label": row["spark_said"].to(str)},
    )
    shown: rx.Component = rx.cond(row["spark_said"].to(str) != "", drawn, rx.fragment())
    return shown


def _pages() -> rx.Component:
    return rx.el.div(
        rx.cond(
            StaffVitals.page > 0,
            actions.button(_("Back to the worst"), StaffVitals.on_first, kind="second", fits=True, writes=False),
            rx.fragment(),
        ),
        rx.cond(
            StaffVitals.has_more,
            actions.button(_("The next patients"), StaffVitals.on_next, kind="second", fits=True, writes=False),
            rx.fragment(),
        ),
        class_name="flex flex-wrap gap-2",
    )


PAGE = Page(
    "/staff/vitals", N_("Readings"), build, policy="vitals.watch", audience="staff", on_load=StaffVitals.on_load
)
