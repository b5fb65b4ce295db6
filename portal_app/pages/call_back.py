"""Ask to be called: what about, on which number; then how it stands."""

import reflex as rx

from portal_app.components import actions, errors, fields, skeleton, surfaces
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import call_us, focus_page, only_seen, unless_only_seen
from portal_app.state.call_back import CallBack
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    return focus_page(
        _("Ask us to call you"),
        skeleton.until(
            CallBack.is_ready,
            surfaces.stack(skeleton.card(160), skeleton.card(320)),
            surfaces.stack(
                rx.el.div(when_said(CallBack.title, _status), role="status"),
                only_seen(),
                unless_only_seen(rx.cond(CallBack.is_open, _open(), _form())),
            ),
            loading=_("Looking up your call-back"),
        ),
        back="/",
    )


def _status(title: rx.Var[str]) -> rx.Component:
    return surfaces.card(
        rx.el.h2(title),
        rx.el.p(rx.el.bdi(CallBack.detail)),
        when_said(CallBack.private, rx.el.p),
        when_said(CallBack.tried, lambda text: surfaces.banner(text, tone="caution")),
        is_first=True,
    )


def _open() -> rx.Component:
    return surfaces.stack(
        call_us(),
        actions.button(_("I no longer need a call"), CallBack.on_take_back, kind="quiet"),
        class_name="gap-3",
    )


def _form() -> rx.Component:
    return surfaces.stack(
        errors.error_summary(
            _("There is a problem"), CallBack.errors, is_shown=CallBack.errors.length() > 0, moment=CallBack.attempt
        ),
        rx.el.form(
            fields.choice_list(
                "purpose", _("What should we call you about?"), CallBack.purposes, error=CallBack.purpose_error
            ),
            fields.text_field(
                "number",
                _("On which number?"),
                type="tel",
                autocomplete="tel",
                error=CallBack.number_error,
                more={"dir": "ltr"},
            ),
            fields.multi_line(
                "words",
                _("A few words (optional)"),
                hint=_("Only clinicians and nurses read this."),
                error=CallBack.words_error,
                rows=3,
            ),
            actions.submit(_("Call me back")),
            on_submit=CallBack.on_ask,
            class_name="grid gap-5",
            custom_attrs={"noValidate": True},
        ),
        call_us(),
    )


PAGE = Page(
    "/call-back",
    N_("Ask us to call you"),
    build,
    policy="callback.view",
    audience="patient",
    on_load=CallBack.on_load,
)
