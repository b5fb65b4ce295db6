"""Who acts for a patient, for the front desk."""

from typing import Any

import reflex as rx

from portal_app.components import actions, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._document_form import document_form
from portal_app.pages._frames import path, staff_page
from portal_app.pages._shared_parts import shared_parts
from portal_app.pages._whose_rule import whose_rule
from portal_app.state.staff_caregivers import StaffCaregivers
from portal_app.state.staff_state import StaffState
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.empty(
        _("We could not find that chart"),
        _("It may belong to a place you do not work at. Look for the patient again."),
        icon=icons.search(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )
    return staff_page(
        frame.page_title(_("Caregivers"), rx.el.bdi(StaffCaregivers.name), action=_back()),
        _said.problem(StaffCaregivers),
        _said.done(StaffCaregivers.news),
        skeleton.until(
            StaffCaregivers.is_ready,
            surfaces.stack(skeleton.rows(2, 120), skeleton.card(240)),
            rx.cond(StaffCaregivers.is_missing, missing, surfaces.panes(_left(), _set())),
            loading=_("Opening the chart"),
        ),
        at="/staff/patients",
    )


def _back() -> rx.Component:
    drawn: rx.Component = rx.cond(
        StaffCaregivers.chart_href != "",
        actions.link_button(_("Back to the chart"), StaffCaregivers.chart_href, kind="quiet", fits=True),
        rx.fragment(),
    )
    return drawn


def _left() -> rx.Component:
    return surfaces.stack(_list(), rx.cond(StaffState.is_shown, whose_rule(), rx.fragment()))


def _list() -> rx.Component:
    return surfaces.section(
        _("Who acts for this patient"),
        rx.cond(
            StaffCaregivers.rows.length() > 0,
            surfaces.rows(rx.foreach(StaffCaregivers.rows, _one)),
            rx.el.p(_("Nobody, so far."), class_name="quiet"),
        ),
    )


def _one(row: rx.Var[Any]) -> rx.Component:
    end = actions.button(
        _("End their access now"),
        StaffCaregivers.on_end(row["id"].to(str)),
        kind="critical_second",
        fits=True,
        accessible_name=rx.Var.create(_("End their access now") + ": ").to(str) + row["name_given"].to(str),
    )
    document = rx.cond(
        row["file_href"] != "",
        actions.document_link(_("Open the document"), row["file_href"].to(str), kind="quiet", fits=True),
        rx.fragment(),
    )
    limits = actions.link_button(
        _("Court limit or suspected abuse"), row["limits_href"].to(str), kind="quiet", fits=True,
        accessible_name=rx.Var.create(_("Court limit or suspected abuse") + ": ").to(str) + row["name_given"].to(str),
    )  # fmt: skip
    steps = rx.el.div(document, limits, end, class_name="flex flex-wrap gap-2")
    return surfaces.row_item(
        rx.el.div(
            rx.el.div(
                rx.el.b(rx.el.bdi(row["name_given"].to(str))),
                surfaces.tag_by(row["tone"], row["status"].to(str)),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            rx.el.small(row["relationship"].to(str), " · ", row["until"].to(str), " · ", row["document"].to(str)),
            when_said(row["note_given"].to(str), lambda text: rx.el.small(rx.el.bdi(text))),
            rx.el.small(row["shares"].to(list[str]).join(", ")),
            rx.cond(row["state"] == "open", steps, limits),
            class_name="grid gap-1 px-4 py-3",
        )
    )


def _set() -> rx.Component:
    return surfaces.section(
        _("Set a caregiver with a document"), rx.cond(StaffCaregivers.has_document, _form(), _document())
    )


def _document() -> rx.Component:
    words = _("First the document that says that this person may act for the patient. No caregiver sees it.")
    return document_form(words, StaffCaregivers.upload)


def _form() -> rx.Component:
    return rx.el.form(
        surfaces.banner(_("The document is kept. Now who it is about."), tone="good"),
        fields.choice_list("kind", _("What is it?"), StaffCaregivers.kinds, error=_of("kind")),
        fields.text_field("name", _("Their name"), error=_of("name"), max_length=80, autocomplete="off"),
        fields.email_field("email", _("Their e-mail address"), error=_of("email"), autocomplete="off"),
        fields.choice_list(
            "relationship", _("Who is this person to the patient?"), StaffCaregivers.relationships,
            error=_of("relationship"),
        ),
        shared_parts(None, _of("shares")),
        fields.choice_list("until", _("Until when?"), StaffCaregivers.lives, error=_of("until")),
        fields.multi_line("note", _("Note for colleagues (optional)"), error=_of("note"), rows=2),
        actions.submit(_("Send the invitation")),
        on_submit=StaffCaregivers.on_send,
        class_name="grid gap-5",
        custom_attrs={"noValidate": True},
    )  # fmt: skip


def _of(name: str) -> rx.Var[str]:
    """Return the words for a field, empty while something else is wrong."""
    return _said.problem_of(StaffCaregivers, name)


PAGE = Page(
    "/staff/caregivers", N_("Caregivers"), build, policy="access.set_caregiver", audience="staff",
    on_load=StaffCaregivers.on_load, steps_up=True,
)  # fmt: skip
