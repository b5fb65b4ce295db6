"""Buffers, daily limits and reminders of each kind of visit."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, skeleton, states, surfaces, table
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import staff_page
from portal_app.pages.schedules import settings_tabs
from portal_app.state.visit_limits import Limits
from portal_app.web.page import Page

AT = "/staff/settings/visit-limits"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Limits of visits"), _("For everybody, at every place")),
        settings_tabs(AT),
        _said.done(Limits.news),
        skeleton.until(
            Limits.is_ready,
            skeleton.rows(4, 64),
            rx.match(Limits.view, ("form", _form()), ("preview", _preview()), _list()),
            loading=_("Opening the limits"),
        ),
        at="/staff/settings/schedules",
    )


def _list() -> rx.Component:
    columns = [
        _("Visit"),
        _("How long"),
        _("Kept free before"),
        _("Kept free after"),
        _("A day at most"),
        _("Reminders"),
        _("What next"),
    ]

    def line(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Change") + ": ").to(str) + row["label"].to(str)
        change = actions.button(
            _("Change"), Limits.on_edit(row["id"]), kind="second", writes=False, fits=True, accessible_name=name
        )
        return table.line(
            table.cell(columns[0], rx.el.b(row["label"])),
            table.cell(columns[1], row["length"]),
            table.cell(columns[2], row["before"]),
            table.cell(columns[3], row["after"]),
            table.cell(columns[4], row["daily"]),
            table.cell(columns[5], row["remind"]),
            table.cell(columns[6], change),
        )

    return table.table(_("Limits of visits"), columns, Limits.rows, line)


def _form() -> rx.Component:
    def number(name: str, label: str, unit: str, hint: str | None = None) -> rx.Component:
        return fields.number_field(
            name, label, unit, is_decimal=False, value=Limits.typed.get(name, ""), error=_error(name), hint=hint
        )

    return surfaces.stack(
        _said.problem(Limits),
        rx.el.form(
            surfaces.stack(
                rx.el.h2(Limits.about),
                number("before", _("Kept free before, in minutes"), _("minutes")),
                number("after", _("Kept free after, in minutes"), _("minutes")),
                number("daily", _("A day at most (optional)"), _("visits"), _("Leave empty for no limit.")),
                rx.el.fieldset(
                    rx.el.legend(_("When are people reminded?")),
                    rx.el.p(_("At most five times, by e-mail. Visits that are booked follow."), class_name="quiet"),
                    rx.cond(Limits.error_field == "remind", fields.field_error("remind", Limits.error), rx.fragment()),
                    rx.el.div(rx.foreach(Limits.reminders, _reminder), class_name="choices"),
                    class_name="field",
                    custom_attrs={"id": "remind"},
                ),
                actions.submit(_("See what this changes")),
                class_name="gap-4",
            ),
            on_submit=Limits.on_look,
            custom_attrs={"noValidate": True},
        ),
        actions.button(_("Leave it as it is"), Limits.on_leave_it, kind="quiet", writes=False, fits=True),
        class_name="max-w-2xl",
    )


def _reminder(row: rx.Var[Any]) -> rx.Component:
    return fields.check_box(row["value"], row["label"], is_checked=row["is_on"] == "yes")


def _preview() -> rx.Component:
    note = _("Visits that are booked stay as they are. The free times are those of the next half year.")
    return surfaces.stack(
        states.focused(rx.el.h2(_("What this changes"), ": ", Limits.about), moment=Limits.attempt),
        surfaces.card(surfaces.facts(Limits.facts), rx.el.p(note), is_first=True),
        rx.el.div(
            actions.button(_("Save this change"), Limits.on_save),
            actions.button(_("Go back and change it"), Limits.on_correct, kind="second", writes=False),
            actions.button(_("Leave it as it is"), Limits.on_leave_it, kind="quiet", writes=False),
            class_name="grid grid-cols-1 gap-2",
        ),
        class_name="max-w-2xl",
    )


def _error(name: str) -> rx.Var[Any]:
    return _said.problem_of(Limits, name)


PAGE = Page(
    AT, N_("Limits of visits"), build, policy="schedules.edit_practice", audience="staff", on_load=Limits.on_load
)
