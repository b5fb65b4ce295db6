"""One patient's medicines and allergies, for the care team: what the patient says is different first."""

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._chart_changes import changes
from portal_app.pages._chart_lists import lists
from portal_app.pages._frames import path, staff_page
from portal_app.state.staff_changes import StaffChanges
from portal_app.state.staff_lists import StaffLists
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
        frame.page_title(
            rx.cond(StaffChanges.name != "", rx.el.bdi(StaffChanges.name), _("Medicines and allergies")),
            StaffChanges.about,
        ),
        skeleton.until(
            StaffLists.is_ready & StaffChanges.is_ready,
            surfaces.panes(skeleton.card(240), skeleton.card(420)),
            rx.cond(StaffLists.is_missing, missing, surfaces.panes(changes(), lists())),
            loading=_("Opening the lists"),
        ),
        at="/staff/patients",
    )


PAGE = Page(
    "/staff/chart", N_("Medicines and allergies"), build, policy="chart.read", audience="staff",
    on_load=[StaffLists.on_load, StaffChanges.on_load],
)  # fmt: skip
