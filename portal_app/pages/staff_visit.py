"""One visit, for its host: the room beside what is known of the patient, and who else is let in."""

from typing import Any

import reflex as rx

from portal_app.components import actions, contact, dialog, fields, frame, icons, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._before_visit import forms_sent, lists_card
from portal_app.pages._chart_changes import changes
from portal_app.pages._documents import documents
from portal_app.pages._frames import path, staff_page
from portal_app.pages._hand_over import hand_over
from portal_app.pages._note_panel import note_panel
from portal_app.pages._readings import visit_readings
from portal_app.pages._room import room
from portal_app.pages._said_changes import said_changes
from portal_app.pages._visit_summary import note_text
from portal_app.state.last_note import LastNote
from portal_app.state.said_changes import SaidChanges
from portal_app.state.staff_before import StaffBefore
from portal_app.state.staff_changes import StaffChanges
from portal_app.state.staff_lists import StaffLists
from portal_app.state.staff_visit import StaffVisit
from portal_app.state.visit_note import VisitNote
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that visit"),
        _("It was cancelled or moved, or is not one of yours."),
        action=actions.link_button(_("Video visits today"), path("/staff/visits")),
    )
    return staff_page(
        frame.page_title(
            rx.cond(skeleton.here(StaffVisit.is_ready), StaffVisit.title, _("Video visit")),
            StaffVisit.subtitle,
            action=rx.cond(
                skeleton.here(StaffVisit.is_ready & ~StaffVisit.is_missing), _emergency_button(), rx.fragment()
            ),
        ),
        rx.el.div(
            when_said(StaffVisit.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(StaffVisit.licence, lambda text: surfaces.banner(text, tone="caution")),
            role="status",
        ),
        skeleton.until(
            StaffVisit.is_ready,
            surfaces.panes(skeleton.card(420), skeleton.card(420)),
            rx.cond(StaffVisit.is_missing, missing, surfaces.panes(_left(), _right())),
            loading=_("Opening the visit"),
        ),
        _emergency(),
        _ask_end(),
        hand_over(
            StaffVisit.title,
            StaffVisit.colleagues,
            is_open=StaffVisit.is_handing,
            on_choose=StaffVisit.on_hand_over,
            on_close=StaffVisit.on_close,
        ),
        at="/staff/visits",
    )


def _left() -> rx.Component:
    inside = surfaces.stack(
        rx.el.p(rx.el.b(StaffVisit.status_words), role="status"),
        room(numbers={"theirs": StaffVisit.number}),
        rx.cond(StaffVisit.is_going, _going(), rx.fragment()),
        rx.cond(
            StaffVisit.is_going | StaffVisit.is_over,
            rx.fragment(),
            actions.button(_("Begin by telephone"), StaffVisit.on_phone, kind="second", icon=icons.phone()),
        ),
        rx.cond(StaffVisit.is_going | StaffVisit.is_over, rx.fragment(), _hand_over_button()),
    )
    drawn: rx.Component = rx.cond(StaffVisit.handed != "", _handed(), inside)
    return drawn


def _hand_over_button() -> rx.Component:
    return actions.button(_("Hand over"), StaffVisit.on_ask_hand_over, kind="second", fits=True, writes=False)


def _handed() -> rx.Component:
    """Return what whoever has handed the visit over sees in place of its room."""
    return surfaces.card(
        states.focused(rx.el.h2(StaffVisit.handed), moment=StaffVisit.handed),
        rx.el.p(_("They find it among their video visits. You are not in the room, and your camera is off.")),
        rx.el.p(_("Go back in if you are needed: they and the patient then see and hear you.")),
        actions.link_button(_("Video visits today"), path("/staff/visits")),
        actions.button(_("Go back into the room"), StaffVisit.on_return, kind="quiet"),
    )


def _going() -> rx.Component:
    return rx.el.div(
        actions.button(
            rx.cond(StaffVisit.is_locked, _("Unlock the room"), _("Lock the room")), StaffVisit.on_lock, kind="second",
            fits=True, icon=icons.lock(),
        ),
        actions.button(
            rx.cond(StaffVisit.is_alone, _("Let the others back in"), _("Time alone with the patient")),
            StaffVisit.on_alone, kind="second", fits=True,
        ),
        _hand_over_button(),
        actions.button(
            _("End the visit for all"), StaffVisit.on_ask_end, kind="critical_second", fits=True, writes=False
        ),
        class_name="flex flex-wrap gap-2",
    )  # fmt: skip


def _right() -> rx.Component:
    return surfaces.stack(
        _people(),
        documents(_("Sent by the patient"), is_open=True),
        visit_readings(),
        _before(),
        _note_place(),
        surfaces.card(
            rx.el.h2(_("What is known")),
            surfaces.facts(StaffVisit.facts),
            actions.link_button(_("Open the chart"), StaffVisit.chart_href, kind="quiet", fits=True),
        ),
        _last_note(),
        rx.cond(StaffVisit.is_over, rx.fragment(), _invite()),
    )


def _before() -> rx.Component:
    """Return what is known before the visit, as on its own page: what changed first, the lists, forms with scores."""
    return skeleton.until(
        StaffBefore.is_ready & StaffLists.is_ready & StaffChanges.is_ready & SaidChanges.is_ready,
        surfaces.stack(skeleton.card(240), skeleton.card(240)),
        surfaces.stack(said_changes(), changes(), lists_card(), forms_sent()),
        loading=_("Opening what is known before the visit"),
    )


def _last_note() -> rx.Component:
    shown = surfaces.section(
        _("The last visit"),
        rx.el.details(
            rx.el.summary(LastNote.when, class_name="min-h-12 content-center"),
            when_said(LastNote.diagnoses, rx.el.p),
            note_text(LastNote.note, LastNote.addenda, LastNote.signed),
        ),
    )
    drawn: rx.Component = rx.cond(LastNote.when != "", shown, rx.fragment())
    return drawn


def _people() -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        def named(label: str) -> rx.Var[str]:
            return rx.Var.create(f"{label}: ").to(str) + row["name"].to(str)

        return rx.el.li(
            rx.el.div(
                rx.el.b(rx.el.bdi(row["name"])), rx.el.small(row["role"], class_name="block"),
                when_said(row["checked"], lambda text: rx.el.small(text, class_name="block quiet")),
                class_name="min-w-0",
            ),
            surfaces.tag_by(row["tone"], row["state"]),
            rx.cond(
                row["can_admit"] != "",
                actions.button(
                    _("Admit"), StaffVisit.on_admit(row["id"]), fits=True, accessible_name=named(_("Admit"))
                ),
                rx.fragment(),
            ),
            rx.cond(
                row["can_remove"] != "",
                actions.button(
                    _("Take out"), StaffVisit.on_remove(row["id"]), kind="quiet", fits=True,
                    accessible_name=named(_("Take out")),
                ),
                rx.fragment(),
            ),
            class_name="flex flex-wrap items-center justify-between gap-2 p-2",
        )  # fmt: skip

    return surfaces.card(
        rx.el.h2(_("Who is here")),
        rx.el.ul(rx.foreach(StaffVisit.people, one), custom_attrs={"role": "list"}),
        is_first=True,
    )


def _invite() -> rx.Component:
    return surfaces.card(
        rx.el.h2(_("Invite somebody")),
        rx.el.p(_("They get a link that works once. The patient is asked before they come in."), class_name="quiet"),
        rx.el.form(
            fields.choice_list("role", _("Who is it?"), StaffVisit.roles, error=StaffVisit.role_error),
            fields.text_field("name", _("Their name"), error=StaffVisit.name_error, max_length=60, autocomplete="off"),
            actions.submit(_("Make a link"), kind="second"),
            on_submit=StaffVisit.on_invite,
            class_name="grid grid-cols-1 gap-3",
        ),
        rx.el.div(
            when_said(
                StaffVisit.link,
                lambda text: surfaces.banner(
                    _("Send this link to them alone:"),
                    rx.el.p(rx.el.bdi(StaffVisit.link_for)),
                    rx.el.code(text, class_name="break-all select-all", custom_attrs={"dir": "ltr"}),
                    tone="good",
                ),
            ),
            role="status",
        ),
    )


def _note_place() -> rx.Component:
    end = actions.link_button(_("End visit"), VisitNote.own_href, kind="second", accessible_name=_("End visit"))
    drawn: rx.Component = rx.cond(
        skeleton.here(VisitNote.is_ready & ~VisitNote.is_missing),
        surfaces.section(_("Note"), note_panel(), rx.cond(VisitNote.can_write, end, rx.fragment())),
        rx.fragment(),
    )
    return drawn


def _emergency_button() -> rx.Component:
    return actions.button(
        _("Emergency"), StaffVisit.on_emergency, kind="critical", icon=icons.critical(), fits=True, writes=False
    )


def _emergency() -> rx.Component:
    said = rx.cond(
        StaffVisit.address != "",
        rx.el.p(rx.el.strong(rx.el.bdi(StaffVisit.address))),
        rx.el.p(_("The patient has not said where they are. Ask them now.")),
    )
    return dialog.dialog(
        "emergency",
        _("Emergency"),
        rx.el.p(_("The patient is at:")),
        said,
        contact.call(_("Call emergency services:"), StaffVisit.emergency_phone, kind="critical"),
        rx.cond(
            StaffVisit.number != "", contact.call(_("Call the patient:"), StaffVisit.number), rx.fragment()
        ),
        rx.el.p(_("The emergency number reaches the services near you. Tell them the patient's address."),
                class_name="quiet"),
        is_open=StaffVisit.is_emergency,
        on_dismiss=StaffVisit.on_close,
        actions=[actions.button(_("Close"), StaffVisit.on_close, kind="quiet", writes=False)],
    )  # fmt: skip


def _ask_end() -> rx.Component:
    return dialog.dialog(
        "end",
        _("End the visit for all?"),
        rx.el.p(_("Everybody leaves the room, and the visit counts as done.")),
        is_open=StaffVisit.is_ending,
        on_dismiss=StaffVisit.on_close,
        actions=[
            actions.button(_("Go on with the visit"), StaffVisit.on_close, writes=False),
            actions.button(_("End it now"), StaffVisit.on_end, kind="critical_second"),
        ],
    )


PAGE = Page(
    "/staff/visit",
    N_("Video visit"),
    build,
    policy="visits.host",
    audience="staff",
    on_load=[
        StaffVisit.on_load,
        VisitNote.on_load_beside,
        LastNote.on_load,
        StaffLists.on_load,
        StaffChanges.on_load,
        SaidChanges.on_load,
        StaffBefore.on_load_beside,
    ],
)
