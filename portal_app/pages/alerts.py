"""Alerts: one row for each problem that a person has to look at, the worst first."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, dialog, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said import problem, problem_of
from portal_app.state.alerts import Alerts
from portal_app.web.page import Page

CLOSE_FORM = "close-alert"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Alerts"), Alerts.subtitle),
        rx.el.div(
            when_said(Alerts.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(Alerts.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        when_said(Alerts.hours, lambda text: surfaces.banner(text, tone="info")),
        when_said(
            Alerts.on_call,
            lambda text: rx.el.p(text, " ", actions.text_link(_("Who is on call"), path("/staff/settings/on-call"))),
        ),
        skeleton.until(
            Alerts.is_ready, skeleton.rows(6, 72), surfaces.stack(_open(), _closed()), loading=_("Opening the alerts")
        ),
        _close(),
        at="/staff/alerts",
    )


def _open() -> rx.Component:
    columns = [_("How soon"), _("What"), _("Who"), _("How long"), _("Who has it"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], surfaces.tag_by(row["tone"], row["severity"])),
            table.cell(columns[1], *_what(row)),
            table.cell(columns[2], *_who(row)),
            table.cell(
                columns[3],
                rx.el.span(row["since"], class_name="tabular-nums"),
                when_said(row["escalated"], lambda text: rx.el.small(rx.el.strong(text), class_name="block")),
                when_said(row["called"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(columns[4], surfaces.tag_by(row["row_tone"], row["holder"])),
            table.cell(columns[5], _steps(row)),
        )

    nothing = states.empty(
        _("No alerts"),
        _("A reading or an answer that somebody has to look at appears here by itself."),
        icon=icons.check(),
    )
    drawn: rx.Component = rx.cond(
        Alerts.rows.length() > 0, table.table(_("Alerts"), columns, Alerts.rows, line), nothing
    )
    return drawn


def _what(row: rx.Var[Any]) -> list[Any]:
    return [
        rx.el.b(row["what"]),
        when_said(row["detail"], lambda text: rx.el.bdi(text, class_name="block tabular-nums font-semibold")),
        when_said(row["more"], lambda text: rx.el.small(text, class_name="block")),
        when_said(row["back"], lambda text: surfaces.tag(text, "caution")),
    ]


def _who(row: rx.Var[Any]) -> list[Any]:
    return [
        actions.text_link(rx.el.bdi(row["who"]), row["chart"]),
        when_said(row["about"], lambda text: rx.el.small(text, class_name="block")),
    ]


def _steps(row: rx.Var[Any]) -> rx.Component:
    def step(label: str, handler: Any, kind: Any = "quiet", *, writes: bool = True) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["what"].to(str) + ", " + row["who"].to(str)
        return actions.button(label, handler(row["id"]), kind=kind, fits=True, accessible_name=name, writes=writes)

    take = step(_("I have it"), Alerts.on_take, "second")
    over = step(_("Take it over"), Alerts.on_take)
    back = step(_("Hand back"), Alerts.on_give_back)
    close = step(_("Close it"), Alerts.on_begin_close, "second", writes=False)
    return rx.el.div(
        when_said(row["phone"], lambda number: contact.call(_("Call"), number)),
        rx.match(
            row["step"],
            ("open", rx.fragment(take, close)),
            ("mine", rx.fragment(close, back)),
            over,
        ),
        class_name="flex flex-wrap items-center gap-1",
    )


def _closed() -> rx.Component:
    columns = [_("What"), _("Who"), _("Who has it"), _("What came of it")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], *_what(row)),
            table.cell(columns[1], *_who(row)),
            table.cell(columns[2], row["holder"]),
            table.cell(columns[3], row["outcome"]),
        )

    shown = surfaces.section(
        _("Closed in the last week"), table.table(_("Closed in the last week"), columns, Alerts.closed, line)
    )
    drawn: rx.Component = rx.cond(Alerts.closed.length() > 0, shown, rx.fragment())
    return drawn


def _close() -> rx.Component:
    return dialog.dialog(
        "close",
        _("What came of it?"),
        problem(Alerts),
        rx.el.p(rx.el.bdi(Alerts.closing_what)),
        rx.el.form(
            fields.choice_list(
                "outcome",
                _("The patient reads this"),
                Alerts.outcomes,
                error=problem_of(Alerts, "outcome"),
            ),
            on_submit=Alerts.on_close,
            key=Alerts.closing,
            custom_attrs={"id": CLOSE_FORM, "noValidate": True},
        ),
        is_open=Alerts.closing != "",
        on_dismiss=Alerts.on_stop_close,
        actions=[
            actions.submit(_("Close the alert"), form=CLOSE_FORM),
            actions.button(_("Leave it open"), Alerts.on_stop_close, kind="second", writes=False),
        ],
    )


PAGE = Page("/staff/alerts", N_("Alerts"), build, policy="alerts.view", audience="staff", on_load=Alerts.on_load)
