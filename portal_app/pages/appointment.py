"""One appointment, one page."""

import reflex as rx

from portal_app.components import actions, dialog, fields, icons, keeping, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._documents import documents, locked_documents
from portal_app.pages._frames import call_us, focus_page, only_seen, path, unless_only_seen
from portal_app.pages._private_visit import private_part
from portal_app.pages._visit_forms import visit_forms
from portal_app.pages._visit_summary import summary_part
from portal_app.state.appointment import Appointment
from portal_app.state.documents import Documents
from portal_app.state.frame import Frame
from portal_app.state.private_visit import PrivateVisit
from portal_app.state.visit_forms import VisitForms
from portal_app.state.visit_summary import VisitSummary
from portal_app.web.page import Page

CANCEL_FORM = "cancel"


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that visit"),
        _("It may have been changed or removed. Your other visits are safe."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=call_us(),
    )
    return focus_page(
        _("Your visit"),
        skeleton.until(
            Appointment.is_missing
            | (Appointment.is_ready & VisitSummary.is_settled & Documents.is_settled & VisitForms.is_settled),
            surfaces.stack(skeleton.card(320), skeleton.rows(5, 80)),
            rx.cond(Appointment.is_missing, missing, _visit()),
            loading=_("Opening your visit"),
        ),
        _ask(),
        back="/appointments",
    )


def _visit() -> rx.Component:
    return surfaces.stack(
        rx.cond(Appointment.is_new, _booked(), rx.fragment()),
        rx.cond(Appointment.is_moved_here, _moved(), rx.fragment()),
        rx.cond(Appointment.is_cancelled_here, _cancelled(), rx.fragment()),
        rx.cond(Appointment.is_restored_here, _restored(), rx.fragment()),
        rx.el.div(
            when_said(Appointment.late, lambda text: surfaces.banner(text, tone="caution")),
            when_said(Appointment.news, lambda text: surfaces.banner(text, tone="info")),
            when_said(Appointment.problem, lambda text: surfaces.banner(text, _call(), tone="caution")),
            role="status",
        ),
        surfaces.card(
            rx.el.div(
                rx.el.h2(Appointment.title),
                surfaces.tag_by(Appointment.tone, Appointment.status),
                class_name="flex flex-wrap items-start justify-between gap-2",
            ),
            when_said(Appointment.stage, rx.el.p),
            surfaces.person_line(Appointment.who, Appointment.specialty, Appointment.initials),
            surfaces.facts(Appointment.facts),
            is_first=True,
        ),
        unless_only_seen(visit_forms()),
        summary_part(),
        documents(_("What you sent in this visit")),
        locked_documents(),
        _actions(),
        private_part(),
    )


def _booked() -> rx.Component:
    return states.done(
        _("Your visit is booked"),
        _("We have sent you an e-mail with the time and place. You can always come back to this page."),
    )


def _moved() -> rx.Component:
    return states.done(
        _("Your visit is moved"),
        _("We have sent you an e-mail with the new time. If it is in your calendar, the e-mail moves it there too."),
    )


def _cancelled() -> rx.Component:
    return states.done(
        _("Your visit is cancelled"),
        _("You need do nothing more. In a minute we send you an e-mail that says so."),
    )


def _restored() -> rx.Component:
    return states.done(_("Your visit is booked again"), _("Nothing has changed: same time, same place."))


def _undo() -> rx.Component:
    return rx.fragment(
        keeping.time_kept(
            Appointment.undo_s,
            warn_at_s=0,
            moment=Appointment.moment,
            on_warn=Appointment.on_undo_over,
            on_end=Appointment.on_undo_over,
        ),
        rx.el.p(_("For one minute you can undo this, unless someone takes the time first."), class_name="quiet"),
        actions.button(Appointment.undo, Appointment.on_undo, kind="second"),
    )


def _actions() -> rx.Component:
    return surfaces.stack(
        only_seen(),
        unless_only_seen(_confirm()),
        rx.cond(Frame.is_looked_at, rx.fragment(), when_said(Appointment.calendar_href, _calendar)),
        rx.cond(
            (Appointment.copay != "") & ~Frame.closed.contains(path("/bills")) & ~Frame.is_looked_at,
            actions.link_button(
                Appointment.copay,
                Appointment.cost_href.replace("/estimates?", "/pay?"),
                kind="second",
                icon=icons.bill(),
            ),
            rx.fragment(),
        ),
        rx.cond(
            (Appointment.cost_href != "") & ~Frame.closed.contains(path("/bills")) & ~Frame.is_looked_at,
            actions.link_button(_("What will it cost?"), Appointment.cost_href, kind="second", icon=icons.bill()),
            rx.fragment(),
        ),
        when_said(
            Appointment.directions_url,
            lambda href: actions.document_link(_("Show the way there"), href, kind="second", icon=icons.place()),
        ),
        _call(),
        when_said(Appointment.rule, lambda text: rx.el.p(text, class_name="quiet")),
        unless_only_seen(_changes()),
        class_name="gap-3",
    )


def _confirm() -> rx.Component:
    return rx.fragment(
        rx.cond(Appointment.undo_s > 0, _undo(), rx.fragment()),
        when_said(Appointment.check_in_href, lambda href: actions.link_button(_("Check in"), href, icon=icons.check())),
        when_said(
            Appointment.join_href,
            lambda href: actions.link_button(_("Join the video visit"), href, icon=icons.video()),
        ),
        when_said(Appointment.join_from, rx.el.p),
        rx.cond(
            Appointment.can_confirm & ~Appointment.is_new & ~Appointment.is_moved_here,
            actions.button(_("I will come"), Appointment.on_confirm, kind="second", icon=icons.check()),
            rx.fragment(),
        ),
    )


def _calendar(href: rx.Var[str]) -> rx.Component:
    return actions.document_link(_("Add to your calendar"), href, kind="second", icon=icons.calendar_add())


def _changes() -> rx.Component:
    return rx.fragment(
        rx.cond(
            Appointment.is_over,
            actions.link_button(_("Book another visit"), path("/book"), kind="second"),
            rx.fragment(),
        ),
        when_said(
            Appointment.move_href,
            lambda href: actions.link_button(_("Move to another time"), href, kind="second", icon=icons.clock()),
        ),
        when_said(
            Appointment.earlier_href,
            lambda href: actions.link_button(
                _("Tell me if an earlier time comes free"), href, kind="second", icon=icons.bell()
            ),
        ),
        rx.cond(
            Appointment.can_cancel,
            actions.button(_("Cancel this visit"), Appointment.on_ask, kind="critical_second"),
            rx.fragment(),
        ),
    )


def _call() -> rx.Component:
    return actions.document_link(Appointment.phone_name, "tel:" + Appointment.phone, kind="second", icon=icons.phone())


def _ask() -> rx.Component:
    return dialog.dialog(
        "ask-cancel",
        _("Cancel this visit?"),
        rx.el.p(Appointment.title),
        rx.cond(Appointment.is_asking, _why(), rx.fragment()),
        rx.el.p(_("The time is then free for someone else. For one minute you can undo it.")),
        is_open=Appointment.is_asking,
        on_dismiss=Appointment.on_keep,
        actions=[
            actions.submit(_("Yes, cancel it"), form=CANCEL_FORM, kind="critical"),
            actions.button(_("Keep it"), Appointment.on_keep, kind="second", writes=False),
        ],
    )


def _why() -> rx.Component:
    """Draw the question anew each time it is asked, so that nothing is chosen from the time before."""
    return rx.el.form(
        fields.choice_list("why", _("Why do you cancel? (optional)"), Appointment.whys),
        fields.multi_line("words", _("Anything we should know? (optional)"), rows=2, error=Appointment.words_error),
        when_said(Appointment.rest, lambda text: fields.check_box("rest", text)),
        on_submit=Appointment.on_cancel,
        class_name="grid grid-cols-1 gap-4",
        custom_attrs={"id": CANCEL_FORM, "noValidate": True},
    )


PAGE = Page(
    "/appointments/[id]",
    N_("Your visit"),
    build,
    policy="booking.view",
    audience="patient",
    on_load=[Appointment.on_load, PrivateVisit.on_load, VisitSummary.on_load, Documents.on_load, VisitForms.on_load],
)
