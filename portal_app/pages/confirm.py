"""Confirm a time: who, when, where, the rules, and one button that says what will happen."""

import reflex as rx

from portal_app.components import actions, errors, keeping, skeleton, slot_picker, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.pages._private_visit import private_box
from portal_app.state.confirm import WARN_BEFORE_S, Confirm
from portal_app.state.private_visit import PrivateVisit
from portal_app.web.page import Page

FORM = "confirm"


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        rx.cond(Confirm.moving != "", _("Move your visit"), _("Confirm your visit")),
        keeping.time_kept(
            Confirm.seconds_left,
            warn_at_s=WARN_BEFORE_S,
            moment=Confirm.moment,
            on_warn=Confirm.on_warn,
            on_end=Confirm.on_end,
        ),
        skeleton.until(
            Confirm.is_ready,
            surfaces.stack(skeleton.card(300), skeleton.lines(4)),
            rx.cond(Confirm.is_held, _held(), _not_held()),
            loading=_("Keeping this time for you"),
        ),
        on_back=Confirm.on_leave,
        dock=rx.cond(Confirm.is_held, _dock(), rx.fragment()),
    )


def _held() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": "reason", "text": Confirm.reason_error}],
            is_shown=Confirm.reason_error != "",
            moment=Confirm.attempt,
        ),
        when_said(Confirm.moving, lambda text: surfaces.banner(text, tone="info")),
        surfaces.card(
            surfaces.person_line(Confirm.who, None, Confirm.initials), surfaces.facts(Confirm.facts), is_first=True
        ),
        rx.cond(Confirm.moving != "", _move_form(), _book_form()),
        rx.cond(
            Confirm.moving != "",
            rx.fragment(),
            actions.link_button(_("Repeat this visit"), Confirm.series_href, kind="quiet"),
        ),
    )


def _move_form() -> rx.Component:
    return rx.el.form(
        rx.el.p(_("Your old time is given up only when you have the new one."), class_name="quiet"),
        on_submit=Confirm.on_book,
        custom_attrs={"id": FORM, "noValidate": True},
    )


def _book_form() -> rx.Component:
    return rx.el.form(
        keeping.kept_text(
            "reason",
            _("What is it about? (optional)"),
            keep=Confirm.keep_name,
            is_done=Confirm.is_done,
            hint=_("A few words help your clinician prepare. Only they and their team read it."),
            error=Confirm.reason_error,
        ),
        private_box(),
        on_submit=Confirm.on_book,
        custom_attrs={"id": FORM, "noValidate": True},
    )


def _dock() -> rx.Component:
    return rx.fragment(
        rx.cond(Confirm.moment != "", _kept(), rx.fragment()),
        rx.el.small(Confirm.rule),
        actions.submit(Confirm.button, form=FORM),
    )


def _kept() -> rx.Component:
    drawn: rx.Component = slot_picker.held_until(
        rx.cond(Confirm.is_ending, _("We keep this time for you for one more minute."), Confirm.kept_until),
        extend=actions.button(_("Keep it five more minutes"), Confirm.on_extend, kind="second"),
        is_ending=Confirm.is_ending,
    )
    return drawn


def _not_held() -> rx.Component:
    def other(one: rx.Var[dict[str, str]]) -> rx.Component:
        return surfaces.row_item(surfaces.row(one["label"], on_click=Confirm.on_alternative(one["value"])))

    return surfaces.stack(
        states.focused(
            states.error(
                rx.cond(Confirm.moving != "", _("Your visit has not been moved"), _("You have not been booked")),
                Confirm.problem,
                action=actions.link_button(
                    _("Find another time"), rx.cond(Confirm.find_href != "", Confirm.find_href, path("/book"))
                ),
                ask=call_us(),
            ),
            moment=Confirm.attempt,
        ),
        rx.cond(
            Confirm.alternatives.length() > 0,
            surfaces.section(_("The nearest free times"), surfaces.rows(rx.foreach(Confirm.alternatives, other))),
            rx.fragment(),
        ),
    )


PAGE = Page(
    "/book/confirm",
    N_("Confirm your visit"),
    build,
    policy="booking.hold",
    audience="patient",
    on_load=[Confirm.on_load, PrivateVisit.on_load],
)
