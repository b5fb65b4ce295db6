"""Everything of the patient's that is not booked yet: kept times, wishes for earlier ones, requests."""

from typing import Any

import reflex as rx

from portal_app.components import actions, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import only_seen, path, patient_page, unless_only_seen
from portal_app.state.waiting import Waiting
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        rx.el.h1(_("Earlier times")),
        _said.done(Waiting.news),
        only_seen(),
        skeleton.until(
            Waiting.is_ready,
            surfaces.stack(skeleton.card(180), skeleton.rows(2)),
            _all(),
            loading=_("Looking for what you wait for"),
        ),
        at="/appointments",
    )


def _all() -> rx.Component:
    nothing = states.empty(
        _("You are not waiting for a time"),
        _("Open one of your visits to be told of an earlier time, or ask us for a time in your own words."),
        icon=icons.clock(),
        action=actions.link_button(_("See your visits"), path("/appointments"), kind="second"),
    )
    has_any = (Waiting.offers.length() + Waiting.wishes.length() + Waiting.requests.length()) > 0
    return surfaces.stack(
        rx.cond(Waiting.offers.length() > 0, surfaces.section(_("Kept for you now"), _offers()), rx.fragment()),
        rx.cond(
            Waiting.wishes.length() > 0,
            surfaces.section(_("You are on the list"), rx.foreach(Waiting.wishes, _wish), rule()),
            rx.fragment(),
        ),
        rx.cond(
            Waiting.requests.length() > 0, surfaces.section(_("What you have asked us"), _requests()), rx.fragment()
        ),
        rx.cond(has_any, rx.fragment(), nothing),
        unless_only_seen(
            actions.link_button(_("Ask us for a time"), path("/requests/ask"), kind="second", icon=icons.mail())
        ),
    )


def _offers() -> rx.Component:
    return surfaces.rows(
        rx.foreach(
            Waiting.offers,
            lambda one: surfaces.row_item(
                surfaces.row(one["title"], one["detail"], href=one["href"], icon=icons.bell(), tone="good")
            ),
        )
    )


def _wish(one: rx.Var[Any]) -> rx.Component:
    return surfaces.card(
        rx.el.h3(one["title"].to(str)),
        when_said(one["state"].to(str), lambda text: surfaces.tag(text, "good")),
        surfaces.facts(one["facts"].to(list[dict[str, str]])),
        unless_only_seen(actions.button(_("Take me off the list"), Waiting.on_stop(one["id"].to(str)), kind="quiet")),
    )


def _requests() -> rx.Component:
    return surfaces.rows(
        rx.foreach(
            Waiting.requests,
            lambda one: surfaces.row_item(
                surfaces.row(one["title"], one["detail"], href=one["href"], icon=icons.mail())
            ),
        )
    )


def rule() -> rx.Component:
    """Return how the line goes, in the words that the rules keep."""
    said = [
        _("Who has to be seen soonest is asked first: our nurses and clinicians decide that."),
        _("After that, whoever has waited longest."),
        _("We ask one person at a time and keep the time for them. Being quick gives nobody an advantage."),
        _("The sooner it is, the shorter we keep it: 15 minutes for the next hours, 12 hours from next week on."),
        _("At night, from 9 pm to 8 am where you are, we do not write, unless the time is early the next morning."),
        _("If you say nothing, it goes to the next person, and you keep your place on the list."),
    ]
    return rx.el.div(
        rx.el.h3(_("How the list works")),
        rx.el.ul(*(rx.el.li(line) for line in said), class_name="grid list-disc gap-2 ps-5 text-quiet"),
        class_name="grid grid-cols-1 gap-2",
    )


PAGE = Page("/waiting", N_("Earlier times"), build, policy="waiting.view", audience="patient", on_load=Waiting.on_load)
