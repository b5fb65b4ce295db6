"""Whether the line is fair: offers by language, age and channel."""

from typing import Any

import reflex as rx

from portal_app.components import dialog, frame, skeleton, surfaces, table
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.insights import Insights
from portal_app.web.page import Page

AT = "/staff/insights"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            _("Is the waiting list fair?"),
            _("Offers of the last 90 days. Groups of fewer than 5 people are not shown."),
        ),
        rx.cond(Insights.sees_ratings, insight_tabs(AT), rx.fragment()),
        skeleton.until(
            Insights.is_ready,
            skeleton.rows(6, 48),
            surfaces.stack(
                surfaces.section(_("By language"), _table(_("Language"), Insights.language)),
                surfaces.section(_("By age"), _table(_("Age"), Insights.age)),
                surfaces.section(_("By how we write to them"), _table(_("Channel"), Insights.channel)),
            ),
            loading=_("Adding it up"),
        ),
        at=AT,
    )


def insight_tabs(at: str) -> rx.Component:
    """Return the ways between the reports; `at` is the one that is open."""
    reports = [(AT, _("Waiting list")), ("/staff/insights/ratings", _("How visits were"))]
    return dialog.tabs(_("Reports"), [(label, path(href), href == at) for href, label in reports])


def _table(first: str, rows: rx.Var[Any]) -> rx.Component:
    columns = [first, _("Offers"), _("Accepted"), _("Said no"), _("Ran out"), _("Median wait for the offer")]
    keys = ("band", "offers", "accepted", "declined", "lapsed", "waited")

    def line(row: rx.Var[Any]) -> rx.Component:
        cells = [table.cell(column, row[key]) for column, key in zip(columns[1:], keys[1:], strict=True)]
        return table.line(table.head_cell(row["band"]), *cells)

    drawn: rx.Component = rx.cond(
        rows.length() > 0,
        table.table(first, columns, rows, line),
        rx.el.p(_("Nothing was offered yet."), class_name="quiet"),
    )
    return drawn


PAGE = Page(
    AT,
    N_("Is the waiting list fair?"),
    build,
    policy="waiting.report",
    audience="staff",
    on_load=Insights.on_load,
)
