"""Calls to make: who, about what, by when, and how it went."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.call_backs import CallBacks
from portal_app.state.frame import Frame
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    nobody = states.empty(
        _("Nobody waits for a call"), _("Whoever asks to be called appears here by themselves."), icon=icons.phone()
    )
    return staff_page(
        frame.page_title(
            _("Calls to make"),
            action=actions.link_button(_("Inbox"), path("/staff/inbox"), kind="quiet", fits=True),
        ),
        rx.el.div(when_said(CallBacks.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            CallBacks.is_ready,
            skeleton.rows(4, 72),
            rx.cond(CallBacks.rows.length() > 0, _table(), nobody),
            loading=_("Opening the calls"),
        ),
        at="/staff/inbox",
    )


def _table() -> rx.Component:
    columns = [_("By when"), _("Patient"), _("About"), _("Number"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(
                columns[0],
                surfaces.tag_by(row["tone"], row["state"]),
                rx.el.small(row["due"], class_name="block"),
                when_said(row["tried"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(
                columns[1],
                rx.el.b(rx.el.bdi(row["patient"])),
                when_said(row["chart"], _to_chart),
                when_said(row["language"], lambda text: rx.el.small(text, class_name="block")),
            ),
            table.cell(
                columns[2],
                row["purpose"],
                when_said(row["words"], lambda text: rx.el.small(rx.el.bdi(text), class_name="block")),
            ),
            table.cell(columns[3], contact.call_link(row["number"])),
            table.cell(columns[4], _steps(row)),
        )

    return table.table(_("Calls to make"), columns, CallBacks.rows, line)


def _to_chart(href: rx.Var[Any]) -> rx.Component:
    link = rx.el.a(_("Open the chart"), href=href, class_name="inline-flex items-center min-h-[48px] text-small")
    is_open = ~Frame.closed.contains("/staff/patients")
    drawn: rx.Component = rx.cond(is_open, link, rx.fragment())
    return drawn


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(label: str, outcome: str, kind: actions.Kind) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["patient"].to(str)
        handler = CallBacks.on_answer(row["id"], outcome)
        return actions.button(label, handler, kind=kind, fits=True, accessible_name=name)

    return rx.el.div(
        one(_("Reached"), "reached", "second"),
        one(_("No answer"), "missed", "quiet"),
        class_name="flex flex-wrap gap-1",
    )


PAGE = Page(
    "/staff/call-backs",
    N_("Calls to make"),
    build,
    policy="callback.answer",
    audience="staff",
    on_load=CallBacks.on_load,
)
