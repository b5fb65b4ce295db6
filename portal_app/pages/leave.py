"""An appointment that cannot be kept: what it is, and the three things to do about it."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.leave import Leave
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that visit"),
        _("It may have been changed or removed, or it is not yours to see."),
        action=actions.link_button(_("Back to the inbox"), path("/staff/inbox")),
    )
    return staff_page(
        frame.page_title(_("A visit that cannot be kept"), Leave.patient),
        rx.el.div(
            when_said(Leave.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(Leave.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        skeleton.until(
            Leave.is_ready,
            skeleton.rows(6, 64),
            rx.cond(Leave.is_missing, missing, _visit()),
            loading=_("Opening the visit"),
        ),
        at="/staff/inbox",
    )


def _visit() -> rx.Component:
    settled = surfaces.banner(
        _("Nothing is left to do here."),
        action=actions.link_button(_("Back to the inbox"), path("/staff/inbox"), kind="second", fits=True),
        tone="good",
    )
    return surfaces.stack(
        surfaces.card(surfaces.facts(Leave.facts), is_first=True),
        rx.cond(Leave.is_settled, settled, _choices()),
        class_name="max-w-2xl",
    )


def _choices() -> rx.Component:
    def time(row: rx.Var[Any]) -> rx.Component:
        name = rx.Var.create(_("Move to") + " ").to(str) + row["label"].to(str) + ", " + row["detail"].to(str)
        return rx.el.li(
            rx.el.div(
                rx.el.div(rx.el.b(row["label"]), rx.el.small(row["detail"]), class_name="row-words"),
                actions.button(
                    _("Move to"), Leave.on_move(row["value"]), kind="second", fits=True, accessible_name=name
                ),
                class_name="row",
            )
        )

    move = rx.cond(
        Leave.times.length() > 0,
        surfaces.rows(rx.foreach(Leave.times, time)),
        rx.el.p(_("No free time near it. Ask by e-mail, or call."), class_name="quiet"),
    )
    return surfaces.stack(
        surfaces.section(
            _("Move it"),
            rx.el.p(_("The nearest free times. Ask the patient first if you can."), class_name="quiet"),
            move,
        ),
        surfaces.section(
            _("Ask by e-mail"),
            rx.el.p(_("The patient gets a link to choose another time, and keeps this one until then.")),
            when_said(Leave.offered, lambda text: rx.el.p(text, class_name="quiet")),
            rx.cond(
                Leave.offered == "",
                rx.el.div(
                    actions.button(
                        _("Ask for another time"), Leave.on_offer, kind="second", fits=True, icon=icons.mail()
                    )
                ),
                rx.fragment(),
            ),
        ),
        surfaces.section(
            _("Call"),
            rx.cond(
                Leave.phone != "",
                rx.el.div(contact.call(_("Call"), Leave.phone, fits=True)),
                rx.el.p(_("No telephone number is known."), class_name="quiet"),
            ),
            rx.el.p(_("When you have spoken and all is settled, say so here.")),
            rx.el.div(
                actions.button(
                    _("Settled by telephone"), Leave.on_called, kind="second", fits=True, icon=icons.check()
                ),
                actions.link_button(_("Open the chart"), Leave.chart, kind="quiet", fits=True),
                class_name="flex flex-wrap gap-2",
            ),
        ),
    )


PAGE = Page(
    "/staff/leave",
    N_("A visit that cannot be kept"),
    build,
    policy="schedules.rehome",
    audience="staff",
    on_load=Leave.on_load,
)
