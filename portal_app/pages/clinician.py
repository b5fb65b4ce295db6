"""One clinician: who they are, what they treat and do not, when they are free next."""

from typing import Any

import reflex as rx

from portal_app.components import actions, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.state.clinician import Clinician
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find this clinician"),
        _("They may have left the practice. Your visits are as they were."),
        action=actions.link_button(_("Find a time"), path("/book")),
        ask=call_us(),
    )
    return focus_page(
        _("About your clinician"),
        skeleton.until(
            Clinician.is_ready,
            surfaces.stack(skeleton.card(260), skeleton.lines(6)),
            rx.cond(Clinician.is_missing, missing, surfaces.panes(_facts(), _words())),
            loading=_("Looking up the clinician"),
        ),
        back="/book",
        is_wide=True,
    )


def _facts() -> rx.Component:
    booking = surfaces.stack(
        when_said(
            Clinician.next_free,
            lambda text: rx.el.p(rx.el.small(_("Next free time")), rx.el.br(), rx.el.b(text)),
        ),
        actions.link_button(Clinician.book_name, Clinician.book_href),
        class_name="gap-3",
    )
    closed = surfaces.stack(
        surfaces.banner(Clinician.closed, tone="caution"),
        actions.link_button(_("Find someone else"), path("/book"), kind="second"),
        call_us(),
        class_name="gap-3",
    )
    return surfaces.card(
        surfaces.person_line(Clinician.name, Clinician.specialty, Clinician.initials, photo=Clinician.photo),
        surfaces.facts(Clinician.facts),
        rx.cond(Clinician.closed != "", closed, booking),
        is_first=True,
    )


def _words() -> rx.Component:
    def part(title: str, text: Any, lang: Any) -> Any:
        return when_said(
            text,
            lambda said: surfaces.section(title, rx.el.p(rx.el.bdi(said, lang=lang), class_name="whitespace-pre-line")),
        )

    return surfaces.stack(
        part(_("In their own words"), Clinician.biography, Clinician.biography_lang),
        part(_("Sees people for"), Clinician.treats, Clinician.treats_lang),
        part(_("Does not treat"), Clinician.treats_not, Clinician.treats_not_lang),
    )


PAGE = Page(
    "/clinicians/[id]",
    N_("About your clinician"),
    build,
    policy="booking.find",
    audience="patient",
    on_load=Clinician.on_load,
)
