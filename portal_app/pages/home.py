"""Home: the next visit, what can be done, a person to call."""

import reflex as rx

from portal_app.components import actions, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.offline_reading import carries_reading
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import only_seen, path, patient_page, unless_looked_at, unless_only_seen
from portal_app.state.frame import Frame
from portal_app.state.home import Home
from portal_app.web.page import Page

_CARD_PX, _CARD_LEAST_PX = 320, 260
"""The room kept for the card of the next visit, and its least height: with one button or three, nothing jumps far."""
_SAID = "flex items-center gap-1 text-small font-semibold text-accent"


def build() -> rx.Component:
    """Draw the screen."""
    return patient_page(
        rx.el.h1(rx.cond(skeleton.here(Home.is_ready), Home.greeting, _("Hello"))),
        rx.el.div(
            when_said(Home.late, lambda text: surfaces.banner(text, tone="caution")),
            when_said(Home.news, lambda text: surfaces.banner(text, tone="info")),
            role="status",
        ),
        only_seen(),
        rx.cond(Home.offers.length() > 0, surfaces.section(_("A time is kept for you"), _offers()), rx.fragment()),
        skeleton.until(Home.is_ready, skeleton.card(_CARD_PX), _next_visit(), loading=_("Looking for your next visit")),
        surfaces.section(
            _("What would you like to do?"),
            surfaces.tiles(
                [
                    rx.cond(
                        Frame.closed.contains("/book"),
                        rx.fragment(),
                        surfaces.tile(_("Book a visit"), path("/book"), icons.calendar_add()),
                    ),
                    surfaces.tile(_("See your visits"), path("/appointments"), icons.calendar()),
                    rx.cond(
                        Frame.closed.contains("/vitals"),
                        rx.fragment(),
                        rx.cond(
                            Frame.is_looked_at,
                            surfaces.tile(_("Your readings"), path("/vitals"), icons.chart()),
                            surfaces.tile(_("Log a reading"), path("/vitals/log"), icons.chart()),
                        ),
                    ),
                    rx.cond(
                        Frame.closed.contains("/medications"),
                        rx.fragment(),
                        surfaces.tile(_("Medicines and allergies"), path("/medications"), icons.day_list()),
                    ),
                    rx.cond(
                        Home.has_charts,
                        surfaces.tile(_("Act for …"), path("/profile/acting-for"), icons.people()),
                        rx.fragment(),
                    ),
                ]
            ),
        ),
        rx.cond(Home.later.length() > 0, surfaces.section(_("Also coming up"), _later()), rx.fragment()),
        rx.cond(
            Home.is_monitored,
            unless_looked_at(carries_reading(path("/vitals/log"), locale=i18n.current())),
            rx.fragment(),
        ),
        at="/",
    )


def _offers() -> rx.Component:
    return surfaces.rows(
        rx.foreach(
            Home.offers,
            lambda one: surfaces.row_item(
                surfaces.row(one["title"], one["detail"], href=one["href"], icon=icons.bell(), tone="good")
            ),
        )
    )


def _next_visit() -> rx.Component:
    visit = Home.next_visit
    card = surfaces.card(
        rx.el.div(
            rx.el.div(rx.el.small(visit["when"]), rx.el.h2(visit["who"]), class_name="grid gap-1 min-w-0"),
            rx.el.div(when_said(visit["soon"], surfaces.tag), class_name="flex-none whitespace-nowrap"),
            class_name="flex items-start justify-between gap-2",
        ),
        when_said(
            visit["status"],
            lambda text: rx.el.p(
                icons.check("icon-small"),
                text,
                class_name=_SAID,
            ),
        ),
        rx.cond(
            visit["join"] != "",
            rx.fragment(
                unless_only_seen(actions.link_button(_("Join the video visit"), visit["join"], icon=icons.video())),
                when_said(
                    visit["check_in_href"],
                    lambda href: unless_only_seen(actions.link_button(_("Check in"), href, kind="second")),
                ),
                actions.link_button(_("Show this visit"), visit["href"], kind="second", accessible_name=visit["name"]),
            ),
            rx.cond(
                visit["check_in_href"] != "",
                rx.fragment(
                    unless_only_seen(actions.link_button(_("Check in"), visit["check_in_href"], icon=icons.check())),
                    actions.link_button(
                        _("Show this visit"), visit["href"], kind="second", accessible_name=visit["name"]
                    ),
                ),
                actions.link_button(_("Show this visit"), visit["href"], accessible_name=visit["name"]),
            ),
        ),
        unless_only_seen(
            rx.cond(
                visit["can_confirm"] != "",
                actions.button(_("I will come"), Home.on_confirm(visit["id"]), kind="second", icon=icons.check()),
                rx.fragment(),
            ),
        ),
        is_first=True,
        class_name=f"content-between min-h-[{_CARD_LEAST_PX}px]",
    )
    nothing = states.empty(
        _("No visit booked"),
        _("When you book one, it stands here, with everything you need for it."),
        icon=icons.calendar(),
        action=rx.cond(
            Frame.closed.contains("/book"),
            rx.fragment(),
            actions.link_button(_("Find a time"), path("/book"), kind="second"),
        ),
    )
    room = rx.el.div(nothing, class_name=f"grid min-h-[{_CARD_LEAST_PX}px]")
    drawn: rx.Component = rx.cond(Home.has_next, card, room)
    return drawn


def _later() -> rx.Component:
    return surfaces.rows(
        rx.foreach(
            Home.later,
            lambda one: surfaces.row_item(
                surfaces.row(one["title"], one["detail"], href=one["href"], icon=icons.calendar())
            ),
        )
    )


PAGE = Page("/", N_("Home"), build, policy="booking.view", audience="patient", on_load=Home.on_load)
