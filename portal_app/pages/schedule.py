"""The day: a dense, calm table that keeps itself up to date."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._board import print_button, scope_choice, view_tabs
from portal_app.pages._frames import path, staff_page
from portal_app.pages._running_late import begin, delays, question
from portal_app.state.schedule import Schedule
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(
            rx.cond(skeleton.here(Schedule.is_ready), Schedule.title, _("Schedule")), Schedule.subtitle, action=_turn()
        ),
        rx.el.div(when_said(Schedule.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            Schedule.is_ready,
            skeleton.rows(8, 64),
            surfaces.stack(delays(), _choices(), _table(), class_name="gap-4"),
            loading=_("Opening the day"),
        ),
        _ask(),
        question(),
        at="/staff/schedule",
    )


def _choices() -> rx.Component:
    return rx.el.div(
        view_tabs("/staff/schedule", Schedule.scope),
        rx.el.div(
            scope_choice(Schedule.scope, Schedule.people, Schedule.places, Schedule.rooms, Schedule.on_scope),
            begin(),
            rx.cond(
                Schedule.writes_notes,
                actions.link_button(_("Waiting for your signature"), path("/staff/notes"), kind="quiet", fits=True),
                rx.fragment(),
            ),
            print_button(),
            class_name="flex flex-wrap items-end gap-2",
        ),
        dialog.filter_tabs(
            "shown", _("What to show"), Schedule.filters, chosen=Schedule.shown, on_choose=Schedule.on_filter
        ),
        class_name="flex flex-wrap items-center justify-between gap-3 no-print",
    )


def _turn() -> rx.Component:
    return rx.el.div(
        actions.button(_("Day before"), Schedule.on_turn(-1), kind="quiet", fits=True),
        rx.cond(
            Schedule.is_today,
            rx.fragment(),
            actions.button(_("Today"), Schedule.on_turn(0), kind="second", fits=True),
        ),
        actions.button(_("Day after"), Schedule.on_turn(1), kind="quiet", fits=True),
        class_name="flex flex-wrap gap-2 no-print",
    )


def _table() -> rx.Component:
    columns = [_("Time"), _("Patient"), _("Visit"), _("With"), _("Language"), _("Where it stands"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.span(row["time"], class_name="tabular-nums whitespace-nowrap")),
            table.cell(columns[1], rx.el.b(rx.el.bdi(row["patient"])), " · ", row["age"]),
            table.cell(
                columns[2],
                rx.el.span(row["visit"], " · ", row["how"]),
                when_said(row["reason"], lambda text: rx.el.small(rx.el.bdi(text), class_name="block")),
            ),
            table.cell(columns[3], row["who"]),
            table.cell(columns[4], row["language"]),
            table.cell(
                columns[5],
                rx.el.span(
                    surfaces.tag_by(row["tone"], row["status"]),
                    when_said(row["mark"], lambda text: surfaces.tag(text, "caution")),
                    class_name="inline-flex flex-wrap gap-1",
                ),
                when_said(row["arrived"], lambda text: rx.el.small(text, class_name="block")),
                when_said(row["check_in"], lambda text: rx.el.small(text, class_name="block")),
                when_said(
                    row["check_in_left"],
                    lambda text: rx.el.small(_("Missing:"), " ", text, class_name="block quiet"),
                ),
            ),
            table.cell(columns[6], _steps(row)),
            tone=rx.cond(row["is_over"] != "", "past", ""),
        )

    nothing = states.empty(
        _("Nobody here"), _("Nothing fits this choice. New bookings appear here by themselves."), icon=icons.day_list()
    )
    drawn: rx.Component = rx.cond(
        Schedule.rows.length() > 0, table.table(_("The day"), columns, Schedule.rows, line), nothing
    )
    return drawn


def _steps(row: rx.Var[Any]) -> rx.Component:
    known = {
        "arrive": (_("Arrived"), Schedule.on_arrive, "second"),
        "finish": (_("Visit over"), Schedule.on_finish, "second"),
        "noshow": (_("Did not come"), Schedule.on_noshow, "quiet"),
        "undo": (_("Undo"), Schedule.on_undo, "quiet"),
        "cancel": (_("Cancel"), Schedule.on_ask_cancel, "quiet"),
    }

    def one(step: str) -> rx.Component:
        label, handler, kind = known[step]
        name = rx.Var.create(f"{label}: ").to(str) + row["patient"].to(str)
        return actions.button(label, handler(row["id"]), kind=kind, fits=True, accessible_name=name)

    def place(position: str, *steps: str) -> rx.Component:
        drawn: rx.Component = rx.match(row[position], *((step, one(step)) for step in steps), rx.fragment())
        return drawn

    note_name = rx.Var.create(_("Note") + ": ").to(str) + row["patient"].to(str)
    before_name = rx.Var.create(_("Before the visit") + ": ").to(str) + row["patient"].to(str)
    return rx.el.div(
        rx.cond(
            Schedule.reads_forms & (row["before_href"] != ""),
            actions.link_button(
                _("Before the visit"), row["before_href"], kind="quiet", fits=True, accessible_name=before_name
            ),
            rx.fragment(),
        ),
        place("first", "arrive", "finish"),
        place("second", "noshow", "undo"),
        place("third", "cancel"),
        when_said(
            row["check_in_href"],
            lambda href: actions.link_button(
                _("Check-in"),
                href,
                kind="quiet",
                fits=True,
                accessible_name=rx.Var.create(_("Check-in") + ": ").to(str) + row["patient"].to(str),
            ),
        ),
        rx.cond(
            Schedule.writes_notes & (row["note_href"] != ""),
            actions.link_button(_("Note"), row["note_href"], kind="second", fits=True, accessible_name=note_name),
            rx.fragment(),
        ),
        class_name="flex flex-wrap gap-2",
    )


def _ask() -> rx.Component:
    return dialog.dialog(
        "ask-cancel",
        _("Cancel this appointment?"),
        rx.el.p(Schedule.cancelling_who),
        rx.el.p(_("The patient gets an e-mail a minute later, if we have their address.")),
        is_open=Schedule.cancelling != "",
        on_dismiss=Schedule.on_keep,
        actions=[
            actions.button(_("Yes, cancel it"), Schedule.on_cancel, kind="critical"),
            actions.button(_("Keep it"), Schedule.on_keep, kind="second"),
        ],
    )


PAGE = Page(
    "/staff/schedule",
    N_("Schedule"),
    build,
    policy="booking.view_day",
    audience="staff",
    on_load=Schedule.on_load,
)
