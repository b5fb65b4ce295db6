"""Me: who is signed in, the language, the way out."""

import reflex as rx

from portal_app.components import actions, frame, skeleton, surfaces
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import patient_page
from portal_app.state.me import Me
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        frame.page_title(_("Me")),
        skeleton.until(
            Me.is_ready,
            skeleton.card(140),
            surfaces.card(surfaces.facts([(_("Name"), Me.name), (_("E-mail"), rx.el.bdi(Me.email))])),
            loading=_("Opening your page"),
        ),
        surfaces.section(
            _("Language"),
            surfaces.rows(
                [
                    actions.plain_link(
                        rx.el.span(rx.el.b(language.own_name), class_name="row-words"),
                        *([surfaces.tag(_("In use"))] if code == i18n.current() else []),
                        href=f"/auth/language/{code}",
                        class_name="row",
                        lang=code,
                        dir=language.direction,
                    )
                    for code, language in i18n.LOCALES.items()
                ]
            ),
        ),
        plain_form(
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.button(_("Sign out"), type="submit", class_name="btn btn-second"),
            action="/auth/sign-out",
        ),
        at="/profile",
    )


PAGE = Page("/profile", N_("Me"), build, policy="access.who_am_i", audience="patient", on_load=Me.on_load)
