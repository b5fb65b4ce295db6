"""An invitation to act for somebody."""

import reflex as rx

from portal_app.components import actions, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, path, public_page
from portal_app.state.invitation import Invitation
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    over = states.error(
        _("This invitation does not count any more"),
        _("It was answered, taken back, or is older than seven days. Ask the person who invited you for a new one."),
        action=actions.link_button(_("Go to your home page"), path("/")),
        ask=call_us(),
    )
    declined = states.done(
        _("You declined"),
        _("Nothing was opened to you, and the person who asked gets an e-mail that says so."),
        actions.link_button(_("Go to your home page"), path("/"), kind="second"),
    )
    return public_page(
        skeleton.until(
            Invitation.is_ready,
            surfaces.stack(rx.el.h1(_("Will you act for this person?")), skeleton.card(220)),
            rx.cond(
                Invitation.is_accepted,
                _accepted(),
                rx.cond(Invitation.is_declined, declined, rx.cond(Invitation.is_over, over, _asked())),
            ),
            loading=_("Opening the invitation"),
        ),
        home="/",
        signs_out=True,
    )


def _asked() -> rx.Component:
    return surfaces.stack(
        rx.el.h1(_("Will you act for this person?")),
        rx.el.div(when_said(Invitation.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        surfaces.card(
            rx.el.h2(rx.el.bdi(Invitation.who)),
            rx.el.p(_("would like you to do this for them:")),
            rx.el.ul(rx.foreach(Invitation.shares, rx.el.li), class_name="list-disc ps-5"),
            rx.el.p(Invitation.until),
            is_first=True,
        ),
        rx.el.p(_("What you do is kept under your own name, and they can see it. They can end this at any time.")),
        actions.button(_("Accept"), Invitation.on_accept, icon=icons.check()),
        actions.button(_("Decline"), Invitation.on_decline, kind="second"),
    )


def _accepted() -> rx.Component:
    return states.done(
        _("You can act for them now"),
        _("A bar at the top of every page says whose chart is open. You go from one to another under Me."),
        rx.el.p(rx.el.b(rx.el.bdi(Invitation.who))),
        plain_form(
            rx.el.input(type="hidden", name="patient", value=Invitation.chart_id, read_only=True),
            rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
            rx.el.button(_("Open their page"), type="submit", class_name="btn", custom_attrs={"data-writes": ""}),
            action="/auth/act-for",
        ),
    )


PAGE = Page(
    "/invitation", N_("Invitation"), build, policy="access.act_for", audience="patient", on_load=Invitation.on_load
)
