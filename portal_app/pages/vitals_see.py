"""One measure over time: the number that leads, the picture with its band, the sentence that says it, the table."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _vitals_first
from portal_app.pages._frames import focus_page, unless_looked_at
from portal_app.pages._readings import ended_readings, legend, picture, readings_table
from portal_app.state.frame import Frame
from portal_app.state.reading_page import first_look
from portal_app.state.vitals_see import VitalsSee
from portal_app.web.page import FirstLook, Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        rx.cond(VitalsSee.title != "", VitalsSee.title, _("Your readings")),
        skeleton.until(
            VitalsSee.is_ready,
            surfaces.stack(skeleton.card(56), skeleton.card(240)),
            surfaces.stack(
                _choices(),
                rx.cond(VitalsSee.is_empty, _nothing(), rx.fragment(_lead(), _table())),
                _ended(),
            ),
            loading=_("Looking for your readings"),
            has_first_look=True,
        ),
        back="/vitals",
        dock=rx.cond(
            skeleton.here(VitalsSee.is_ready & ~Frame.is_looked_at),
            actions.link_button(_("Log a reading"), VitalsSee.log_href),
            rx.fragment(),
        ),
    )


def _choices() -> rx.Component:
    """Return how far back to look, and at which readings where there is a choice."""
    parts = dialog.filter_tabs(
        "part", _("Which readings"), VitalsSee.parts, chosen=VitalsSee.part, on_choose=VitalsSee.on_part
    )
    return rx.el.div(
        dialog.filter_tabs(
            "period", _("How far back"), VitalsSee.periods, chosen=VitalsSee.period, on_choose=VitalsSee.on_period
        ),
        rx.cond(VitalsSee.parts.length() > 0, parts, rx.fragment()),
    )


def _nothing() -> rx.Component:
    text = rx.cond(
        VitalsSee.part == "", _("Look further back, or log the first one."), _("Choose All, or look further back.")
    )
    return states.empty(_("No readings in this time"), text, icon=icons.chart())


def _lead() -> rx.Component:
    return surfaces.card(
        rx.el.div(
            rx.el.div(
                rx.el.h2(VitalsSee.lead, class_name="text-small font-normal text-quiet"),
                rx.el.p(
                    rx.el.bdi(VitalsSee.number, dir="ltr", class_name="text-[2.5rem] leading-tight font-bold"),
                    " ",
                    rx.el.bdi(VitalsSee.unit),
                    class_name="tabular-nums",
                ),
            ),
            when_said(VitalsSee.finding, lambda text: surfaces.tag_by(VitalsSee.tone, text)),
            class_name="flex flex-wrap items-end justify-between gap-3",
        ),
        when_said(VitalsSee.halves, rx.el.p),
        when_said(VitalsSee.basis, lambda text: rx.el.p(text, class_name="text-small text-quiet")),
        picture(VitalsSee.drawing, VitalsSee.marks, VitalsSee.begins, VitalsSee.sentence, VitalsSee.point_at),
        legend(VitalsSee.drawing),
        rx.cond(VitalsSee.last > 0, _through(), rx.fragment()),
        rx.el.p(VitalsSee.sentence),
        is_first=True,
        class_name="grid gap-3",
    )


def _through() -> rx.Component:
    """Go from reading to reading by thumb or by arrow keys; in time, which runs from left to right in the picture."""
    return rx.el.div(
        rx.el.label(_("Go from reading to reading"), html_for="point"),
        rx.el.input(
            id="point",
            type="range",
            min="0",
            max=VitalsSee.last.to(str),
            default_value=VitalsSee.last.to(str),
            on_change=VitalsSee.on_point,
            key=VitalsSee.period + VitalsSee.part + VitalsSee.last.to(str),
            dir="ltr",
            class_name="h-12 w-full",
        ),
        rx.el.p(VitalsSee.point, role="status", class_name="min-h-[1.5em] font-bold"),
        class_name="grid gap-1",
    )


def _table() -> rx.Component:
    def steps(row: rx.Var[Any]) -> rx.Component:
        """Lead to the reading's own page: it is changed there, and deleted only once asked."""
        return rx.el.a(
            _("Open"),
            rx.el.span(": ", row["name"].to(str), class_name="sr-only"),
            href=row["href"].to(str),
            class_name="inline-flex items-center min-h-[48px] font-semibold text-accent underline",
        )

    return surfaces.section(
        _("Every reading"),
        readings_table(VitalsSee.rows, steps),
        rx.cond(
            VitalsSee.has_more,
            actions.button(_("Show more readings"), VitalsSee.on_more, kind="second", writes=False),
            rx.fragment(),
        ),
        unless_looked_at(_files()),
    )


def _ended() -> rx.Component:
    """Offer what was deleted or changed, which is looked up when it is wanted."""
    none = rx.el.p(_("Nothing was deleted or changed in this time."))
    return dialog.disclosure(
        _("What was deleted or changed"),
        rx.cond(VitalsSee.ended.length() > 0, ended_readings(VitalsSee.ended, is_linked=True), none),
        on_fold=VitalsSee.on_ended,
    )


def _files() -> rx.Component:
    return rx.el.div(
        actions.document_link(_("These readings on paper (PDF)"), VitalsSee.paper_href, kind="second", fits=True),
        actions.document_link(_("All readings as a file (CSV)"), "/vitals/readings.csv", kind="second", fits=True),
        actions.document_link(
            _("Every reading, for another health system (FHIR)"), "/vitals/readings.json", kind="quiet", fits=True
        ),
        class_name="flex flex-wrap gap-2",
    )


PAGE = Page(
    "/vitals/see", N_("Your readings"), build, policy="vitals.see", audience="patient", on_load=VitalsSee.on_load,
    first_look=FirstLook(first_look, _vitals_first.draw),
)  # fmt: skip
