"""A visit's note and its ending, for visits without video and for what is written afterwards."""

import reflex as rx

from portal_app.components import actions, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import path, staff_page
from portal_app.pages._note_panel import note_panel
from portal_app.pages._visit_ending import charge_card, end_button, ending_step
from portal_app.state.visit_ending import VisitEnding
from portal_app.state.visit_note import VisitNote
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    title = rx.cond(VisitNote.who != "", rx.fragment(VisitNote.who), _("Note of a visit"))
    return staff_page(
        frame.page_title(title, VisitNote.when, action=_ways()),
        rx.el.div(when_said(VisitNote.problem, lambda text: surfaces.banner(text, tone="caution")), role="alert"),
        skeleton.until(
            VisitNote.is_ready,
            surfaces.stack(skeleton.card(160), skeleton.card(160), skeleton.card(160)),
            rx.cond(VisitNote.is_missing, _missing(), _visit()),
            loading=_("Opening the note"),
        ),
        at="/staff/schedule",
    )


def _ways() -> rx.Component:
    return rx.el.div(
        actions.link_button(_("Waiting for your signature"), path("/staff/notes"), kind="quiet", fits=True),
        rx.cond(
            VisitNote.chart_href != "",
            actions.link_button(_("The patient"), VisitNote.chart_href, kind="second", fits=True),
            rx.fragment(),
        ),
        class_name="flex flex-wrap gap-2",
    )


def _missing() -> rx.Component:
    return states.empty(
        _("We could not find that visit"),
        _("It may belong to a place you do not work at. Look for it in your schedule."),
        icon=icons.search(),
        action=actions.link_button(_("To the schedule"), path("/staff/schedule")),
    )


def _visit() -> rx.Component:
    about = when_said(VisitNote.about, lambda text: surfaces.banner(_("What it is about"), rx.el.bdi(text)))
    done = states.done(
        _("Signed and sent"),
        _("The patient has a message that the summary is there. The charge waits for billing."),
        actions.link_button(_("To the notes that wait for you"), path("/staff/notes"), kind="second"),
        takes_focus=False,
    )
    return surfaces.stack(
        about,
        rx.cond(VisitEnding.step == "done", rx.el.div(done, role="status"), rx.fragment()),
        rx.cond(
            (VisitEnding.step == "note") | (VisitEnding.step == "done") | VisitNote.is_signed,
            surfaces.stack(
                rx.el.div(note_panel(end_button(), on_end=VisitEnding.on_end)),
                rx.cond(VisitNote.is_signed, charge_card(), rx.fragment()),
            ),
            ending_step(),
        ),
        class_name="max-w-3xl",
    )


PAGE = Page(
    "/staff/visits/[id]/note",
    N_("Note of a visit"),
    build,
    policy="notes.read",
    audience="staff",
    on_load=[VisitNote.on_load, VisitEnding.on_load],
)
