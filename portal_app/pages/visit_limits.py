"""Buffers and daily limits of each kind of visit."""

from typing import Any

import reflex as rx

from portal_app.components import actions, errors, fields, frame, skeleton, surfaces, table
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
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
        rx.el.div(when_said(Limits.news, lambda text: surfaces.banner(text, tone="good")), role="status"),
        skeleton.until(
            Limits.is_ready,
            skeleton.rows(4, 64),
            rx.cond(Limits.editing == "", _list(), _form()),
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
            table.cell(columns[5], change),
        )

    return table.table(_("Limits of visits"), columns, Limits.rows, line)


def _form() -> rx.Component:
    def number(name: str, label: str, unit: str, hint: str | None = None) -> rx.Component:
        return fields.number_field(
            name, label, unit, is_decimal=False, value=Limits.typed.get(name, ""), error=_error(name), hint=hint
        )

    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": Limits.error_field, "text": Limits.error}],
            is_shown=Limits.error != "",
            moment=Limits.attempt,
        ),
        rx.el.form(
            surfaces.stack(
                rx.el.h2(Limits.about),
                number("before", _("Kept free before, in minutes"), _("minutes")),
                number("after", _("Kept free after, in minutes"), _("minutes")),
                number("daily", _("A day at most (optional)"), _("visits"), _("Leave empty for no limit.")),
                actions.submit(_("Save these limits")),
                class_name="gap-4",
            ),
            on_submit=Limits.on_save,
            custom_attrs={"noValidate": True},
        ),
        actions.button(_("Leave it as it is"), Limits.on_leave_it, kind="quiet", writes=False, fits=True),
        class_name="max-w-2xl",
    )


def _error(name: str) -> rx.Var[Any]:
    return rx.cond(Limits.error_field == name, Limits.error, "").to(str)


PAGE = Page(
    AT, N_("Limits of visits"), build, policy="schedules.edit_practice", audience="staff", on_load=Limits.on_load
)
