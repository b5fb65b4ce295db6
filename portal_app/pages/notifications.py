"""Notifications on this browser: what they say, turned on after that, and tried."""

from typing import Any

import reflex as rx

from portal_app.components import actions, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.push import push_switch
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.state.notifications import Notifications
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Notifications"),
        rx.el.div(
            when_said(Notifications.news, lambda text: surfaces.banner(text, tone="good")),
            when_said(Notifications.problem, lambda text: surfaces.banner(text, tone="critical")),
            role="status",
        ),
        skeleton.until(
            Notifications.is_ready,
            skeleton.rows(4, 80),
            rx.cond(Notifications.server_key != "", surfaces.stack(_here(), _others()), _none()),
            loading=_("Opening your notifications"),
        ),
        back="/profile",
    )


def _here() -> rx.Component:
    return surfaces.section(
        _("On this device"),
        rx.el.p(
            _("A notification says that there is something new from us, and nothing about your health: anybody may see "
              "your screen. A tap on it opens the page, after you have signed in.")
        ),
        rx.cond(Notifications.is_on, _on(), _off()),
    )  # fmt: skip


def _off() -> rx.Component:
    return surfaces.stack(
        rx.el.p(_("Your browser asks you next whether we may show them. Choose “Allow”.")),
        push_switch(
            _("Turn on notifications"),
            server_key=Notifications.server_key,
            words={
                "insecure": _("Notifications need a secure address. Open the portal by the address that begins with "
                              "https."),
                "unsupported": _("This browser cannot show notifications. On an iPhone or iPad, first add this page to "
                                 "the Home Screen and open it from there. Or choose e-mail or text messages."),
                "denied": _("This browser is set not to show our notifications. Open its settings for this page, "
                            "beside the address, allow notifications, and then load this page again."),
                "later": _("You have not chosen yet. Nothing was changed."),
                "failed": _("Your browser could not reach its notification service. Try again later. Until then we "
                            "write to you as before."),
            },
            on_subscribed=Notifications.on_subscribed,
        ),
    )  # fmt: skip


def _on() -> rx.Component:
    return surfaces.stack(
        rx.el.p(rx.el.b(_("On")), " · ", Notifications.here),
        rx.cond(
            Notifications.is_demo,
            rx.el.p(_("In the demo a notification shows in the outbox and not on the device."), class_name="quiet"),
            rx.fragment(),
        ),
        actions.button(_("Send one now"), Notifications.on_try(Notifications.attempt)),
        actions.button(_("Turn off on this device"), Notifications.on_turn_off(""), kind="second"),
        actions.text_link(_("Choose what comes as a notification"), path("/profile/answer?q=channels")),
    )


def _others() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        named = rx.Var.create(_("Turn off there") + ": ").to(str) + row["device"].to(str)
        return surfaces.row_item(
            rx.el.div(
                rx.el.div(rx.el.b(rx.el.bdi(row["device"])), rx.el.small(row["last"]), class_name="row-words"),
                actions.button(
                    _("Turn off there"), Notifications.on_turn_off(row["id"]), kind="second", fits=True,
                    accessible_name=named,
                ),
                class_name="grid justify-items-start gap-2 px-4 py-3",
            )
        )  # fmt: skip

    drawn: rx.Component = rx.cond(
        Notifications.others.length() > 0,
        surfaces.section(_("On your other devices"), surfaces.rows(rx.foreach(Notifications.others, one))),
        rx.fragment(),
    )
    return drawn


def _none() -> rx.Component:
    return surfaces.stack(
        states.empty(
            _("No notifications here"),
            _("The practice has not set them up. Reminders come by e-mail, or by text message if you wish."),
            action=actions.link_button(_("Back to your page"), path("/profile")),
        ),
        call_us(),
    )


PAGE = Page(
    "/profile/notifications", N_("Notifications"), build, policy="notify.push", audience="patient",
    on_load=Notifications.on_load,
)  # fmt: skip
