"""What the care team asks somebody to fill in: each form one row, one tap."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, patient_page
from portal_app.pages._visit_forms import only_seen
from portal_app.state.asked_forms import AskedForms
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    nothing = states.empty(
        _("Nothing to fill in"),
        _("When your care team asks you to fill in a form, it waits here."),
        icon=icons.check(),
        action=actions.link_button(_("Your visits"), path("/appointments"), kind="second"),
    )
    return patient_page(
        frame.page_title(_("Forms to fill in")),
        rx.el.div(when_said(AskedForms.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        skeleton.until(
            AskedForms.is_ready,
            skeleton.card(280),
            rx.cond(
                AskedForms.rows.length() > 0,
                rx.el.ul(rx.foreach(AskedForms.rows, _row), class_name="rows", custom_attrs={"role": "list"}),
                nothing,
            ),
            loading=_("Opening your forms"),
        ),
        at="/appointments",
    )


def _row(row: rx.Var[Any]) -> rx.Component:
    words = rx.el.span(
        rx.el.b(row["form_title"], lang=row["lang"]), when_said(row["hint"], rx.el.small), class_name="row-words"
    )
    status = rx.el.span(row["status"], class_name="tag")
    tappable = rx.el.button(
        words, status, type="button", class_name="row task",
        on_click=AskedForms.on_open(row["id"]), custom_attrs={"data-writes": ""},
    )  # fmt: skip
    return rx.el.li(rx.cond(row["is_open"] != "", tappable, only_seen(row, words, status)), key=row["id"])


PAGE = Page(
    "/forms", N_("Forms to fill in"), build, policy="intake.see", audience="patient", on_load=AskedForms.on_load
)
