"""One patient as staff see them, and booking a visit in their name."""

from typing import Any

import reflex as rx

from portal_app.components import actions, dialog, fields, frame, icons, skeleton, slot_picker, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._documents import documents
from portal_app.pages._frames import path, staff_page
from portal_app.pages.staff_form import chart_forms
from portal_app.state.staff_contact import StaffContact
from portal_app.state.staff_form import ChartForms
from portal_app.state.staff_patient import StaffPatient
from portal_app.web.page import Page

FORM = "book-for"


def build() -> rx.Component:
    """Draw the screen."""
    title = rx.cond(StaffPatient.name != "", rx.fragment(StaffPatient.name), _("Patient"))
    return staff_page(
        frame.page_title(title, StaffPatient.born, action=_begin()),
        rx.el.div(
            when_said(StaffPatient.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(StaffPatient.news, lambda text: surfaces.banner(text, tone="good")),
            role="status",
        ),
        when_said(StaffPatient.opened_until, _opened),
        skeleton.until(
            StaffPatient.is_ready,
            surfaces.stack(skeleton.card(240), skeleton.rows(3, 72)),
            rx.cond(StaffPatient.is_missing, _missing(), _patient()),
            loading=_("Opening the chart"),
        ),
        _ask(),
        _undo(),
        at="/staff/patients",
    )


def _opened(text: rx.Var[str]) -> rx.Component:
    close = actions.button(_("I am done: close it"), StaffPatient.on_close_chart, kind="second", fits=True)
    return surfaces.banner(text, tone="caution", action=close)


def _begin() -> rx.Component:
    book = actions.button(
        _("Book a visit for them"), StaffPatient.on_begin, icon=icons.calendar_add(), fits=True, writes=False
    )
    is_shown = StaffPatient.is_ready & ~StaffPatient.is_missing & ~StaffPatient.is_booking
    return rx.el.div(
        actions.link_button(_("Find another"), path("/staff/patients"), kind="quiet", fits=True),
        rx.cond(
            is_shown,
            actions.link_button(_("Put on the waiting list"), StaffPatient.wait_href, kind="second", fits=True),
            rx.fragment(),
        ),
        rx.cond(
            is_shown & (StaffPatient.caregivers_href != ""),
            actions.link_button(_("Caregivers"), StaffPatient.caregivers_href, kind="second", fits=True),
            rx.fragment(),
        ),
        rx.cond(
            is_shown & (StaffPatient.insurance_href != ""),
            actions.link_button(_("Insurance"), StaffPatient.insurance_href, kind="second", fits=True),
            rx.fragment(),
        ),
        rx.cond(
            is_shown & (StaffPatient.lists_href != ""),
            actions.link_button(_("Medicines and allergies"), StaffPatient.lists_href, kind="second", fits=True),
            rx.fragment(),
        ),
        rx.cond(is_shown, book, rx.fragment()),
        class_name="flex flex-wrap gap-2",
    )


def _missing() -> rx.Component:
    return states.empty(
        _("We could not find that chart"),
        _("It may belong to a place you do not work at. Look for the patient again."),
        icon=icons.search(),
        action=actions.link_button(_("Find a patient"), path("/staff/patients")),
    )


def _patient() -> rx.Component:
    return surfaces.stack(
        rx.cond(StaffPatient.is_booking, _booking(), rx.fragment()),
        surfaces.panes(
            surfaces.section(
                _("Who it is"),
                surfaces.card(_facts()),
                rx.cond(StaffPatient.seen_href != "", _seen(), rx.fragment()),
                _changed(),
            ),
            surfaces.stack(
                surfaces.section(
                    _("Coming up"),
                    rx.cond(
                        StaffPatient.upcoming.length() > 0,
                        _visits(StaffPatient.upcoming),
                        rx.el.p(_("No visit booked")),
                    ),
                ),
                rx.cond(
                    StaffPatient.past.length() > 0,
                    surfaces.section(_("Past and cancelled"), _visits(StaffPatient.past)),
                    rx.fragment(),
                ),
                chart_forms(),
                documents(_("Documents")),
            ),
        ),
    )


def _seen() -> rx.Component:
    return rx.el.p(actions.text_link(_("See as the patient sees"), StaffPatient.seen_href))


def _facts() -> rx.Component:
    def known(value: rx.Var[Any], otherwise: str) -> rx.Component:
        shown: rx.Component = rx.cond(value != "", rx.el.bdi(value), rx.fragment(otherwise))
        return shown

    return surfaces.facts(
        [
            (_("Wants to be called"), known(StaffPatient.called, _("As in the chart"))),
            (_("Pronouns"), known(StaffPatient.pronouns, _("Not said"))),
            (_("Born"), StaffPatient.born),
            (_("Language"), StaffPatient.language),
            (_("Telephone"), known(StaffPatient.phone, _("Not known"))),
            (_("E-mail"), known(StaffPatient.email, _("Does not sign in"))),
            (_("Wants to be reached"), StaffPatient.reached_by),
            (_("Portal"), actions.text_link(_("Invite, or see how far they are"), StaffPatient.invite_href)),
            (_("Own clinician"), known(StaffPatient.clinician, _("Nobody yet"))),
        ]
    )


def _changed() -> rx.Component:
    undo = actions.button(_("They say it was not them"), StaffContact.on_ask, kind="second", fits=True, writes=False)
    return rx.el.div(
        when_said(StaffContact.said, lambda text: surfaces.banner(text, tone="good")),
        when_said(StaffContact.changed, lambda text: surfaces.banner(text, tone="info", action=undo)),
        role="status",
    )


def _undo() -> rx.Component:
    return dialog.dialog(
        "undo-contact",
        _("Put the address back?"),
        rx.el.p(_("First be sure that you speak with the patient: ask what only they and their chart know.")),
        rx.el.p(_("The old address counts again, and everybody who is signed in as them is signed out.")),
        is_open=StaffContact.is_asking,
        on_dismiss=StaffContact.on_keep,
        actions=[
            actions.button(_("Put it back and sign everybody out"), StaffContact.on_undo, kind="critical"),
            actions.button(_("Leave it as it is"), StaffContact.on_keep, kind="second", writes=False),
        ],
    )


def _visits(visits: rx.Var[Any]) -> rx.Component:
    def one(row: rx.Var[Any]) -> rx.Component:
        tags = rx.el.span(
            when_said(row["mark"], lambda text: surfaces.tag(text, "caution")),
            surfaces.tag_by(row["tone"], row["status"]),
            class_name="flex flex-wrap justify-end gap-1",
        )
        return surfaces.row_item(surfaces.row(row["title"], row["detail"], end=tags))

    return surfaces.rows(rx.foreach(visits, one))


def _booking() -> rx.Component:
    choices = surfaces.stack(
        fields.choice_list(
            "visit-type",
            _("What is it for?"),
            StaffPatient.visit_types,
            chosen=StaffPatient.visit_type,
            on_choose=StaffPatient.on_visit_type,
        ),
        fields.segments(
            "how",
            _("In person or by video"),
            StaffPatient.modalities,
            chosen=StaffPatient.modality,
            on_choose=StaffPatient.on_modality,
        ),
        fields.choice_list(
            "person", _("With whom?"), StaffPatient.people, chosen=StaffPatient.person, on_choose=StaffPatient.on_person
        ),
        class_name="gap-4",
    )
    return surfaces.card(surfaces.panes(choices, _times()), is_first=True)


def _times() -> rx.Component:
    shown = surfaces.stack(
        slot_picker.times_to_tap(_("Free times"), StaffPatient.parts, on_tap=StaffPatient.on_time),
        rx.cond(
            StaffPatient.has_later,
            actions.button(_("Later days"), StaffPatient.on_later, kind="quiet", fits=True, writes=False),
            rx.fragment(),
        ),
    )
    none = rx.cond(
        StaffPatient.visit_type == "",
        rx.el.p(_("Choose what it is for: the free times appear here."), class_name="text-quiet"),
        rx.el.p(_("No free time in the next weeks. Choose somebody else, or the other way."), class_name="text-quiet"),
    )
    drawn: rx.Component = rx.cond(StaffPatient.parts.length() > 0, shown, none)
    return drawn


def _ask() -> rx.Component:
    return dialog.dialog(
        "ask-book",
        _("Book this time?"),
        rx.el.p(rx.el.b(StaffPatient.name), rx.el.br(), StaffPatient.chosen_words),
        rx.el.p(_("The patient gets an e-mail at once, if we have their address.")),
        rx.el.form(
            fields.text_field("reason", _("What is it about? (optional)"), max_length=500),
            on_submit=StaffPatient.on_book,
            custom_attrs={"id": FORM, "noValidate": True},
        ),
        is_open=StaffPatient.chosen != "",
        on_dismiss=StaffPatient.on_keep,
        actions=[
            actions.submit(_("Book it"), form=FORM),
            actions.button(_("Back to the times"), StaffPatient.on_keep, kind="second", writes=False),
        ],
    )


PAGE = Page(
    "/staff/patients/[id]",
    N_("Patient"),
    build,
    policy="patients.view",
    audience="staff",
    on_load=[StaffPatient.on_load, ChartForms.on_load],
)
