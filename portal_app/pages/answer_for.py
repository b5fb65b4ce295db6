"""One offered time, for staff who call whoever has no e-mail: who, until when, yes or no."""

import reflex as rx

from portal_app.components import actions, contact, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.answer_for import AnswerFor
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.empty(
        _("We could not find that time"),
        _("It may be somebody else's by now, or the patient's place is not yours."),
        icon=icons.clock(),
        action=actions.link_button(_("Open the inbox"), path("/staff/inbox")),
    )
    return staff_page(
        frame.page_title(_("A time for somebody on the list"), AnswerFor.name),
        rx.el.div(
            when_said(AnswerFor.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(AnswerFor.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            AnswerFor.is_ready,
            surfaces.stack(skeleton.card(300), skeleton.lines(2)),
            rx.cond(AnswerFor.is_missing, missing, _offer()),
            loading=_("Opening the time"),
        ),
        at="/staff/waiting",
    )


def _offer() -> rx.Component:
    return surfaces.panes(
        surfaces.card(
            rx.el.div(
                rx.el.h2(AnswerFor.title),
                surfaces.tag(AnswerFor.status),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            surfaces.facts(AnswerFor.facts),
            is_first=True,
        ),
        surfaces.stack(
            surfaces.card(
                rx.el.h2(rx.el.bdi(AnswerFor.name)),
                rx.el.p(AnswerFor.about, class_name="text-quiet"),
                rx.cond(
                    AnswerFor.phone != "",
                    contact.call(_("Call"), AnswerFor.phone),
                    rx.el.p(_("The chart has no telephone number.")),
                ),
                actions.link_button(_("Open the chart"), AnswerFor.chart_href, kind="quiet"),
            ),
            when_said(AnswerFor.instead, lambda text: surfaces.banner(text, tone="info")),
            rx.cond(
                AnswerFor.is_open,
                surfaces.stack(
                    rx.el.p(AnswerFor.until),
                    actions.button(AnswerFor.button, AnswerFor.on_accept),
                    actions.button(_("They say no: let it go"), AnswerFor.on_decline, kind="second"),
                    class_name="gap-3",
                ),
                rx.fragment(),
            ),
        ),
    )


PAGE = Page(
    "/staff/waiting/offer",
    N_("A time for somebody on the list"),
    build,
    policy="waiting.answer_for",
    audience="staff",
    on_load=AnswerFor.on_load,
)
