"""The demo's outbox: mails, texts and notifications that a real portal would have sent, so that a code can be read."""

import reflex as rx

from portal_app.components import frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import public_page
from portal_app.state.outbox import Outbox
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return public_page(
        frame.page_title(
            _("Demo outbox"),
            _("Mails, text messages and notifications to the people of the demo end here. New ones come by themselves, "
              "newest first."),
        ),
        skeleton.until(
            Outbox.is_ready,
            skeleton.rows(3, 160),
            rx.el.div(
                rx.cond(Outbox.messages.length() > 0, rx.foreach(Outbox.messages, _message), _none()),
                class_name="grid gap-4",
                custom_attrs={"aria-live": "polite"},
            ),
            loading=_("Opening the outbox"),
        ),
    )  # fmt: skip


def _message(one: rx.Var[dict[str, str]]) -> rx.Component:
    return surfaces.card(
        rx.el.h2(rx.cond(one["kind"] == "text", rx.fragment(_("Text message")), rx.el.bdi(one["subject"]))),
        rx.cond(one["kind"] == "push", rx.el.p(_("Notification"), class_name="quiet"), rx.fragment()),
        when_said(one["code"], _code),
        surfaces.facts([(_("To"), rx.el.bdi(one["to"])), (_("Sent"), one["sent"])]),
        rx.el.p(one["text"], class_name="whitespace-pre-line", dir="auto"),
        when_said(one["attachments"], _attachments),
    )


def _code(code: rx.Var[str]) -> rx.Component:
    return rx.el.p(_("Code"), " ", rx.el.strong(code, dir="ltr", class_name="text-2xl tracking-widest select-all"))


def _attachments(names: rx.Var[str]) -> rx.Component:
    return rx.el.p(_("With it"), ": ", rx.el.bdi(names))


def _none() -> rx.Component:
    return states.empty(
        _("No message yet"),
        _("Ask for a sign-in code or book a visit: the message stands here a second later."),
        icon=icons.day_list(),
    )


PAGE = Page("/outbox", N_("Demo outbox"), build, policy="notify.demo_outbox", audience="demo", on_load=Outbox.on_load)
