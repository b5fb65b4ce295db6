"""Whom you act for: go from one chart to another."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, path, patient_page, staff_page
from portal_app.pages._look_refusal import childs_refusal_part
from portal_app.state.acting_for import ActingFor
from portal_app.state.frame import Frame
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen, in the frame of whoever it is."""
    drawn: rx.Component = rx.cond(
        Frame.is_staff, staff_page(*_content(), at="/profile"), patient_page(*_content(), at="/profile")
    )
    return drawn


def _content() -> list[rx.Component]:
    return [
        frame.page_title(_("Whom you act for")),
        rx.el.div(
            when_said(ActingFor.problem, lambda text: surfaces.banner(text, call_us(), tone="caution")), role="status"
        ),
        skeleton.until(
            ActingFor.is_ready,
            skeleton.rows(2, 80),
            rx.cond(
                ActingFor.leads_to != "",
                _way_on(),
                rx.cond((ActingFor.charts.length() > 0) | ActingFor.is_staff, _charts(), _nobody()),
            ),
            loading=_("Looking whom you may act for"),
        ),
    ]


def _nobody() -> rx.Component:
    return states.empty(
        _("You act for nobody just now"),
        _("When a patient invites you, you get an e-mail with a link. Their chart then stands here."),
    )


def _way_on() -> rx.Component:
    return surfaces.stack(
        surfaces.card(
            rx.el.h2(ActingFor.leads_words),
            rx.el.p(
                _("Another chart is open now. It closes then, in your other tabs too: finish first what you write.")
            ),
            _switch(
                ActingFor.leads_at,
                actions.button(ActingFor.leads_tap, is_submit=True),
                rx.el.input(type="hidden", name="next", value=ActingFor.leads_to, read_only=True),
            ),
        ),
        actions.text_link(_("Stay where I am"), path("/")),
    )


def _charts() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("What you do is done in one chart at a time, and says that it was you.")),
        surfaces.rows(rx.foreach(ActingFor.charts, _one)),
        childs_refusal_part(),
        rx.cond(
            ActingFor.is_staff & ~ActingFor.is_working,
            _switch("", rx.el.button(_("Back to your work here"), type="submit", class_name="btn btn-second")),
            rx.fragment(),
        ),
    )


def _one(row: rx.Var[Any]) -> rx.Component:
    words = rx.el.span(
        rx.el.b(rx.el.bdi(row["name_given"].to(str))),
        rx.cond(row["detail"] != "", rx.el.small(rx.el.bdi(row["detail"].to(str))), rx.fragment()),
        rx.el.small(row["shares"].to(list[str]).join(" · ")),
        rx.foreach(row["soon"].to(list[str]), rx.el.small),
        class_name="row-words",
    )
    button = rx.el.button(
        words, icons.onward("row-end"), type="submit", class_name="row", custom_attrs={"data-writes": ""}
    )
    current = rx.el.div(words, surfaces.tag(_("Open now"), "good"), class_name="row")
    drawn: rx.Component = rx.cond(row["state"] == "current", current, _switch(row["id"].to(str), button))
    return surfaces.row_item(drawn)


def _switch(patient_id: rx.Var[str] | str, button: rx.Component, *more: rx.Component) -> rx.Component:
    return plain_form(
        *more,
        rx.el.input(type="hidden", name="patient", value=patient_id, read_only=True),
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        button,
        action="/auth/act-for",
    )


PAGE = Page(
    "/profile/acting-for", N_("Whom you act for"), build, policy="access.act_for", audience="patient",
    on_load=ActingFor.on_load,
)  # fmt: skip
