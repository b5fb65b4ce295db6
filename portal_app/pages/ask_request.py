"""Ask the practice for a time, in one's own words."""

import reflex as rx

from portal_app.components import actions, errors, keeping, skeleton, surfaces
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page
from portal_app.state.ask_request import AskRequest
from portal_app.web.page import Page

FORM = "ask-request"


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Ask us for a time"),
        skeleton.until(
            AskRequest.is_ready,
            surfaces.stack(skeleton.lines(2), skeleton.card(180)),
            _form(),
            loading=_("Opening the form"),
        ),
        back="/waiting",
        dock=rx.cond(skeleton.here(AskRequest.is_ready), actions.submit(_("Send it to us"), form=FORM), rx.fragment()),
    )


def _form() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"),
            [{"field": "words", "text": AskRequest.words_error}],
            is_shown=AskRequest.words_error != "",
            moment=AskRequest.attempt,
        ),
        surfaces.banner(
            _("Not for emergencies"), rx.el.span(_("If it cannot wait, call us now.")), call_us(), tone="caution"
        ),
        rx.el.form(
            keeping.kept_text(
                "words",
                _("What do you need, and when can you come?"),
                keep=AskRequest.keep_name,
                is_done=AskRequest.is_done,
                hint=_("Our front desk and clinical team read this."),
                error=AskRequest.words_error,
                rows=5,
            ),
            on_submit=AskRequest.on_ask,
            custom_attrs={"id": FORM, "noValidate": True},
        ),
        rx.el.p(AskRequest.promise),
    )


PAGE = Page(
    "/requests/ask",
    N_("Ask us for a time"),
    build,
    policy="waiting.ask",
    audience="patient",
    on_load=AskRequest.on_load,
)
