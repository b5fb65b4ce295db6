"""Check-in at the desk: one visit's, the sheet for the waiting room, and what the practice says about it."""

from typing import Any

import reflex as rx

from portal_app.components import actions, board, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import path, staff_page
from portal_app.pages._said_changes import said_changes
from portal_app.state.said_changes import SaidChanges
from portal_app.state.staff_check_in import StaffCheckIn
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw one visit's check-in."""
    missing = states.error(
        _("We could not find that visit"),
        _("It was moved or cancelled, or it is not one you may see. Nothing was changed."),
        action=actions.link_button(_("Open the day"), path("/staff/schedule")),
    )
    return staff_page(
        frame.page_title(_("Check-in"), StaffCheckIn.title),
        _news(),
        skeleton.until(
            StaffCheckIn.is_ready,
            surfaces.stack(skeleton.card(96), skeleton.rows(3, 72)),
            rx.cond(StaffCheckIn.is_missing, missing, _visit()),
            loading=_("Opening the check-in"),
        ),
        at="/staff/schedule",
    )


def _news() -> rx.Component:
    return rx.fragment(
        _said.done(StaffCheckIn.news),
        rx.el.div(when_said(StaffCheckIn.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
    )


def _visit() -> rx.Component:
    undo = actions.button(_("Undo the check-in"), StaffCheckIn.on_undo, kind="quiet", fits=True)
    check_in = rx.cond(
        StaffCheckIn.is_over,
        rx.el.p(_("This visit is over or cancelled. There is nothing to check in for.")),
        actions.button(_("Check the patient in"), StaffCheckIn.on_check_in, icon=icons.check(), fits=True),
    )
    return surfaces.stack(
        surfaces.card(
            rx.cond(
                StaffCheckIn.done != "",
                surfaces.stack(rx.el.p(StaffCheckIn.done), undo, class_name="gap-3"),
                surfaces.stack(
                    rx.el.p(_("Not checked in yet. That they are here is said on the day's page."), class_name="quiet"),
                    check_in,
                    class_name="gap-3",
                ),
            ),
            is_first=True,
        ),
        rx.el.ul(rx.foreach(StaffCheckIn.rows, _row), class_name="rows", custom_attrs={"role": "list"}),
        said_changes(),
        rx.el.div(
            actions.link_button(_("Open the chart"), StaffCheckIn.chart_href, kind="second", fits=True),
            actions.link_button(_("The square for the waiting room"), path("/staff/here"), kind="quiet", fits=True),
            class_name="flex flex-wrap gap-2",
        ),
    )


def _row(row: rx.Var[Any]) -> rx.Component:
    label = _("The patient says it is right")
    name = rx.Var.create(f"{label}: ").to(str) + row["task_title"].to(str)
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                rx.el.b(row["task_title"], lang=row["lang"]),
                when_said(row["hint"], rx.el.small),
                class_name="row-words",
            ),
            surfaces.tag_by(row["tone"], row["status"]),
            rx.cond(
                (row["can_confirm"] != "") & ~StaffCheckIn.is_over,
                actions.button(
                    label, StaffCheckIn.on_confirm(row["key"]), kind="second", fits=True, accessible_name=name
                ),
                rx.fragment(),
            ),
            class_name="flex flex-wrap items-center justify-between gap-2 p-3",
        ),
        key=row["key"],
    )


def build_square() -> rx.Component:
    """Draw the sheets for the waiting room."""
    return staff_page(
        rx.el.div(
            frame.page_title(
                _("The square for the waiting room"),
                _("Put one up in each language your patients read. It opens each one's own visit, and nothing else."),
                action=board.print_button(_("Print")),
            ),
            rx.el.nav(
                *(
                    rx.el.a(
                        language.own_name,
                        href=path(f"/staff/here?lang={code}"),
                        class_name="btn btn-second btn-fit",
                        lang=code,
                    )
                    for code, language in i18n.LOCALES.items()
                ),
                class_name="flex flex-wrap gap-2",
                custom_attrs={"aria-label": _("In which language?")},
            ),
            class_name="no-print",
        ),
        skeleton.until(
            StaffCheckIn.is_ready,
            skeleton.card(480),
            rx.el.div(rx.foreach(StaffCheckIn.squares, _sheet), class_name="cards-to-print"),
            loading=_("Making the sheets"),
        ),
        at="/staff/schedule",
    )


def _sheet(row: rx.Var[Any]) -> rx.Component:
    picture = rx.el.svg(
        rx.el.path(custom_attrs={"d": row["path"]}),
        class_name="card-square",
        custom_attrs={"viewBox": row["size"], "role": "img", "aria-label": row["square"]},
    )
    steps = rx.el.ol(rx.el.li(row["first"]), rx.el.li(row["second"]), rx.el.li(row["third"]))
    return rx.el.article(
        rx.el.div(rx.el.div(rx.el.h2(row["title"]), steps, class_name="card-words"), picture, class_name="card-middle"),
        class_name="activation-card",
        custom_attrs={"lang": row["lang"], "dir": row["dir"]},
    )


def build_rule() -> rx.Component:
    """Draw what the practice says about check-in."""
    form = rx.el.form(
        fields.choice_list("days", _("When does check-in open?"), StaffCheckIn.choices, chosen=StaffCheckIn.days),
        fields.check_box(
            "arrives",
            _("Opening the square marks the patient as here"),
            detail=_("From an hour and a half before the visit. Leave it out if the desk wants to see everybody."),
            is_checked=StaffCheckIn.marks_arrived,
        ),
        actions.submit(_("Save")),
        on_submit=StaffCheckIn.on_set_rule,
        class_name="grid grid-cols-1 gap-4",
        custom_attrs={"noValidate": True},
    )
    return staff_page(
        frame.page_title(_("Check-in"), _("What patients can do in the days before a visit")),
        _news(),
        skeleton.until(StaffCheckIn.is_ready, skeleton.card(520), form, loading=_("Opening what you have set")),
        at="/staff/settings",
    )


PAGES = (
    Page("/staff/check-in", N_("Check-in"), build, policy="checkin.at_desk", audience="staff",
         on_load=[StaffCheckIn.on_load, SaidChanges.on_load]),
    Page("/staff/here", N_("The square for the waiting room"), build_square, policy="checkin.at_desk",
         audience="staff", on_load=StaffCheckIn.on_square),
    Page("/staff/settings/check-in", N_("Check-in"), build_rule, policy="checkin.set_rule", audience="staff",
         on_load=StaffCheckIn.on_rule),
)  # fmt: skip
