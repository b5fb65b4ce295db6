"""Ask to be told when an earlier time comes free."""

import reflex as rx

from portal_app.components import actions, errors, fields, skeleton, states, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, path
from portal_app.pages.waiting import rule
from portal_app.state.ask_earlier import AskEarlier
from portal_app.web.page import Page

FORM = "ask-earlier"


def build() -> rx.Component:
    """Draw the screen."""
    missing = states.error(
        _("We could not find that visit"),
        _("It may have been changed or removed. Your other visits are safe."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=call_us(),
    )
    return focus_page(
        _("Earlier times"),
        skeleton.until(
            AskEarlier.is_ready,
            surfaces.stack(skeleton.card(120), skeleton.rows(3)),
            rx.cond(AskEarlier.is_missing, missing, _form()),
            loading=_("Opening the form"),
        ),
        back="/waiting",
        dock=rx.cond(
            skeleton.here(AskEarlier.is_ready & ~AskEarlier.is_missing),
            actions.submit(_("Put me on the list"), form=FORM),
            rx.fragment(),
        ),
    )


def _form() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            AskEarlier.errors,
            is_shown=AskEarlier.errors.length() > 0,
            moment=AskEarlier.attempt,
        ),
        rx.el.div(
            when_said(
                AskEarlier.problem,
                lambda text: surfaces.banner(
                    text,
                    tone="caution",
                    action=actions.link_button(_("Earlier times"), path("/waiting"), kind="second"),
                ),
            ),
            role="status",
        ),
        surfaces.card(rx.el.h2(AskEarlier.title), surfaces.facts(AskEarlier.what), is_first=True),
        rx.el.form(
            surfaces.stack(
                fields.choice_list(
                    "who", _("Who would you like to see?"), AskEarlier.people, error=AskEarlier.who_error
                ),
                rx.cond(
                    AskEarlier.places.length() > 0,
                    fields.choice_list(
                        "where", _("Where can you come?"), AskEarlier.places, error=AskEarlier.where_error
                    ),
                    rx.fragment(),
                ),
                fields.check_boxes(
                    "days", _("Which days suit you?"), _("Tick none if any day suits."), AskEarlier.weekdays, "day"
                ),
                fields.check_boxes(
                    "parts", _("Which part of the day?"), _("Tick none if any time suits."), AskEarlier.parts, "part"
                ),
                fields.choice_list(
                    "notice",
                    _("How much notice do you need?"),
                    AskEarlier.notices,
                    hint=_("We do not offer you times that are sooner."),
                    error=AskEarlier.notice_error,
                ),
            ),
            on_submit=AskEarlier.on_ask,
            custom_attrs={"id": FORM, "noValidate": True},
        ),
        rule(),
    )


PAGE = Page(
    "/waiting/ask", N_("Earlier times"), build, policy="waiting.ask", audience="patient", on_load=AskEarlier.on_load
)
