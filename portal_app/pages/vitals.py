"""Readings: the newest of each, what it meant, who has seen it, and the way to the next one."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.offline_reading import carries_reading, waiting_readings
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, patient_page, unless_looked_at
from portal_app.pages._offline_words import waiting_words
from portal_app.state.vitals import Vitals
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        frame.page_title(_("Your readings")),
        waiting_readings(waiting_words(), locale=i18n.current()),
        skeleton.until(
            Vitals.is_ready,
            surfaces.stack(skeleton.card(56), skeleton.rows(4, 88)),
            surfaces.stack(
                unless_looked_at(actions.link_button(_("Log a reading"), path("/vitals/log"))),
                rx.cond(Vitals.plans.length() > 0, _plans(), rx.fragment()),
                rx.el.div(rx.cond(Vitals.told.length() > 0, _told(), rx.fragment()), role="status"),
                rx.cond(Vitals.rows.length() > 0, _last(), _nothing()),
                unless_looked_at(carries_reading(path("/vitals/log"), locale=i18n.current())),
                unless_looked_at(
                    actions.link_button(_("Bring readings from a file"), path("/vitals/import"), kind="quiet")
                ),
            ),
            loading=_("Looking for your readings"),
        ),
        at="/vitals",
    )


def _told() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        return surfaces.row_item(
            surfaces.row(row["title"], row["detail"], icon=icons.bell(), tone="info"),
        )

    return surfaces.section(_("What your care team says"), surfaces.rows(rx.foreach(Vitals.told, one)))


def _plans() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        status = rx.el.span(
            surfaces.tag_by(rx.cond(row["is_done"] != "", "good", "info"), row["today"]),
            when_said(row["week"], lambda text: rx.el.small(text, class_name="tabular-nums")),
            class_name="flex flex-wrap items-center gap-2",
        )
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], href=row["href"], end=status))

    return surfaces.section(_("Your plan"), surfaces.rows(rx.foreach(Vitals.plans, one)))


def _last() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        number = rx.el.span(
            rx.el.bdi(row["value"], class_name="text-[1.375rem] font-bold tabular-nums", dir="ltr"),
            when_said(row["unit"], lambda text: rx.el.small(" ", rx.el.bdi(text))),
            class_name="whitespace-nowrap",
        )
        end = rx.el.span(
            number, when_said(row["status"], lambda text: surfaces.tag_by(row["tone"], text)),
            class_name="flex flex-wrap items-center gap-2",
        )  # fmt: skip
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], href=row["href"], end=end))

    return surfaces.section(_("Your last readings"), surfaces.rows(rx.foreach(Vitals.rows, one)))


def _nothing() -> rx.Component:
    return states.empty(
        _("No readings yet"),
        _("What you measure at home stands here, with what it means. Your care team can see it."),
        icon=icons.chart(),
    )


PAGE = Page("/vitals", N_("Your readings"), build, policy="vitals.see", audience="patient", on_load=Vitals.on_load)
