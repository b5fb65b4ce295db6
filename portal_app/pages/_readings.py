"""Readings over time as a picture, and each of them in a table: the same for patients and for the care team."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.components import actions, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.state.visit_readings import VisitReadings

Rows = rx.Var[Any]


def picture(drawing: Rows, marks: Rows, begins: Rows, sentence: Rows, at: Rows | None = None) -> rx.Component:
    """Return the picture with its band; `sentence` says it in words, and a line stands `at` one of the readings."""

    def mark(row: rx.Var[Any]) -> rx.Component:
        return rx.fragment(
            rx.el.svg.line(x1=34, x2=314, y1=row["at"].to(str), y2=row["at"].to(str), class_name="chart-rule"),
            rx.el.svg.text(row["text"].to(str), x=2, y=row["y"].to(str), class_name="chart-words"),
        )

    def path(name: str, class_name: str) -> rx.Component:
        return rx.el.svg.path(d=drawing[name], class_name=class_name)

    return rx.el.svg(
        rx.el.svg.rect(x=34, width=280, y=drawing["top"], height=drawing["height"], class_name="chart-band"),
        rx.foreach(marks, mark),
        path("line", "chart-line"),
        path("line2", "chart-line chart-second"),
        path("dots", "chart-dots"),
        path("dots2", "chart-dots"),
        *([rx.el.svg.line(x1=at, x2=at, y1=14, y2=138, class_name="chart-line")] if at is not None else []),
        rx.el.svg.text(begins, x=34, y=162, class_name="chart-words"),
        rx.el.svg.text(_("Today"), x=314, y=162, class_name="chart-words chart-end"),
        view_box="0 0 320 170",
        class_name="chart",
        custom_attrs={"role": "img", "aria-label": sentence},
    )


def readings_table(rows: Rows, steps: Callable[[rx.Var[Any]], rx.Component] | None = None) -> rx.Component:
    """Return every reading as a line; `steps` draws what can be done with one."""
    columns = [_("When"), _("Reading"), _("What it means"), _("More"), *([_("What next")] if steps else [])]

    def more(row: rx.Var[Any]) -> rx.Component:
        note = when_said(row["note"], lambda text: rx.el.small(rx.el.bdi(text, dir="auto"), class_name="block"))
        return table.cell(columns[3], row["detail"], note)

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], row["when"]),
            table.cell(columns[1], rx.el.b(rx.el.bdi(row["number"], dir="ltr", class_name="tabular-nums"))),
            table.cell(columns[2], when_said(row["status"], lambda text: surfaces.tag_by(row["row_tone"], text))),
            rx.cond(row["detail"].to(str) + row["note"].to(str) != "", more(row), table.cell("")),
            *([table.cell(columns[4], steps(row))] if steps else []),
        )

    return table.table(_("Every reading"), columns, rows, line)


def latest(rows: Rows) -> rx.Component:
    """Return the newest reading of each measure, for the care team; nothing where there is none."""

    def one(row: rx.Var[Any]) -> rx.Component:
        end = rx.el.span(
            rx.el.b(rx.el.bdi(row["number"], dir="ltr", class_name="tabular-nums")),
            when_said(row["status"], lambda text: surfaces.tag_by(row["tone"], text)),
            class_name="flex flex-wrap items-center gap-2",
        )
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], end=end))

    shown = surfaces.section(_("Last readings"), surfaces.rows(rx.foreach(rows, one)))
    drawn: rx.Component = rx.cond(rows.length() > 0, shown, rx.fragment())
    return drawn


def visit_readings() -> rx.Component:
    """Return the last readings of the patient whose visit is open, and the way to all of them."""
    shown = surfaces.stack(
        latest(VisitReadings.latest),
        actions.text_link(_("All readings"), VisitReadings.href),
        class_name="gap-2",
    )
    drawn: rx.Component = rx.cond(VisitReadings.latest.length() > 0, shown, rx.fragment())
    return drawn
