"""Behind the link of a reminder: when and where, and two buttons."""

import reflex as rx

from portal_app.components import actions, icons, keeping, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, public_page
from portal_app.state.reminder import Reminder
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    gone = states.error(
        _("This link has run out"),
        _("It was for one visit, up to its beginning. Your visits are safe: sign in to see them."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=_call(),
    )
    return public_page(
        rx.el.h1(_("Your visit")),
        skeleton.until(
            Reminder.is_ready,
            surfaces.stack(skeleton.card(160), skeleton.lines(3)),
            rx.cond(Reminder.is_over, gone, _visit()),
            loading=_("Opening your visit"),
        ),
    )


def _visit() -> rx.Component:
    return surfaces.stack(
        rx.el.div(
            rx.match(
                Reminder.done,
                ("confirm", _said(_("Thank you. We expect you."))),
                ("cancel", _said(_("Your visit is cancelled. In a minute we send you an e-mail that says so."))),
                ("undo", _said(_("Your visit is booked again. Nothing has changed."))),
                rx.fragment(),
            ),
            when_said(Reminder.problem, lambda text: surfaces.banner(text, _call(), tone="caution")),
            role="status",
        ),
        surfaces.card(
            when_said(Reminder.title, rx.el.h2),
            when_said(Reminder.where, rx.el.p),
            when_said(Reminder.stage, rx.el.p),
            is_first=True,
        ),
        surfaces.stack(
            when_said(
                Reminder.join_href,
                lambda href: actions.document_link(_("Join the video visit"), href, kind="primary", icon=icons.video()),
            ),
            when_said(
                Reminder.check_in_href,
                lambda href: rx.fragment(
                    actions.document_link(_("Check in"), href, kind="primary", icon=icons.check()),
                    rx.el.p(_("You sign in with a code we send you."), class_name="quiet"),
                ),
            ),
            rx.cond(Reminder.can_confirm, _button("confirm", _("I am coming"), "btn"), rx.fragment()),
            when_said(Reminder.rule, lambda text: rx.el.p(text, class_name="quiet")),
            rx.cond(
                Reminder.can_cancel, _button("cancel", _("Cancel this visit"), "btn btn-critical-second"), rx.fragment()
            ),
            rx.cond(Reminder.undo_s > 0, _undo(), rx.fragment()),
            _call(),
            actions.link_button(_("Sign in to see everything"), path("/appointments"), kind="quiet"),
            class_name="gap-3",
        ),
    )


def _said(words: str) -> rx.Component:
    return surfaces.banner(words, tone="good")


def _undo() -> rx.Component:
    return rx.fragment(
        keeping.time_kept(
            Reminder.undo_s,
            warn_at_s=0,
            moment=Reminder.moment,
            on_warn=Reminder.on_undo_over,
            on_end=Reminder.on_undo_over,
        ),
        _button("undo", _("Undo: keep this visit"), "btn btn-second"),
    )


def _button(answer: str, label: str, class_name: str) -> rx.Component:
    """Return a form of one button: it posts by itself, with or without scripts."""
    return plain_form(
        rx.el.input(type="hidden", name="key", value=Reminder.key, read_only=True),
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        rx.el.input(type="hidden", name="answer", default_value=answer),
        rx.el.button(label, type="submit", class_name=class_name, custom_attrs={"data-writes": ""}),
        action="/reminder/answer",
    )


def _call() -> rx.Component:
    return actions.document_link(Reminder.phone_name, "tel:" + Reminder.phone, kind="second", icon=icons.phone())


PAGE = Page(
    "/reminder", N_("Your visit"), build, policy="booking.read_link", audience="public", on_load=Reminder.on_load
)
