"""What stays closed to somebody who acts for a patient, for the front desk."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._document_form import document_form
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_limits import StaffLimits
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.empty(
        _("We could not find that person"),
        _("They may not act for this patient any more. Open the list of caregivers again."),
        icon=icons.search(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )
    return staff_page(
        frame.page_title(_("Limits"), rx.el.bdi(StaffLimits.name), action=_back()),
        _said.problem(StaffLimits),
        _said.done(StaffLimits.news),
        skeleton.until(
            StaffLimits.is_ready,
            surfaces.stack(skeleton.rows(1, 80), skeleton.card(240)),
            rx.cond(StaffLimits.is_missing, missing, surfaces.stack(_now(), surfaces.panes(_court(), _abuse()))),
            loading=_("Opening the chart"),
        ),
        at="/staff/patients",
    )


def _back() -> rx.Component:
    drawn: rx.Component = rx.cond(
        StaffLimits.back_href != "",
        actions.link_button(_("Back to the caregivers"), StaffLimits.back_href, kind="quiet", fits=True),
        rx.fragment(),
    )
    return drawn


def _now() -> rx.Component:
    return surfaces.section(
        _("What counts now"),
        rx.cond(
            StaffLimits.rows.length() > 0,
            surfaces.rows(rx.foreach(StaffLimits.rows, _one)),
            rx.el.p(_("No limits, so far."), class_name="quiet"),
        ),
    )


def _one(row: rx.Var[Any]) -> rx.Component:
    document = rx.cond(
        row["file_href"] != "",
        actions.document_link(_("Open the document"), row["file_href"].to(str), kind="quiet", fits=True),
        rx.fragment(),
    )
    ask = actions.button(
        _("Lift this limit"), StaffLimits.on_choose(row["id"].to(str)), kind="second", fits=True, writes=False,
        accessible_name=rx.Var.create(_("Lift this limit") + ": ").to(str) + row["kind"].to(str),
    )  # fmt: skip
    lift = rx.cond(StaffLimits.lifting == row["id"].to(str), _lift(), ask)
    return surfaces.row_item(
        rx.el.div(
            rx.el.b(row["kind"].to(str)),
            rx.el.small(row["closed"].to(str)),
            rx.el.p(rx.el.bdi(row["reason_given"].to(str))),
            rx.el.small(row["set"].to(str)),
            rx.el.div(document, class_name="flex"),
            lift,
            class_name="grid gap-2 px-4 py-3",
        )
    )


def _lift() -> rx.Component:
    return rx.el.form(
        fields.text_field("lift", _("Why is it lifted?"), autocomplete="off", error=_of("lift")),
        rx.el.div(actions.button(_("Lift it now"), kind="second", is_submit=True, fits=True)),
        on_submit=StaffLimits.on_lift,
        class_name="grid gap-3",
        custom_attrs={"noValidate": True},
    )


def _court() -> rx.Component:
    return surfaces.section(_("A court's limit"), rx.cond(StaffLimits.has_document, _court_form(), _document()))


def _document() -> rx.Component:
    relation = rx.el.input(type="hidden", name="relation", value=StaffLimits.relation, read_only=True)
    words = _("First the court's paper. Nobody who acts for the patient sees it.")
    return document_form(words, StaffLimits.upload, relation)


def _court_form() -> rx.Component:
    def box(row: rx.Var[Any]) -> rx.Component:
        return fields.check_box(row["value"], row["label"])

    return rx.el.form(
        surfaces.banner(_("The document is kept. Now what it closes."), tone="good"),
        rx.el.fieldset(
            rx.el.legend(_("What stays closed to this person?")),
            when_said(_of("sections"), lambda text: fields.field_error("sections", text)),
            rx.el.div(rx.foreach(StaffLimits.sections, box), class_name="choices"),
            class_name="field",
            custom_attrs={"id": "sections", "tabIndex": -1},
        ),
        fields.multi_line("reason", _("What does the court say?"), error=_of("reason"), rows=2),
        actions.submit(_("Close these parts")),
        on_submit=StaffLimits.on_court,
        class_name="grid gap-5",
        custom_attrs={"noValidate": True},
    )


def _abuse() -> rx.Component:
    return surfaces.section(
        _("Suspected abuse"),
        rx.el.form(
            rx.el.p(
                _("Closes everything to this person at once, before every rule. They are told nothing: to them their "
                  "access has ended. Only the front desk reads the reason.")
            ),
            fields.multi_line("why", _("Why? Say it for your colleagues."), error=_of("why"), rows=2),
            rx.el.div(actions.button(_("Close everything now"), kind="critical", is_submit=True)),
            on_submit=StaffLimits.on_abuse,
            class_name="grid gap-4",
            custom_attrs={"noValidate": True},
        ),
    )  # fmt: skip


def _of(name: str) -> rx.Var[str]:
    return _said.problem_of(StaffLimits, name)


PAGE = Page(
    "/staff/caregivers/limits", N_("Limits"), build, policy="ages.limit", audience="staff",
    on_load=StaffLimits.on_load, steps_up=True,
)  # fmt: skip
