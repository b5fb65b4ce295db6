"""About the practice: whom to call for what, and each place with its hours and the way there."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, dialog, icons, skeleton, surfaces
from portal_app.components.kinds import each, rows_of, when_said, words_of
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, public_page
from portal_app.state.practice import About
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(
        rx.el.h1(_("Hours, phone numbers and the way here")),
        skeleton.until(
            About.is_ready,
            surfaces.stack(skeleton.card(220), skeleton.card(420)),
            surfaces.stack(
                surfaces.section(_("Call us"), _lines(About.lines)),
                rx.foreach(About.places, _place),
                actions.link_button(_("Ask us to call you"), path("/call-back"), kind="second", icon=icons.phone()),
            ),
            loading=_("Looking up the practice"),
        ),
        home="/",
    )


def _lines(lines: Any) -> rx.Component:
    def one(row: rx.Var[dict[str, str]]) -> rx.Component:
        return rx.el.li(
            contact.call(row["label"], row["number"]),
            when_said(row["checked"], rx.el.small),
            class_name="grid grid-cols-1 gap-1",
        )

    return rx.el.ul(each(lines, one), class_name="grid grid-cols-1 gap-3", custom_attrs={"role": "list"})


def _place(place: rx.Var[dict[str, Any]]) -> rx.Component:
    return surfaces.card(
        rx.el.div(
            rx.el.h2(rx.el.bdi(words_of(place, "name"))),
            when_said(words_of(place, "now"), lambda text: surfaces.tag_by(words_of(place, "tone"), text)),
            class_name="flex flex-wrap items-start justify-between gap-2",
        ),
        rx.el.p(rx.el.bdi(words_of(place, "address")), class_name="whitespace-pre-line"),
        _lines(rows_of(place, "lines")),
        rx.cond(
            words_of(place, "now"),
            dialog.disclosure(
                _("Opening hours"),
                surfaces.facts(rows_of(place, "hours")),
                surfaces.facts(rows_of(place, "closed")),
                when_said(words_of(place, "hours_checked"), rx.el.small),
            ),
            rx.fragment(),
        ),
        when_said(
            words_of(place, "directions"),
            lambda text: _titled(_("How to get there"), text, words_of(place, "directions_lang")),
        ),
        when_said(
            words_of(place, "parking"),
            lambda text: _titled(_("Parking"), text, words_of(place, "parking_lang")),
        ),
        when_said(words_of(place, "way_checked"), rx.el.small),
        when_said(
            words_of(place, "directions_url"),
            lambda href: actions.document_link(_("Show the way there"), href, icon=icons.place()),
        ),
    )


def _titled(title: str, text: Any, lang: Any) -> rx.Component:
    """Draw words that staff wrote, marked with their language: they may be in another than the page."""
    return rx.el.div(rx.el.h3(title), rx.el.p(rx.el.bdi(text, lang=lang)))


PAGE = Page(
    "/practice",
    N_("Hours, phone numbers and the way here"),
    build,
    policy="practice.view_name",
    audience="public",
    on_load=About.on_load,
)
