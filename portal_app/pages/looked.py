"""Support has stopped seeing a patient's pages, or has opened a page of its own work: the way back."""

import reflex as rx

from portal_app.components import actions, frame, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, public_page
from portal_app.state.looking import Looking
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(
        frame.page_title(
            rx.cond(Looking.is_on, _("You are looking at a patient's pages"), _("You have stopped looking"))
        ),
        skeleton.until(
            Looking.is_ready,
            surfaces.stack(skeleton.lines(2), skeleton.card(52)),
            _ways(),
            loading=_("Looking how it stands"),
        ),
    )


def _ways() -> rx.Component:
    back = plain_form(
        rx.el.button(_("Back to your work"), type="submit", class_name="btn"), action="/auth/as-patient/stop"
    )
    go_on = actions.link_button(_("Go on looking"), path("/"), kind="second")
    shut = when_said(Looking.shut, lambda text: surfaces.banner(text, tone="info"))
    return surfaces.stack(shut, rx.el.p(Looking.why), back, rx.cond(Looking.is_on, go_on, rx.fragment()))


PAGE = Page(
    "/looked", N_("As the patient sees it"), build, policy="privacy.look_over", audience="patient",
    on_load=Looking.on_load,
)  # fmt: skip
