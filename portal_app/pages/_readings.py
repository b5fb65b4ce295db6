"""Readings over time as a picture, and each of them in a table: the same for patients and for the care team."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from portal_app.components import actions, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import _
from portal_app.state.reading_rows import POINT
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
        rx.el.svg.path(d=_dots_along(drawing["line"]), class_name="chart-dots"),
        rx.el.svg.path(d=_dots_along(drawing["line2"]), class_name="chart-dots"),
        path("visits", "chart-sign"),
        path("medicines", "chart-sign"),
        *([rx.el.svg.line(x1=at, x2=at, y1=14, y2=138, class_name="chart-line")] if at is not None else []),
        rx.el.svg.text(begins, x=34, y=162, class_name="chart-words"),
        rx.el.svg.text(_("Today"), x=314, y=162, class_name="chart-words chart-end"),
        view_box="0 0 320 170",
        class_name="chart",
        custom_attrs={"role": "img", "aria-label": sentence},
    )


def _dots_along(line: rx.Var[Any]) -> rx.Var[str]:
    """Return the path of a dot at each point of a line, as `dots_of` says it: thousands need not come over the wire."""
    dot = '(_point, first, across, down) => (first || "m") + across + " " + down + "h0"'
    return rx.Var(f'({line} ?? "").replace(/{POINT}/g, {dot})', _var_type=str)


def legend(drawing: Rows) -> rx.Component:
    """Say what the signs below the picture are, of those that there are."""

    def sign(name: str, shape: str, text: str) -> rx.Component:
        drawn = rx.el.svg(rx.el.svg.path(d=shape, class_name="chart-sign"), view_box="0 0 10 10", class_name="size-3")
        line = rx.el.p(drawn, text, class_name="flex items-center gap-2 text-small text-quiet")
        return when_said(drawing[name].to(str), lambda _said: line)

    return rx.el.div(
        sign("medicines", "M5 1l5 8h-10z", _("A medicine was started, changed or stopped")),
        sign("visits", "M1 1h8v8h-8z", _("A visit")),
        class_name="grid gap-1",
        custom_attrs={"aria-hidden": "true"},
    )


def readings_table(rows: Rows, steps: Callable[[rx.Var[Any]], rx.Component] | None = None) -> rx.Component:
    """Return every reading as a line, and what happened beside them; `steps` draws what can be done with a reading."""
    columns = [_("When"), _("Reading"), _("What it means"), _("More"), *([_("What next")] if steps else [])]

    def meaning(row: rx.Var[Any]) -> rx.Component:
        return table.cell(columns[2], surfaces.tag_by(row["row_tone"], row["status"]))

    def more(row: rx.Var[Any]) -> rx.Component:
        note = when_said(row["note"], lambda text: rx.el.small(rx.el.bdi(text, dir="auto"), class_name="block"))
        return table.cell(columns[3], row["detail"], note)

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], row["when"]),
            table.cell(
                columns[1],
                rx.el.b(rx.el.bdi(row["number"], dir="ltr", class_name="tabular-nums")),
                when_said(row["beside"], lambda text: rx.fragment(" ", rx.el.bdi(text, dir="auto"))),
            ),
            _or_nothing(row["status"], meaning(row)),
            _or_nothing(row["detail"].to(str) + row["note"].to(str), more(row)),
            *([_or_nothing(row["id"], table.cell(columns[4], steps(row)))] if steps else []),
        )

    return table.table(_("Every reading"), columns, rows, line)


def ended_readings(rows: Rows, *, is_linked: bool = False) -> rx.Component:
    """Return what was deleted or changed, struck through, with who did it; nothing where there is none."""

    def one(row: rx.Var[Any]) -> rx.Component:
        number = rx.el.s(rx.el.bdi(row["number"], dir="ltr", class_name="font-bold tabular-nums"))
        named = rx.el.p(row["what"].to(str), " ", rx.el.a(number, href=row["href"].to(str)) if is_linked else number)
        return rx.el.li(
            named,
            rx.el.p(row["when"], class_name="text-small text-quiet"),
            when_said(row["note"], lambda text: rx.el.p(rx.el.bdi(text, dir="auto"), class_name="text-small")),
            rx.el.p(row["ended"], class_name="text-small"),
            when_said(row["danger"], lambda text: surfaces.tag(text, "critical")),
            class_name="grid justify-items-start gap-1 border-s-2 border-line ps-4",
        )

    return rx.el.ul(rx.foreach(rows, one), class_name="grid gap-4", role="list")


def _or_nothing(text: rx.Var[Any], cell: rx.Component) -> rx.Component:
    """Return the cell where there are words for it, else one without a name beside it."""
    drawn: rx.Component = rx.cond(text.to(str) != "", cell, table.cell(""))
    return drawn


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
