"""When people are there: hours, days and time away as tables, one form at a time, and what a change does."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.pages._schedule_forms import day_form, end_form, hours_form, leave_form
from portal_app.state.schedules import Schedules
from portal_app.web.page import Page

AT = "/staff/settings/schedules"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Hours and time away"), Schedules.person),
        rx.cond(Schedules.is_manager, settings_tabs(AT), rx.fragment()),
        rx.el.div(
            when_said(Schedules.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(Schedules.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            Schedules.is_ready,
            skeleton.rows(6, 64),
            rx.cond(Schedules.people.length() > 0, _views(), _nobody()),
            loading=_("Opening the schedule"),
        ),
        at=AT,
    )


def settings_tabs(at: str) -> rx.Component:
    """Return the manager's pages about when times are offered."""
    items = [
        (AT, _("Hours and time away")),
        ("/staff/settings/closed-days", _("Closed days")),
        ("/staff/settings/visit-limits", _("Limits of visits")),
        ("/staff/settings/on-call", _("On call")),
    ]
    return dialog.tabs(_("When times are offered"), [(label, path(href), href == at) for href, label in items])


def _nobody() -> rx.Component:
    return states.empty(
        _("No schedule of your own"), _("A manager can write down that you see patients here, and when.")
    )


def _views() -> rx.Component:
    drawn: rx.Component = rx.match(
        Schedules.view,
        ("hours", _asked(hours_form())),
        ("end", _asked(end_form())),
        ("day", _asked(day_form())),
        ("leave", _asked(leave_form())),
        (
            "preview",
            preview(
                Schedules, actions.button(_("Go back and change it"), Schedules.on_correct, kind="second", writes=False)
            ),
        ),
        _list(),
    )
    return drawn


def _asked(form: rx.Component) -> rx.Component:
    """Return a form with what is wrong above it and the way out below."""
    return surfaces.stack(
        _said.problem(Schedules),
        form,
        actions.button(_("Leave it as it is"), Schedules.on_leave_it, kind="quiet", writes=False, fits=True),
        class_name="max-w-2xl",
    )


def _list() -> rx.Component:
    return surfaces.stack(
        rx.cond(
            Schedules.people.length() > 1,
            dialog.filter_tabs(
                "who", _("Whose schedule"), Schedules.people, chosen=Schedules.who, on_choose=Schedules.on_who
            ),
            rx.fragment(),
        ),
        surfaces.section(_("Weekly hours"), _rules(), _add("hours", _("Add weekly hours"), for_managers=True)),
        surfaces.section(_("Single days"), _days(), _add("day", _("Other hours on a day"))),
        surfaces.section(_("Time away"), _leaves(), _add("leave", _("Write down time away"))),
    )


def _add(form: str, label: str, *, for_managers: bool = False) -> rx.Component:
    button = rx.el.div(actions.button(label, Schedules.on_form(form, ""), kind="second", writes=False, fits=True))
    return rx.cond(Schedules.is_manager, button, rx.fragment()) if for_managers else button


def _rules() -> rx.Component:
    columns = [_("Day"), _("Hours"), _("Where"), _("How"), _("Times"), _("Valid"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        steps = rx.el.div(
            _step(_("Change"), Schedules.on_form("hours", row["id"]), row["name"]),
            _step(_("Let it end"), Schedules.on_form("end", row["id"]), row["name"]),
            class_name="flex flex-wrap gap-2",
        )
        return table.line(
            table.cell(columns[0], rx.el.b(row["weekday"])),
            table.cell(columns[1], rx.el.span(row["hours"], class_name="tabular-nums")),
            table.cell(columns[2], rx.el.bdi(row["place"])),
            table.cell(columns[3], row["how"]),
            table.cell(
                columns[4], row["every"], when_said(row["release"], lambda text: rx.el.small(text, class_name="block"))
            ),
            table.cell(columns[5], row["valid"]),
            table.cell(columns[6], rx.cond(Schedules.is_manager, steps, rx.el.span(_("A manager can change this.")))),
        )

    return rx.cond(
        Schedules.rules.length() > 0,
        table.table(_("Weekly hours"), columns, Schedules.rules, line),
        rx.el.p(_("No weekly hours yet, so no times are offered."), class_name="quiet"),
    )


def _days() -> rx.Component:
    columns = [_("Day"), _("Hours"), _("Where"), _("How"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.b(row["day"])),
            table.cell(columns[1], rx.el.span(row["hours"], class_name="tabular-nums")),
            table.cell(columns[2], rx.el.bdi(row["place"])),
            table.cell(columns[3], row["how"]),
            table.cell(columns[4], _step(_("Usual hours again"), Schedules.on_usual(row["id"]), row["day"])),
        )

    return rx.cond(
        Schedules.days.length() > 0,
        table.table(_("Single days"), columns, Schedules.days, line),
        rx.el.p(_("Every day has its usual hours."), class_name="quiet"),
    )


def _leaves() -> rx.Component:
    columns = [_("Away"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.b(row["when"])),
            table.cell(columns[1], _step(_("Take it back"), Schedules.on_back_early(row["id"]), row["when"])),
        )

    return rx.cond(
        Schedules.leaves.length() > 0,
        table.table(_("Time away"), columns, Schedules.leaves, line),
        rx.el.p(_("No time away is written down."), class_name="quiet"),
    )


def _step(label: str, on_click: Any, about: rx.Var[Any]) -> rx.Component:
    name = rx.Var.create(f"{label}: ").to(str) + about.to(str)
    return actions.button(label, on_click, kind="second", writes=False, fits=True, accessible_name=name)


def preview(page: Any, *between: rx.Component) -> rx.Component:
    """Return what a change on a page would do, with the buttons that save it or leave it, and others between them."""
    return surfaces.stack(
        states.focused(rx.el.h2(_("What this changes")), moment=page.attempt),
        _impact(page.facts, page.note, page.hits, page.more_hits),
        rx.el.div(
            actions.button(page.save, page.on_save),
            *between,
            actions.button(_("Leave it as it is"), page.on_leave_it, kind="quiet", writes=False),
            class_name="grid grid-cols-1 gap-2",
        ),
        class_name="max-w-2xl",
    )


def _impact(facts: rx.Var[Any], note: rx.Var[Any], hits: rx.Var[Any], more_hits: rx.Var[Any]) -> rx.Component:
    """Return what a change does: in numbers, in words, and which visits it hits."""

    def hit(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(row["when"], row["who"].to(str) + " · " + row["where"].to(str), icon=icons.clock())
        )

    return surfaces.stack(
        surfaces.card(surfaces.facts(facts), rx.el.p(note), is_first=True),
        rx.cond(
            hits.length() > 0,
            surfaces.section(
                _("Visits that cannot be kept"),
                surfaces.rows(rx.foreach(hits, hit)),
                when_said(more_hits, lambda text: rx.el.p(text, class_name="quiet")),
            ),
            rx.fragment(),
        ),
        class_name="gap-4",
    )


PAGE = Page(AT, N_("Hours and time away"), build, policy="schedules.edit", audience="staff", on_load=Schedules.on_load)
