"""The wish of somebody who asks by phone or at the desk, written down by staff."""

import reflex as rx

from portal_app.components import actions, board, errors, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.wait_for import WaitFor
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.empty(
        _("We could not find that chart"),
        _("It may belong to a place you do not work at. Look for the patient again."),
        icon=icons.search(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )
    return staff_page(
        frame.page_title(_("Put on the waiting list"), WaitFor.name),
        skeleton.until(
            WaitFor.is_ready,
            surfaces.stack(skeleton.card(120), skeleton.rows(3)),
            rx.cond(WaitFor.is_missing, missing, _form()),
            loading=_("Opening the form"),
        ),
        at="/staff/waiting",
    )


def _form() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"), WaitFor.errors, is_shown=WaitFor.errors.length() > 0, moment=WaitFor.attempt
        ),
        rx.el.div(when_said(WaitFor.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        surfaces.banner(WaitFor.reach, tone="info"),
        rx.el.form(
            surfaces.stack(
                fields.choice_list("what", _("What do they wait for?"), WaitFor.what, error=WaitFor.what_error),
                board.select_field("who", _("With whom?"), WaitFor.people),
                rx.cond(
                    WaitFor.places.length() > 0,
                    board.select_field("where", _("Where can they come?"), WaitFor.places),
                    rx.fragment(),
                ),
                fields.check_boxes(
                    "days", _("Which days suit them?"), _("Tick none if any day suits."), WaitFor.weekdays, "day"
                ),
                fields.check_boxes(
                    "parts", _("Which part of the day?"), _("Tick none if any time suits."), WaitFor.parts, "part"
                ),
                fields.choice_list(
                    "notice", _("How much notice do they need?"), WaitFor.notices, error=WaitFor.notice_error
                ),
                actions.submit(_("Put them on the list")),
            ),
            on_submit=WaitFor.on_ask,
            class_name="max-w-2xl",
            custom_attrs={"noValidate": True},
        ),
    )


PAGE = Page(
    "/staff/waiting/ask",
    N_("Put on the waiting list"),
    build,
    policy="waiting.ask_for",
    audience="staff",
    on_load=WaitFor.on_load,
)
