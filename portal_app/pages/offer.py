"""One offered time: what it is, until when it is kept, and yes or no."""

import reflex as rx

from portal_app.components import actions, keeping, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, only_seen, path, unless_only_seen
from portal_app.state.offer import WARN_BEFORE_S, Offer
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that time"),
        _("It may be somebody else's by now. Your visits are as they were."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=call_us(),
    )
    return focus_page(
        _("A time for you"),
        rx.cond(
            Offer.is_open,
            keeping.time_kept(
                Offer.seconds_left,
                warn_at_s=WARN_BEFORE_S,
                moment=Offer.moment,
                on_warn=Offer.on_warn,
                on_end=Offer.on_end,
            ),
            rx.fragment(),
        ),
        skeleton.until(
            Offer.is_ready,
            surfaces.stack(skeleton.card(300), skeleton.lines(2)),
            rx.cond(Offer.is_missing, missing, _offer()),
            loading=_("Opening the time we keep for you"),
        ),
        back="/waiting",
        dock=unless_only_seen(rx.cond(Offer.is_open, _dock(), rx.fragment())),
    )


def _offer() -> rx.Component:
    return surfaces.stack(
        rx.el.div(
            when_said(Offer.problem, lambda text: surfaces.banner(text, call_us(), tone="caution")),
            when_said(Offer.over, lambda text: surfaces.banner(text, tone="info")),
            role="status",
        ),
        surfaces.card(
            rx.el.div(
                rx.el.h2(Offer.title),
                surfaces.tag(Offer.status),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            surfaces.person_line(Offer.who, Offer.specialty, Offer.initials),
            surfaces.facts(Offer.facts),
            is_first=True,
        ),
        when_said(Offer.instead, lambda text: surfaces.banner(text, tone="info")),
        when_said(Offer.visit_href, lambda href: actions.link_button(_("Show this visit"), href)),
        only_seen(),
        unless_only_seen(
            rx.cond(Offer.is_open, _no(), rx.fragment()),
            rx.cond(
                Offer.is_open | (Offer.visit_href != ""),
                rx.fragment(),
                actions.link_button(_("Find another time"), path("/book"), kind="second"),
            ),
        ),
    )


def _no() -> rx.Component:
    return surfaces.stack(
        actions.button(_("No, let it go"), Offer.on_decline, kind="second"),
        rx.cond(
            Offer.from_request,
            rx.fragment(),
            actions.button(_("No, and take me off the list"), Offer.on_decline_and_stop, kind="quiet"),
        ),
        class_name="gap-3",
    )


def _dock() -> rx.Component:
    return rx.fragment(
        rx.el.small(Offer.kept, role="status"),
        actions.button(Offer.button, Offer.on_accept),
    )


PAGE = Page(
    "/offers/[id]", N_("A time for you"), build, policy="waiting.view", audience="patient", on_load=Offer.on_load
)
