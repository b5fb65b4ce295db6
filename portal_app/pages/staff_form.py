"""A form that a patient sent: totals first, then every answer, in both languages where they differ."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._answers import answer
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_form import ChartForms, StaffForm
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that form"),
        _("It may belong to a place you do not work at, or was not sent yet."),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )
    return staff_page(
        frame.page_title(rx.cond(StaffForm.title != "", StaffForm.title, _("Form")), StaffForm.who),
        skeleton.until(
            StaffForm.is_ready,
            surfaces.stack(skeleton.card(180), skeleton.rows(6, 80)),
            rx.cond(StaffForm.is_missing, missing, _form()),
            loading=_("Opening the form"),
        ),
        at="/staff/patients",
    )


def _form() -> rx.Component:
    review = rx.cond(
        StaffForm.reviewed != "",
        rx.el.p(icons.check("icon-small"), StaffForm.reviewed, class_name="flex items-center gap-2"),
        actions.button(_("Mark as read"), StaffForm.on_review, fits=True),
    )
    return surfaces.stack(
        surfaces.card(
            rx.el.p(StaffForm.sent),
            rx.cond(StaffForm.totals.length() > 0, surfaces.facts(StaffForm.totals), rx.fragment()),
            when_said(StaffForm.signature, rx.el.p),
            when_said(StaffForm.drawn, _drawn),
            when_said(StaffForm.signed_words, _signed),
            rx.el.div(review, role="status"),
            actions.link_button(_("Open the chart"), StaffForm.chart_href, kind="quiet", fits=True),
            is_first=True,
            class_name="grid gap-3",
        ),
        surfaces.section(
            _("Answers"),
            rx.el.dl(rx.foreach(StaffForm.answers, answer), class_name="card grid grid-cols-1 gap-4"),
        ),
    )


def _drawn(strokes: rx.Var[str]) -> rx.Component:
    return rx.el.svg(
        rx.el.svg.path(
            d=strokes,
            custom_attrs={"fill": "none", "stroke": "currentColor", "strokeWidth": "3", "strokeLinecap": "round"},
        ),
        view_box="0 0 600 200",
        role="img",
        class_name="w-full max-w-md",
        custom_attrs={"aria-label": _("The signature as it was drawn")},
    )


def _signed(words: rx.Var[str]) -> rx.Component:
    return rx.el.details(
        rx.el.summary(_("What was signed"), class_name="min-h-12 content-center"),
        rx.el.p(words, class_name="whitespace-pre-line"),
    )


def chart_forms() -> rx.Component:
    """Return the forms of a chart, or nothing where there are none to read."""

    def one(row: rx.Var[Any]) -> rx.Component:
        mark = when_said(row["mark"], lambda text: rx.el.span(text, class_name="tag"))
        return surfaces.row_item(surfaces.row(row["form_title"], row["detail"], href=row["href"], end=mark))

    shown = surfaces.section(
        _("Forms"),
        rx.cond(ChartForms.forms.length() > 0, surfaces.rows(rx.foreach(ChartForms.forms, one)), rx.fragment()),
        actions.link_button(_("Ask for a form, see what is not sent"), ChartForms.ask_href, kind="second", fits=True),
    )
    drawn: rx.Component = rx.cond(ChartForms.ask_href != "", shown, rx.fragment())
    return drawn


PAGE = Page("/staff/forms/[id]", N_("Form"), build, policy="intake.read", audience="staff", on_load=StaffForm.on_load)
