"""Before a visit, on one screen: what is different, the lists, forms with their scores, what was sent."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._answers import answer
from portal_app.pages._chart_changes import changes
from portal_app.pages._chart_lists import in_short
from portal_app.pages._documents import documents
from portal_app.pages._frames import path, staff_page
from portal_app.pages._readings import visit_readings
from portal_app.pages._said import done
from portal_app.pages._said_changes import said_changes
from portal_app.state.said_changes import SaidChanges
from portal_app.state.staff_before import StaffBefore
from portal_app.state.staff_changes import StaffChanges
from portal_app.state.staff_lists import StaffLists
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that visit"),
        _("It was cancelled or moved, or is not one of yours."),
        action=actions.link_button(_("To the schedule"), path("/staff/schedule")),
    )
    return staff_page(
        frame.page_title(
            rx.cond(StaffBefore.name != "", rx.el.bdi(StaffBefore.name), _("Before the visit")), StaffBefore.about
        ),
        when_said(StaffBefore.reason, lambda text: surfaces.banner(_("What it is about"), rx.el.bdi(text, dir="auto"))),
        skeleton.until(
            StaffBefore.is_ready & StaffLists.is_ready & StaffChanges.is_ready & SaidChanges.is_ready,
            surfaces.panes(skeleton.card(360), skeleton.card(360)),
            rx.cond(StaffBefore.is_missing, missing, surfaces.panes(_left(), _right())),
            loading=_("Opening the visit"),
        ),
        at="/staff/schedule",
    )


def _left() -> rx.Component:
    return surfaces.stack(said_changes(), changes(), lists_card())


def lists_card() -> rx.Component:
    """Return the lists in short, with the way to keep them."""
    return surfaces.card(
        rx.el.h2(_("Medicines and allergies")),
        in_short(),
        actions.link_button(_("Change the lists"), StaffLists.chart_href, kind="quiet", fits=True),
        class_name="grid gap-3",
    )


def _right() -> rx.Component:
    nothing = states.empty(
        _("No forms sent yet"), _("What the patient sends before the visit stands here."), icon=icons.day_list()
    )
    mark = actions.button(_("Mark all as read"), StaffBefore.on_review, fits=True)
    return surfaces.stack(
        surfaces.section(
            _("Forms"),
            done(StaffBefore.news),
            rx.cond(StaffBefore.can_mark, mark, rx.fragment()),
            rx.cond(StaffBefore.forms.length() > 0, rx.foreach(StaffBefore.forms, _form), nothing),
        ),
        visit_readings(),
        documents(_("Sent by the patient")),
    )


def _form(row: rx.Var[Any]) -> rx.Component:
    answers = row["answers"].to(list[dict[str, str]])
    changed = row["changed"].to(list[dict[str, str]])
    return surfaces.card(
        rx.el.div(
            rx.el.h3(row["form_title"].to(str)),
            when_said(row["mark"].to(str), surfaces.tag),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        surfaces.facts(row["scores"].to(list[dict[str, str]])),
        when_said(row["trend"].to(str), rx.el.p),
        when_said(row["unanswered"].to(str), lambda text: rx.el.div(surfaces.tag(text, "caution"))),
        rx.cond(
            changed.length() > 0,
            rx.el.div(rx.el.h4(_("Different from the last time")), surfaces.facts(changed)),
            rx.fragment(),
        ),
        rx.el.details(
            rx.el.summary(_("All answers"), class_name="min-h-12 content-center"),
            rx.el.dl(rx.foreach(answers, answer), class_name="grid gap-3"),
        ),
        rx.el.small(row["sent"].to(str), class_name="block quiet"),
        class_name="grid gap-2",
    )


PAGE = Page(
    "/staff/before", N_("Before the visit"), build, policy="intake.read", audience="staff",
    on_load=[StaffBefore.on_load, StaffLists.on_load, StaffChanges.on_load, SaidChanges.on_load],
)  # fmt: skip
