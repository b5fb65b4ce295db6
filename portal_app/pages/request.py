"""One request: the clock, the answer, and offered times to take in one tap."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, only_seen, path, unless_only_seen
from portal_app.state.request import Request
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that request"),
        _("It may have been removed. Your visits are as they were."),
        action=actions.link_button(_("Ask us for a time"), path("/requests/ask")),
        ask=call_us(),
    )
    return focus_page(
        _("Your request"),
        skeleton.until(
            Request.is_ready,
            surfaces.stack(skeleton.card(160), skeleton.rows(2)),
            rx.cond(Request.is_missing, missing, _request()),
            loading=_("Opening your request"),
        ),
        back="/waiting",
    )


def _request() -> rx.Component:
    return surfaces.stack(
        rx.cond(
            Request.is_new,
            states.done(
                _("Your request is sent"),
                _("We write to you when there is an answer. You can always come back to this page."),
            ),
            rx.fragment(),
        ),
        rx.el.div(
            when_said(Request.problem, lambda text: surfaces.banner(text, call_us(), tone="caution")), role="status"
        ),
        surfaces.card(
            rx.el.div(
                rx.el.h2(_("You asked")),
                surfaces.tag_by(Request.tone, Request.status),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            rx.el.p(rx.el.bdi(Request.words), class_name="whitespace-pre-line"),
            rx.el.small(Request.asked),
            when_said(Request.promise, lambda text: rx.el.p(rx.el.b(text))),
            is_first=True,
        ),
        when_said(Request.answer, _answer),
        when_said(Request.phone, lambda number: contact.call(Request.phone_name, number)),
        rx.cond(
            Request.offers.length() > 0,
            surfaces.section(_("Times we keep for you"), rx.foreach(Request.offers, _offer)),
            rx.fragment(),
        ),
        when_said(Request.visit_href, lambda href: actions.link_button(_("Show this visit"), href)),
        only_seen(),
        unless_only_seen(
            rx.cond(
                Request.can_withdraw,
                actions.button(_("Take my request back"), Request.on_withdraw, kind="quiet"),
                rx.fragment(),
            ),
        ),
    )


def _answer(text: Any) -> rx.Component:
    return surfaces.card(rx.el.h2(_("Our answer")), rx.el.p(rx.el.bdi(text), class_name="whitespace-pre-line"))


def _offer(one: rx.Var[Any]) -> rx.Component:
    return surfaces.card(
        rx.el.h3(one["title"]),
        rx.cond(
            one["is_open"] != "",
            rx.fragment(
                rx.el.small(one["detail"]),
                unless_only_seen(actions.button(one["label"], Request.on_accept(one["id"]))),
            ),
            rx.el.small(one["status"]),
        ),
    )


PAGE = Page(
    "/requests/[id]", N_("Your request"), build, policy="waiting.view", audience="patient", on_load=Request.on_load
)
