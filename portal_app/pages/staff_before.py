"""Before a visit, on one screen: what is different, the lists, forms with their scores, what was sent."""

import reflex as rx

from portal_app.components import actions, frame, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._before_visit import forms_sent, lists_card
from portal_app.pages._chart_changes import changes
from portal_app.pages._documents import documents
from portal_app.pages._frames import path, staff_page
from portal_app.pages._readings import visit_readings
from portal_app.pages._said_changes import said_changes
from portal_app.state.said_changes import SaidChanges
from portal_app.state.staff_before import StaffBefore
from portal_app.state.staff_changes import StaffChanges
from portal_app.state.staff_lists import StaffLists
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that visit"),
        _("It was cancelled or moved, or is not one of yours."),
        action=actions.link_button(_("To the schedule"), path("/staff/schedule")),
    )
    return staff_page(
        frame.page_title(
            rx.cond(StaffBefore.name != "", rx.el.bdi(StaffBefore.name), _("Before the visit")), StaffBefore.about
        ),
        when_said(StaffBefore.reason, lambda text: surfaces.banner(_("What it is about"), rx.el.bdi(text, dir="auto"))),
        skeleton.until(
            StaffBefore.is_ready & StaffLists.is_ready & StaffChanges.is_ready & SaidChanges.is_ready,
            surfaces.panes(skeleton.card(360), skeleton.card(360)),
            rx.cond(StaffBefore.is_missing, missing, surfaces.panes(_left(), _right())),
            loading=_("Opening the visit"),
        ),
        at="/staff/schedule",
    )


def _left() -> rx.Component:
    return surfaces.stack(said_changes(), changes(), lists_card())


def _right() -> rx.Component:
    return surfaces.stack(forms_sent(), visit_readings(), documents(_("Sent by the patient")))


PAGE = Page(
    "/staff/before", N_("Before the visit"), build, policy="intake.read", audience="staff",
    on_load=[StaffBefore.on_load, StaffLists.on_load, StaffChanges.on_load, SaidChanges.on_load],
)  # fmt: skip
