"""Closed days of a location: the public holidays it observes, and others."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, fields, frame, skeleton, surfaces, table
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import staff_page
from portal_app.pages.schedules import preview, settings_tabs
from portal_app.state.closed_days import ClosedDays
from portal_app.web.page import Page

AT = "/staff/settings/closed-days"


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Closed days"), ClosedDays.place_name),
        settings_tabs(AT),
        _said.done(ClosedDays.news),
        skeleton.until(
            ClosedDays.is_ready,
            skeleton.rows(6, 64),
            rx.cond(ClosedDays.view == "preview", preview(ClosedDays), _list()),
            loading=_("Opening the closed days"),
        ),
        at="/staff/settings/schedules",
    )


def _list() -> rx.Component:
    return surfaces.stack(
        _said.problem(ClosedDays),
        rx.cond(
            ClosedDays.places.length() > 1,
            dialog.filter_tabs(
                "place", _("Which place"), ClosedDays.places, chosen=ClosedDays.place, on_choose=ClosedDays.on_place
            ),
            rx.fragment(),
        ),
        surfaces.section(_("Closed on"), _days()),
        surfaces.section(_("Public holidays"), _country(), rx.cond(ClosedDays.holidays, _holidays(), rx.fragment())),
        surfaces.section(_("Close on another day"), _close()),
    )


def _days() -> rx.Component:
    columns = [_("Day"), _("Why"), _("What next")]

    def line(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Open again") + ": ").to(str) + row["day"].to(str)
        again = actions.button(
            _("Open again"), ClosedDays.on_open(row["id"]), kind="second", fits=True, accessible_name=name
        )
        return table.line(
            table.cell(columns[0], rx.el.b(row["day"])),
            table.cell(columns[1], rx.el.bdi(row["label_given"])),
            table.cell(columns[2], rx.cond(row["id"] != "", again, rx.el.span(_("Chosen below")))),
        )

    return rx.cond(
        ClosedDays.days.length() > 0,
        table.table(_("Closed on"), columns, ClosedDays.days, line),
        rx.el.p(_("No closed days to come."), class_name="quiet"),
    )


def _country() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            fields.text_field(
                "country", _("Country, in two letters"), value=ClosedDays.country, width="two", max_length=2,
                error=_error("country"), more={"autoCapitalize": "characters", "dir": "ltr"},
            ),
            fields.text_field(
                "part", _("State or province (optional)"), value=ClosedDays.part, width="four", max_length=4,
                error=_error("part"), more={"autoCapitalize": "characters", "dir": "ltr"},
            ),
            actions.button(_("Show its holidays"), kind="second", is_submit=True, fits=True),
            class_name="flex flex-wrap items-end gap-4",
        ),
        on_submit=ClosedDays.on_country,
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _holidays() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return fields.check_box(
            row["value"], rx.el.bdi(row["label_given"]), detail=row["detail"], is_checked=row["is_on"] == "yes"
        )

    return rx.el.form(
        rx.el.fieldset(
            rx.el.legend(_("On which of them are you closed?")),
            rx.el.div(rx.foreach(ClosedDays.holidays, one), class_name="choices"),
            class_name="field",
        ),
        rx.el.div(actions.submit(_("See what this changes")), class_name="pt-3 max-w-2xl"),
        on_submit=ClosedDays.on_choose,
        custom_attrs={"noValidate": True},
    )


def _close() -> rx.Component:
    return rx.el.form(
        surfaces.stack(
            rx.el.div(
                fields.text_field(
                    "day", _("On which day?"), value=ClosedDays.typed.get("day", ""), error=_error("day"),
                    more={"type": "date"},
                ),
                class_name="max-w-60",
            ),
            fields.text_field(
                "name", _("Why?"), value=ClosedDays.typed.get("name", ""), error=_error("name"), max_length=80,
                hint=_("Patients may read this."),
            ),
            actions.button(_("See what closing changes"), kind="second", is_submit=True),
            class_name="gap-4 max-w-2xl",
        ),
        on_submit=ClosedDays.on_close,
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _error(name: str) -> rx.Var[Any]:
    return _said.problem_of(ClosedDays, name)


PAGE = Page(
    AT, N_("Closed days"), build, policy="schedules.edit_practice", audience="staff", on_load=ClosedDays.on_load
)
