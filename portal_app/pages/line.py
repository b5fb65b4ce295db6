"""The line of those who wait, in the order in which they are asked."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, errors, fields, frame, icons, skeleton, states, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import staff_page
from portal_app.state.line import Line
from portal_app.web.page import Page

OFF_FORM = "take-off-form"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Waiting"), Line.subtitle),
        _said.done(Line.news),
        skeleton.until(Line.is_ready, skeleton.rows(8, 64), _line(), loading=_("Opening the list")),
        _why(),
        at="/staff/waiting",
    )


def _line() -> rx.Component:
    columns = [_("Place"), _("Who"), _("For"), _("With and where"), _("Waiting for"), _("Priority"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        return table.line(
            table.cell(columns[0], rx.el.span(row["place"], class_name="tabular-nums")),
            table.cell(columns[1], rx.el.b(rx.el.bdi(row["who"])), rx.el.small(row["about"], class_name="block")),
            table.cell(columns[2], row["visit"]),
            table.cell(columns[3], row["where"]),
            table.cell(
                columns[4], row["since"], when_said(row["offer"], lambda text: rx.el.small(text, class_name="block"))
            ),
            table.cell(columns[5], surfaces.tag_by(row["tone"], row["priority"])),
            table.cell(columns[6], _answer(row), rx.cond(Line.can_set, _steps(row), rx.fragment()), _off(row)),
        )

    nothing = states.empty(
        _("Nobody waits"), _("Who asks for an earlier time appears here by itself."), icon=icons.clock()
    )
    drawn: rx.Component = rx.cond(
        Line.rows.length() > 0,
        surfaces.stack(
            rx.el.p(
                _("Freed times go to the first in this order whom they suit: priority, then the longest wait."),
                class_name="quiet",
            ),
            table.table(_("Waiting"), columns, Line.rows, line),
            class_name="gap-4",
        ),
        nothing,
    )
    return drawn


def _answer(row: rx.Var[Any]) -> rx.Component:
    label = _("Answer for them")
    name = rx.Var.create(f"{label}: ").to(str) + row["who"].to(str)
    drawn: rx.Component = rx.cond(
        row["href"] != "",
        actions.link_button(label, row["href"], kind="second", fits=True, accessible_name=name),
        rx.fragment(),
    )
    return drawn


def _steps(row: rx.Var[Any]) -> rx.Component:
    def one(to: str, label: str) -> rx.Component:
        name = rx.Var.create(f"{label}: ").to(str) + row["who"].to(str)
        return rx.cond(
            row[to] != "",
            actions.button(label, Line.on_priority(row["id"], row[to]), kind="quiet", fits=True, accessible_name=name),
            rx.fragment(),
        )

    return rx.el.div(one("up", _("Sooner")), one("down", _("Later")), class_name="flex flex-wrap gap-1")


def _off(row: rx.Var[Any]) -> rx.Component:
    label = _("Take off the list")
    name = rx.Var.create(f"{label}: ").to(str) + row["who"].to(str)
    return actions.button(label, Line.on_begin_off(row["id"]), kind="quiet", fits=True, accessible_name=name)


def _why() -> rx.Component:
    choice = rx.el.form(
        fields.choice_list("why", _("Why?"), Line.whys),
        on_submit=Line.on_take_off,
        custom_attrs={"id": OFF_FORM, "noValidate": True},
    )
    return dialog.dialog(
        "take-off",
        _("Take them off the waiting list?"),
        errors.error_summary(
            _("There is a problem"),
            [{"field": "why", "text": Line.why_error}],
            is_shown=Line.why_error != "",
            moment=Line.attempt,
        ),
        rx.el.p(rx.el.b(rx.el.bdi(Line.taking_off_who)), rx.el.small(Line.taking_off_what, class_name="block")),
        # Drawn anew each time it is asked, so that nothing is chosen from the time before.
        rx.cond(Line.taking_off != "", choice, rx.fragment()),
        rx.el.p(_("We write to them with this reason. A time that is kept for them goes to the next person.")),
        is_open=Line.taking_off != "",
        on_dismiss=Line.on_keep_on,
        actions=[
            actions.submit(_("Yes, take them off"), form=OFF_FORM, kind="critical"),
            actions.button(_("Keep them on the list"), Line.on_keep_on, kind="second", writes=False),
        ],
    )


PAGE = Page("/staff/waiting", N_("Waiting"), build, policy="waiting.view_line", audience="staff", on_load=Line.on_load)
