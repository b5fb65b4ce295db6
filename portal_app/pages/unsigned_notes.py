"""The visits that wait for a clinician's signature."""

from typing import Any

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.state.unsigned_notes import UnsignedNotes
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return staff_page(
        frame.page_title(_("Waiting for your signature"), _("Visits of the last weeks whose note is not signed")),
        skeleton.until(
            UnsignedNotes.is_ready,
            skeleton.rows(4, 72),
            rx.cond(UnsignedNotes.rows.length() > 0, _list(), _nothing()),
            loading=_("Looking for your notes"),
        ),
        at="/staff/schedule",
    )


def _list() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        end = surfaces.tag_by(row["tone"], row["status"])
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], href=row["href"], end=end))

    return surfaces.rows(rx.foreach(UnsignedNotes.rows, one))


def _nothing() -> rx.Component:
    return states.empty(
        _("Nothing waits for you"),
        _("Visits that have taken place stand here until you have signed them."),
        icon=icons.check(),
        action=actions.link_button(_("To the schedule"), path("/staff/schedule"), kind="second"),
    )


PAGE = Page(
    "/staff/notes",
    N_("Waiting for your signature"),
    build,
    policy="notes.sign",
    audience="staff",
    on_load=UnsignedNotes.on_load,
)
